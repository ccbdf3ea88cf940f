package dev.noether.hom;

import dev.noether.group.Irrep;
import dev.noether.rep.HomSpace;
import dev.noether.rep.IsotypicDecomposition;
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
    numbers +=
        runs(space.in(), space.blocks().stream().map(HomSpace.Block::irrep).toList())
            + runs(space.out(), SpectralMap.outIrreps(space));
    return numbers * dtype.bytes() + indices * INDEX_BYTES;
  }

  /** The changes of basis of the runs of equal summands. */
  private static long runs(IsotypicDecomposition side, List<Irrep> irreps) {
    List<Representation> summands = side.representation().summands();
    long numbers = 0;
    for (int i = 0; i < summands.size(); i++) {
      if (i == 0 || !summands.get(i).equals(summands.get(i - 1))) {
        Representation summand = summands.get(i);
        long columns = 0;
        for (Irrep irrep : irreps) {
          columns += irrep.dimension() * summand.irreps().stream().filter(irrep::equals).count();
        }
        boolean plain = summand.irreps().size() == 1 && summand.size() == columns;
        numbers +=
            plain || columns == 0 ? 0 : (long) SpectralBasis.padded((int) columns) * summand.size();
      }
    }
    return numbers;
  }
}
