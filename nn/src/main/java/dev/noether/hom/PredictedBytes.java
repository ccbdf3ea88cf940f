package dev.noether.hom;

import dev.noether.basis.IsotypicBasis;
import dev.noether.rep.HomSpace;
import dev.noether.rep.Representation;
import dev.noether.torch.Dtype;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

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
    long places = 0;
    Optional<List<SummandPair>> pairs = SlotRealization.blocks(from, to);
    if (pairs.isPresent()) {
      numbers +=
          pairs.get().stream()
              .flatMap(pair -> pair.batches().stream())
              .mapToLong(SummandPair.Batch::keptNumbers)
              .sum();
      places = Places.bytes(from, to, pairs.get());
      numbers +=
          SmallPairs.fit(from, to, pairs.get()) ? SmallPairs.numbers(from, to, pairs.get()) : 0;
    }
    boolean sorted = pairs.isEmpty() && expansion == BasisExpansion.ISOTYPIC_EXPANSION;
    if (!sorted && isReordered(space, from, to, expansion, pairs)) {
      indices += space.dim();
    }
    for (HomSpace.Block block : space.blocks()) {
      long d = block.irrep().dimension();
      numbers += pairs.isPresent() ? 0 : block.irrep().type().endomorphismDimension() * d * d;
    }
    long changes =
        pairs.isPresent()
            ? 0
            : IsotypicBasis.predictedBytes(space.in(), dtype)
                + IsotypicBasis.predictedBytes(space.out(), dtype);
    return changes + numbers * dtype.bytes() + places + indices * INDEX_BYTES;
  }

  private static boolean isReordered(
      HomSpace space,
      Summands from,
      Summands to,
      BasisExpansion expansion,
      Optional<List<SummandPair>> pairs) {
    int[] own = CoefficientOrder.of(expansion, space, from, to);
    int[] inner =
        pairs
            .map(blocks -> CoefficientOrder.ofBlocks(space, from, to, blocks))
            .orElseGet(
                () -> CoefficientOrder.of(BasisExpansion.ISOTYPIC_EXPANSION, space, from, to));
    return !Arrays.equals(own, inner);
  }
}
