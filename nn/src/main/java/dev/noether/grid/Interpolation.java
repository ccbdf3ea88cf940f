package dev.noether.grid;

import dev.noether.algebra.Matrix;
import dev.noether.torch.Dtype;
import dev.noether.torch.Tensors;
import java.util.Arrays;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Values between the places of a grid: x(A^-1 p), in float64 with float64 places. */
final class Interpolation {
  /** Of LibTorch's samplers: bilinear or trilinear, and bicubic. */
  private static final long LINEAR = 0;

  private static final long CUBIC = 2;

  private static final long ZEROS = 0;

  private Interpolation() {}

  /** Moves the last axes by a matrix that acts on (x, y) or (x, y, z). */
  static Tensor apply(Matrix action, Tensor fields) {
    int dimension = action.rows();
    long[] shape = Tensors.shape(fields);
    long[] grid = Arrays.copyOfRange(shape, shape.length - dimension, shape.length);
    long points = Arrays.stream(grid).reduce(1, Math::multiplyExact);
    double[] sources = new double[Math.toIntExact(points * dimension)];
    for (int p = 0; p < points; p++) {
      source(action, grid, p, sources);
    }
    long[] flat = new long[dimension + 2];
    flat[0] = 1;
    flat[1] = -1;
    System.arraycopy(grid, 0, flat, 2, dimension);
    long[] places = new long[dimension + 2];
    places[0] = 1;
    System.arraycopy(grid, 0, places, 1, dimension);
    places[dimension + 1] = dimension;
    Tensor wide = fields.reshape(flat);
    Tensor at = Tensors.of(Dtype.FLOAT64, sources, places).to(fields.device(), wide.scalar_type());
    return torch
        .grid_sampler(wide, at, dimension == 2 ? CUBIC : LINEAR, ZEROS, true)
        .reshape(shape);
  }

  /** Rows and depths run against their coordinates. */
  private static int down(int coordinate) {
    return coordinate == 0 ? 1 : -1;
  }

  /** Where a point's value comes from, from -1 to 1 on each axis, the last axis first. */
  private static void source(Matrix action, long[] grid, int point, double[] sources) {
    int dimension = grid.length;
    double[] p = new double[dimension];
    long rest = point;
    for (int a = 0; a < dimension; a++) {
      long size = grid[dimension - 1 - a];
      p[a] = down(a) * (rest % size - (size - 1) / 2.0);
      rest /= size;
    }
    for (int a = 0; a < dimension; a++) {
      double sum = 0;
      for (int b = 0; b < dimension; b++) {
        sum += action.get(b, a) * p[b];
      }
      double half = Math.max(1, grid[dimension - 1 - a] - 1) / 2.0;
      sources[point * dimension + a] = down(a) * sum / half;
    }
  }
}
