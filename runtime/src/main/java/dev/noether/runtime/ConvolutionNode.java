package dev.noether.runtime;

import java.util.Arrays;

/** A convolution over time, or its transpose, as PyTorch's layers compute them. */
final class ConvolutionNode extends Node {
  private final int in;
  private final int out;
  private final int kernel;
  private final int stride;
  private final int padding;
  private final int dilation;
  private final int outputPadding;
  private final boolean transposed;
  private final float[] taps;
  private final float[] bias;

  /**
   * A convolution.
   *
   * @param geometry kernel, stride, padding, dilation, output padding
   * @param weight as PyTorch keeps it: {@code [out, in, kernel]}, transposed {@code [in, out,
   *     kernel]}
   * @param bias {@code [out]}, or empty
   */
  ConvolutionNode(
      int[] inputs,
      int output,
      int in,
      int out,
      int[] geometry,
      boolean transposed,
      float[] weight,
      float[] bias) {
    super(inputs, output);
    this.in = in;
    this.out = out;
    kernel = geometry[0];
    stride = geometry[1];
    padding = geometry[2];
    dilation = geometry[3];
    outputPadding = geometry[4];
    this.transposed = transposed;
    this.bias = bias;
    taps = new float[weight.length];
    for (int o = 0; o < out; o++) {
      for (int i = 0; i < in; i++) {
        for (int k = 0; k < kernel; k++) {
          int from = transposed ? (i * out + o) * kernel + k : (o * in + i) * kernel + k;
          taps[(k * in + i) * out + o] = weight[from];
        }
      }
    }
  }

  @Override
  int[] shape(int[][] shapes) {
    int[] x = shapes[0];
    require(x.length == 3 && x[1] == in, "a convolution takes [batch, " + in + ", time]", x);
    long span = (long) dilation * (kernel - 1) + 1;
    long time =
        transposed
            ? (x[2] - 1L) * stride - 2L * padding + span + outputPadding
            : Math.floorDiv(x[2] + 2L * padding - span, stride) + 1;
    require(time >= 1 && time < Integer.MAX_VALUE, "the kernel is longer than the signal", x);
    return new int[] {x[0], out, (int) time};
  }

  @Override
  int scratch(int[][] shapes) {
    int time = shape(shapes)[2];
    return Math.addExact(
        Value.size(new int[] {in, shapes[0][2]}), Value.size(new int[] {out, time}));
  }

  @Override
  void run(Value[] values, Value result) {
    throw new IllegalStateException("a convolution needs room");
  }

  @Override
  void run(Value[] values, Value result, float[] room) {
    int time = values[0].shape[2];
    int after = result.shape[2];
    int sums = in * time;
    for (int sample = 0; sample < values[0].shape[0]; sample++) {
      Loops.transpose(values[0].data, sample * in * time, in, time, room, 0);
      for (int t = 0; t < after; t++) {
        if (bias.length > 0) {
          System.arraycopy(bias, 0, room, sums + t * out, out);
        } else {
          Arrays.fill(room, sums + t * out, sums + (t + 1) * out, 0);
        }
      }
      for (int k = 0; k < kernel; k++) {
        tap(k, time, after, room, sums);
      }
      Loops.transpose(room, sums, after, out, result.data, sample * out * after);
    }
  }

  private void tap(int k, int time, int after, float[] room, int sums) {
    int shift = k * dilation - padding;
    int steps = transposed ? time : after;
    for (int t = 0; t < steps; t++) {
      int other = t * stride + shift;
      int from = transposed ? t : other;
      int to = transposed ? other : t;
      if (from >= 0 && from < time && to >= 0 && to < after) {
        Loops.addProduct(room, from * in, in, taps, k * in * out, out, room, sums + to * out);
      }
    }
  }

  @Override
  long work(int[][] shapes, int[] shape) {
    int steps = transposed ? shapes[0][2] : shape[2];
    return (long) shape[0] * steps * kernel * in * out;
  }

  @Override
  long weightBytes() {
    return 4L * (taps.length + bias.length);
  }
}
