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
  void run(Value[] in, Value out) {
    int[] a = matrix(in[0].shape);
    int[] b = in[1].shape;
    int n = a[a.length - 2];
    int inner = a[a.length - 1];
    int width = b[b.length - 1];
    int[] leading = Broadcast.shape(Broadcast.leading(a), Broadcast.leading(b));
    int[] result = Arrays.copyOf(leading, leading.length + 1);
    result[leading.length] = 1; // Broadcast.offset counts rows: one a matrix
    int matrices = Value.size(leading);
    for (int m = 0; m < matrices; m++) {
      int a0 = Broadcast.offset(m, result, blocks(a)) * n * inner;
      int b0 = Broadcast.offset(m, result, blocks(b)) * inner * width;
      int y0 = m * n * width;
      Arrays.fill(out.data, y0, y0 + n * width, 0);
      for (int i = 0; i < n; i++) {
        Loops.addProduct(
            in[0].data, a0 + i * inner, inner, in[1].data, b0, width, out.data, y0 + i * width);
      }
    }
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
