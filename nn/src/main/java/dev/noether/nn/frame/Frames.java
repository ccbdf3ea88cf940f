package dev.noether.nn.frame;

import dev.noether.algebra.Matrix;
import dev.noether.rep.Representation;
import dev.noether.torch.Buffers;
import dev.noether.torch.Dtype;
import dev.noether.torch.Scopes;
import dev.noether.torch.Tensors;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * The matrices of some elements on a representation, side by side: equal summands share theirs, and
 * one product applies all of them.
 */
final class Frames {
  /** The matrices of a summand, {@code [s, elements s]} or {@code [elements s, s]}. */
  private record Run(Representation.Run summands, Tensor matrices) {
    /** Of {@code [samples, size]}, {@code [elements, samples, size of the run]}. */
    Tensor turn(Tensor rows, int elements) {
      long s = summands.summand().size();
      return rows.narrow(1, summands.start(), summands.size())
          .reshape(-1, s)
          .mm(matrices)
          .reshape(-1, summands.count(), elements, s)
          .permute(2, 0, 1, 3)
          .reshape(elements, -1, summands.size());
    }

    /** Of {@code [elements, samples, size]}, {@code [samples, size of the run]}. */
    Tensor average(Tensor turned, int elements) {
      long s = summands.summand().size();
      return turned
          .narrow(2, summands.start(), summands.size())
          .reshape(elements, -1, summands.count(), s)
          .permute(1, 2, 0, 3)
          .reshape(-1, elements * s)
          .mm(matrices)
          .reshape(-1, summands.size());
    }
  }

  private final int elements;
  private final List<Run> runs = new ArrayList<>();
  private final Buffers buffers = new Buffers();

  private Frames(int elements) {
    this.elements = elements;
  }

  /** The matrices that turn features by every element: columns of rho(g)^T. */
  static Frames turning(Representation rho, List<Integer> elements, Dtype dtype) {
    return of(rho, elements, dtype, true);
  }

  /** The matrices that turn features back and average: rows of rho(g) / elements. */
  static Frames averaging(Representation rho, List<Integer> elements, Dtype dtype) {
    return of(rho, elements, dtype, false);
  }

  private static Frames of(
      Representation rho, List<Integer> elements, Dtype dtype, boolean turning) {
    Frames frames = new Frames(elements.size());
    for (Representation.Run run : rho.runs()) {
      Matrix matrices = matrices(run.summand(), elements, turning);
      frames.runs.add(
          new Run(run, frames.buffers.add(frames.runs.size() + ".matrices", dtype, matrices)));
    }
    return frames;
  }

  private static Matrix matrices(Representation rho, List<Integer> elements, boolean turning) {
    int s = rho.size();
    int k = elements.size();
    double[] entries = new double[Math.multiplyExact(Math.multiplyExact(s, s), k)];
    for (int g = 0; g < k; g++) {
      Matrix matrix = rho.at(rho.finiteGroup().element(elements.get(g)));
      for (int i = 0; i < s; i++) {
        for (int j = 0; j < s; j++) {
          if (turning) {
            entries[(i * k + g) * s + j] = matrix.get(j, i);
          } else {
            entries[(g * s + i) * s + j] = matrix.get(i, j) / k;
          }
        }
      }
    }
    return turning ? Matrix.of(s, k * s, entries) : Matrix.of(k * s, s, entries);
  }

  Buffers buffers() {
    return buffers;
  }

  /** {@code [samples, size]} to {@code [elements, samples, size]}. */
  Tensor turn(Tensor rows) {
    return Tensors.join(2, runs.stream().map(run -> run.turn(rows, elements)).toList());
  }

  /** {@code [elements, samples, size]} to {@code [samples, size]}. */
  Tensor average(Tensor turned) {
    return Tensors.join(1, runs.stream().map(run -> run.average(turned, elements)).toList());
  }

  /** What {@link #turn} does as one matrix, {@code [size, elements size]}. */
  Tensor dense(long size) {
    return Scopes.compute(
        () -> turn(identity(size)).permute(1, 0, 2).reshape(size, elements * size).contiguous());
  }

  /** What {@link #average} does as one matrix, {@code [elements size, size]}. */
  Tensor denseAverage(long size) {
    long rows = elements * size;
    return Scopes.compute(
        () -> average(identity(rows).reshape(rows, elements, size).permute(1, 0, 2)));
  }

  /** What adds up turned features, {@code [elements size, size]}. */
  Tensor denseSum(long size) {
    return Scopes.compute(() -> identity(size).repeat(elements, 1).contiguous());
  }

  /** A tensor of the dtype that these have. */
  Tensor any() {
    return runs.get(0).matrices;
  }

  private Tensor identity(long size) {
    Tensor ones = any().new_zeros(size, size);
    ones.diagonal().fill_(new Scalar(1.0));
    return ones;
  }
}
