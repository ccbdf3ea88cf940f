package dev.noether.runtime;

import java.util.Arrays;

/** The product of matrices on the last two axes, with broadcasting before them. */
final class MatMulNode extends Node {
  MatMulNode(int[] inputs, int output) {
    super(inputs, output);
  }

  @Override
  int[] shape(int[][] in) {
    require(in[0].length >= 1 && in[1].length >= 2, "a product needs matrices", in);
    int[] a = matrix(in[0]);
    require(a[a.length - 1] == in[1][in[1].length - 2], "matrices must fit each other", in);
    int[] leading = Broadcast.shape(Broadcast.leading(a), Broadcast.leading(in[1]));
    int[] shape = Arrays.copyOf(leading, leading.length + 2);
    shape[leading.length] = a[a.length - 2];
    shape[leading.length + 1] = last(in[1]);
    return in[0].length == 1 ? withoutRow(shape) : shape;
  }

  /** A vector is a matrix of one row. */
  private static int[] matrix(int[] shape) {
    return shape.length == 1 ? new int[] {1, shape[0]} : shape;
  }

  private static int[] withoutRow(int[] shape) {
    int[] result = Arrays.copyOf(shape, shape.length - 1);
    result[result.length - 1] = shape[shape.length - 1];
    return result;
  }

  @Override
  Step step(int[][] in, int[] out) {
    int[] a = matrix(in[0]);
    int[] b = in[1];
    int n = a[a.length - 2];
    int inner = a[a.length - 1];
    int width = b[b.length - 1];
    int[] leading = Broadcast.shape(Broadcast.leading(a), Broadcast.leading(b));
    int[] result = Arrays.copyOf(leading, leading.length + 1);
    result[leading.length] = 1; // Broadcast.offset counts rows: one a matrix
    int[] starts = new int[2 * Value.size(leading)];
    for (int m = 0; 2 * m < starts.length; m++) {
      starts[2 * m] = Broadcast.offset(m, result, blocks(a)) * n * inner;
      starts[2 * m + 1] = Broadcast.offset(m, result, blocks(b)) * inner * width;
    }
    float[][] rows = new float[inner][width];
    float[] sums = new float[width];
    return (values, value, room) -> {
      for (int m = 0; 2 * m < starts.length; m++) {
        int y0 = m * n * width;
        Arrays.fill(value.data, y0, y0 + n * width, 0);
        if (m == 0 || starts[2 * m + 1] != starts[2 * m - 1]) {
          Loops.copyRows(values[1].data, starts[2 * m + 1], inner, width, rows);
        }
        Products.OWN.add(
            values[0].data,
            starts[2 * m],
            inner,
            n,
            inner,
            rows,
            width,
            value.data,
            y0,
            width,
            sums);
      }
    };
  }

  /** The leading axes with one number for each matrix. */
  private static int[] blocks(int[] shape) {
    int[] result = Arrays.copyOf(shape, shape.length - 1);
    result[result.length - 1] = 1;
    return result;
  }

  @Override
  long work(int[][] in, int[] out) {
    return (long) Value.size(out) * last(in[0]);
  }
}
