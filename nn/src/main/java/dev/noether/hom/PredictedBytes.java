package dev.noether.hom;

import dev.noether.rep.HomSpace;
import dev.noether.rep.Representation;
import dev.noether.torch.Dtype;
import java.util.Arrays;

/** The memory of a basis of equivariant maps, from its representations alone. */
final class PredictedBytes {
  private static final int INDEX_BYTES = 4;

  private PredictedBytes() {}

  /** The bytes of one vector of coefficients and of the tensors that turn it into a map. */
  static long of(Representation in, Representation out, BasisExpansion expansion, Dtype dtype) {
    HomSpace space = HomSpace.between(in, out);
    Summands from = new Summands(in);
    Summands to = new Summands(out);
    long numbers = space.dim();
    long indices = 0;
    long pairs = 0;
    boolean slots = true;
    for (Summands.Kind kindOut : to.kinds()) {
      for (Summands.Kind kindIn : from.kinds()) {
        long dim = HomSpace.between(kindIn.representation(), kindOut.representation()).dim();
        boolean monomial =
            SummandPair.permutations(kindOut).isPresent()
                && SummandPair.permutations(kindIn).isPresent();
        long entries = (long) kindIn.representation().size() * kindOut.representation().size();
        slots &= monomial || SlotRealization.admits(dim * entries, expansion);
        long slotCount = monomial ? dim : dim == 0 ? 0 : entries;
        pairs += 2 * dim * slotCount + slotCount;
      }
    }
    if (slots) {
      numbers += pairs;
      indices += 2L * in.size() * out.size();
    } else {
      numbers += (long) in.size() * in.size() + (long) out.size() * out.size();
    }
    int[] own = CoefficientOrder.of(expansion, space, from, to);
    int[] inner =
        CoefficientOrder.of(
            slots ? BasisExpansion.PER_SUMMAND : BasisExpansion.ISOTYPIC_EXPANSION,
            space,
            from,
            to);
    if (!Arrays.equals(own, inner)) {
      indices += 2L * space.dim();
    }
    for (HomSpace.Block block : space.blocks()) {
      long d = block.irrep().dimension();
      numbers += slots ? 0 : block.irrep().type().endomorphismDimension() * d * d;
    }
    return numbers * dtype.bytes() + indices * INDEX_BYTES;
  }
}
