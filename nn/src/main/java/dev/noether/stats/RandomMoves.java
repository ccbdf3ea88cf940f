package dev.noether.stats;

import dev.noether.basis.IsotypicBasis;
import dev.noether.group.FiniteGroup;
import dev.noether.group.FiniteIrrep;
import dev.noether.rep.IsotypicDecomposition;
import dev.noether.torch.Dtype;
import dev.noether.torch.TensorKind;
import dev.noether.torch.Tensors;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Moves samples, in isotypic coordinates, each by an element of its own.
 *
 * @param decomposition how they transform
 * @param tables per block the matrices of all elements, {@code [order, d, d]}
 * @param seed of the numbered draws
 * @param wide float64 where the samples are
 */
record RandomMoves(
    IsotypicDecomposition decomposition, List<Tensor> tables, long seed, TensorKind wide) {
  private static final long GOLDEN = 0x9E3779B97F4A7C15L;

  /** Tables in the scope that is open. */
  static RandomMoves of(IsotypicDecomposition decomposition, long seed, TensorKind wide) {
    List<Tensor> tables = new ArrayList<>();
    FiniteGroup group = decomposition.representation().finiteGroup();
    int order = group.order();
    for (IsotypicDecomposition.Block block : decomposition.blocks()) {
      FiniteIrrep irrep = group.irrep(block.irrep().id());
      int d = irrep.dimension();
      double[] entries = new double[order * d * d];
      for (int i = 0; i < entries.length; i++) {
        entries[i] = irrep.entry(i / (d * d), i / d % d, i % d);
      }
      tables.add(wide.convert(Tensors.of(Dtype.FLOAT64, entries, order, d, d)));
    }
    return new RandomMoves(decomposition, tables, seed, wide);
  }

  /** Rows moved some times, one time after the other: {@code [moves * rows, size]}. */
  Tensor moved(Tensor coordinates, long rows, long firstSample, int firstMove, int moves) {
    long[] elements = new long[Math.toIntExact(rows * moves)];
    int order = decomposition.representation().finiteGroup().order();
    for (int i = 0; i < elements.length; i++) {
      elements[i] = element(firstMove + i / rows, firstSample + i % rows, order);
    }
    return moved(moves == 1 ? coordinates : coordinates.repeat(moves, 1), elements);
  }

  /** Each row moved by its element. */
  Tensor moved(Tensor coordinates, long[] elements) {
    Tensor chosen =
        Tensors.of(elements, elements.length).to(wide.device().toTorch(), ScalarType.Long);
    List<Tensor> parts = new ArrayList<>();
    long count = coordinates.size(0);
    for (int b = 0; b < tables.size(); b++) {
      IsotypicDecomposition.Block block = decomposition.blocks().get(b);
      Tensor matrices = tables.get(b).index_select(0, chosen); // [N, d, d]
      Tensor copies = IsotypicBasis.copies(coordinates, block); // [N, m, d]
      Tensor turned = copies.mul(new Scalar(0.0));
      for (int j = 0; j < block.irrep().dimension(); j++) {
        turned.add_(copies.narrow(2, j, 1).mul(matrices.select(2, j).unsqueeze(1)));
      }
      parts.add(turned.reshape(count, block.dimension()));
    }
    return Tensors.concatenate(1, parts.toArray(Tensor[]::new));
  }

  /** The element that moves a sample: a function of seed, move and sample alone. */
  private int element(long move, long sample, int order) {
    long bits = mixed(mixed(mixed(seed) + move * GOLDEN) + sample * GOLDEN);
    return (int) (((bits >>> 32) * order) >>> 32);
  }

  /** The finalizer of SplitMix64 (Steele, Lea and Flood, 2014). */
  private static long mixed(long bits) {
    long z = bits + GOLDEN;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
