package dev.noether.hom;

import dev.noether.group.Irrep;
import dev.noether.rep.HomSpace;
import dev.noether.rep.Representation;
import dev.noether.torch.Dtype;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** The memory of an equivariant linear map, from its representations alone. */
public final class PredictedBytes {
  private static final int INDEX_BYTES = 4;

  private PredictedBytes() {}

  /**
   * The bytes of the coefficients and of the tensors that turn them into maps, for dense and
   * spectral execution together.
   *
   * @param in the representation of the input
   * @param out the representation of the output
   * @param expansion the coordinates of the coefficients
   * @param dtype the dtype
   * @return the bytes that a layer without a bias will hold
   * @throws IllegalArgumentException if the groups differ
   */
  public static long of(
      Representation in, Representation out, BasisExpansion expansion, Dtype dtype) {
    HomSpace space = HomSpace.between(in, out);
    Summands from = new Summands(in);
    Summands to = new Summands(out);
    long numbers = space.dim();
    long indices = 0;
    Optional<List<SummandPair>> pairs = SlotRealization.blocks(from, to);
    if (pairs.isPresent()) {
      numbers +=
          pairs.get().stream()
              .flatMap(pair -> pair.batches().stream())
              .mapToLong(SummandPair.Batch::keptNumbers)
              .sum();
      indices += 2L * in.size() * out.size();
    } else {
      numbers += (long) in.size() * in.size() + (long) out.size() * out.size();
    }
    int[] own = CoefficientOrder.of(expansion, space, from, to);
    int[] inner =
        pairs
            .map(blocks -> CoefficientOrder.ofBlocks(space, from, to, blocks))
            .orElseGet(
                () -> CoefficientOrder.of(BasisExpansion.ISOTYPIC_EXPANSION, space, from, to));
    if (!Arrays.equals(own, inner)) {
      indices += 2L * space.dim();
    }
    boolean signs = false;
    for (HomSpace.Block block : space.blocks()) {
      long d = block.irrep().dimension();
      long s = block.irrep().type().endomorphismDimension();
      indices += s * block.dim();
      numbers += pairs.isPresent() ? 0 : s * d * d;
      signs |= s > 1;
    }
    numbers +=
        signs
            ? space.blocks().stream()
                .mapToLong(b -> (long) b.irrep().type().endomorphismDimension() * b.dim())
                .sum()
            : 0;
    List<Irrep> shared = space.blocks().stream().map(HomSpace.Block::irrep).toList();
    List<Irrep> outIrreps = SpectralMap.outIrreps(space);
    numbers += runs(in, shared) + runs(out, outIrreps);
    indices += trivialOrder(in, shared) + trivialOrder(out, outIrreps);
    return numbers * dtype.bytes() + indices * INDEX_BYTES;
  }

  /** The changes of basis of the runs of equal summands. */
  private static long runs(Representation side, List<Irrep> irreps) {
    List<Representation> summands = side.summands();
    long numbers = 0;
    for (int i = 0; i < summands.size(); i++) {
      if (i == 0 || !summands.get(i).equals(summands.get(i - 1))) {
        numbers += SpectralBasis.keptNumbers(summands.get(i), irreps);
      }
    }
    return numbers;
  }

  /** The places of the trivial copies, where several summands in a row have several each. */
  private static long trivialOrder(Representation side, List<Irrep> irreps) {
    Irrep trivial = side.group().trivialIrrep();
    List<Representation> summands = side.summands();
    long copies = 0;
    boolean reordered = false;
    for (int i = 0; i < summands.size(); i++) {
      long own = summands.get(i).irreps().stream().filter(trivial::equals).count();
      copies += own;
      reordered |= own > 1 && i > 0 && summands.get(i).equals(summands.get(i - 1));
    }
    return reordered && irreps.contains(trivial) ? copies : 0;
  }
}
