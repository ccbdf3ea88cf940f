package dev.noether.spectral;

import dev.noether.algebra.Matrix;
import dev.noether.group.IrrepType;
import dev.noether.rep.HomSpace;
import dev.noether.rep.IsotypicDecomposition;
import dev.noether.torch.Buffers;
import dev.noether.torch.Dtype;
import dev.noether.torch.LazyBuffers;
import dev.noether.torch.Tensors;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Large matrices, whose places would take more memory than the coefficients: these are read as they
 * are stored, and the features are turned by the units of the irrep's endomorphisms instead of the
 * weights.
 */
final class StoredMixing extends SpectralMixing {
  private final LazyBuffers<List<Part>> parts;
  private final UnaryOperator<Tensor> sorted;
  private final Buffers buffers = new Buffers();

  /**
   * A matrix: Column (u, e) of the units is row u of endomorphism e; the orders take columns of
   * features to [row of the endomorphism algebra, copy] and back, and are null where they do
   * nothing.
   */
  private record Part(
      HomSpace.Block block, @Nullable Tensor units, @Nullable Tensor in, @Nullable Tensor out) {
    /** From features {@code [rows, columns in]} and the block's coefficients. */
    Tensor apply(Tensor features, Tensor coefficients) {
      long s = block.irrep().type().endomorphismDimension();
      long from = block.in().multiplicity();
      long rows = features.size(0);
      Tensor own = in == null ? features : features.index_select(1, in);
      Tensor turned =
          units == null
              ? own
              : own.view(rows, s, from)
                  .transpose(1, 2)
                  .reshape(rows * from, s)
                  .mm(units)
                  .view(rows, from, s, s)
                  .transpose(1, 2)
                  .reshape(rows * s, from * s);
      Tensor mixed = turned.mm(coefficients.view(-1, from * s).t()).view(rows, -1);
      return out == null ? mixed : mixed.index_select(1, out);
    }
  }

  /**
   * For maps between two bases.
   *
   * @param like a tensor of the coefficients' dtype and device
   * @param sorted takes coefficients into the isotypic order
   */
  StoredMixing(
      HomSpace space,
      SpectralBasis in,
      SpectralBasis out,
      Tensor like,
      UnaryOperator<Tensor> sorted) {
    super(space, space.blocks().stream().mapToLong(HomSpace.Block::dim).toArray());
    this.sorted = sorted;
    parts = new LazyBuffers<>(like, (dtype, into) -> parts(space, in, out, dtype, into));
    buffers.addLazy("", parts);
  }

  private static List<Part> parts(
      HomSpace space, SpectralBasis in, SpectralBasis out, Dtype dtype, Buffers into) {
    List<Part> parts = new ArrayList<>();
    for (int k = 0; k < space.blocks().size(); k++) {
      HomSpace.Block block = space.blocks().get(k);
      boolean real = block.irrep().type() == IrrepType.REAL;
      parts.add(
          new Part(
              block,
              real ? null : into.add("units_" + k, dtype, units(block)),
              index(into, "in_" + k, inverse(places(block.in(), in.columns(k)))),
              index(into, "out_" + k, places(block.out(), out.columns(k)))));
    }
    return parts;
  }

  private static @Nullable Tensor index(Buffers into, String name, int[] places) {
    return isOrdered(places) ? null : into.add(name, Tensors.ofIndices(places));
  }

  private static boolean isOrdered(int[] places) {
    return IntStream.range(0, places.length).allMatch(i -> places[i] == i);
  }

  /** Where each column stands in the order [row of the endomorphism algebra, copy]. */
  private static int[] places(IsotypicDecomposition.Block side, List<Integer> columns) {
    int s = side.irrep().type().endomorphismDimension();
    int copies = side.multiplicity();
    return columns.stream().mapToInt(column -> column % s * copies + column / s).toArray();
  }

  private static int[] inverse(int[] places) {
    int[] inverse = new int[places.length];
    IntStream.range(0, places.length).forEach(i -> inverse[places[i]] = i);
    return inverse;
  }

  /** Row v, column (u, e): entry (u, v) of the unit of endomorphism e, {@code [S, S * S]}. */
  private static Matrix units(HomSpace.Block block) {
    List<Matrix> units = block.irrep().units();
    int s = units.size();
    double[] entries = new double[s * s * s];
    for (int e = 0; e < s; e++) {
      for (int u = 0; u < s; u++) {
        for (int v = 0; v < s; v++) {
          entries[(v * s + u) * s + e] = units.get(e).get(u, v);
        }
      }
    }
    return Matrix.of(s, s * s, entries);
  }

  /** The bytes of the tensors, before anything is allocated. */
  static long predictedBytes(HomSpace space, Dtype dtype) {
    long bytes = 0;
    for (HomSpace.Block block : space.blocks()) {
      long s = block.irrep().type().endomorphismDimension();
      bytes += s > 1 ? s * s * s * dtype.bytes() : 0;
      bytes += predictedBytes(space.in(), block.in()) + predictedBytes(space.out(), block.out());
    }
    return bytes;
  }

  private static long predictedBytes(
      IsotypicDecomposition space, IsotypicDecomposition.Block side) {
    int[] places = places(side, SpectralBasis.columns(space.representation(), side.irrep()));
    return isOrdered(places) ? 0 : (long) places.length * Integer.BYTES;
  }

  @Override
  Buffers buffers() {
    return buffers;
  }

  @Override
  Tensor of(Tensor coefficients) {
    return sorted.apply(coefficients);
  }

  @Override
  Tensor product(int block, Tensor features, Tensor coefficients) {
    return parts.get().get(block).apply(features, coefficients);
  }
}
