package dev.noether.runtime;

import java.util.Arrays;

/** x W^T + b on the last axis, with the weight kept the way that rows of inputs are added up. */
final class LinearNode extends Node {
  private final int in;
  private final int out;
  private final float[][] columns;
  private final float[] bias;

  /**
   * A linear map.
   *
   * @param columns of the weight, which is {@code [out, in]}
   * @param bias {@code [out]}, or empty
   */
  LinearNode(int[] inputs, int output, int in, int out, float[][] columns, float[] bias) {
    super(inputs, output);
    this.in = in;
    this.out = out;
    this.columns = columns;
    this.bias = bias;
  }

  @Override
  int[] shape(int[][] shapes) {
    require(last(shapes[0]) == in, "a linear map takes " + in + " features", shapes[0]);
    return withLast(shapes[0], out);
  }

  @Override
  Step step(int[][] shapes, int[] shape) {
    float[] sums = new float[out];
    return (values, result, room) -> run(values, result, sums);
  }

  private void run(Value[] values, Value result, float[] sums) {
    float[] x = values[0].data;
    float[] y = result.data;
    int rows = values[0].rows();
    for (int row = 0; row < rows; row++) {
      if (bias.length > 0) {
        System.arraycopy(bias, 0, y, row * out, out);
      }
    }
    if (bias.length == 0) {
      Arrays.fill(y, 0, rows * out, 0);
    }
    Products.OWN.add(x, 0, in, rows, in, columns, out, y, 0, out, sums);
  }

  @Override
  long work(int[][] shapes, int[] shape) {
    return (long) Value.size(shape) * in;
  }

  @Override
  long weightBytes() {
    return 4L * ((long) in * out + bias.length);
  }
}
