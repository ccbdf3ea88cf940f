package dev.noether.runtime;

import java.util.Arrays;

/**
 * A convolution over one to three axes, or its transpose, as PyTorch's layers compute them: what
 * each window sees is copied side by side, and one product with all taps follows.
 */
final class ConvolutionNode extends Node {
  /** So many numbers of windows at a time, which stay in the cache. */
  private static final int ROOM = 1 << 13;

  private final int in;
  private final int out;
  private final int axes;
  private final int groups;
  private final Windows windows;
  private final int taps;
  private final float[][] weight;
  private final float[] bias;

  /**
   * A convolution.
   *
   * @param in channels of the input
   * @param out channels of the output
   * @param weight as PyTorch keeps it: {@code [out, in / groups, ...]}, transposed {@code [in, out
   *     / groups, ...]}
   * @param bias {@code [out]}, or empty
   */
  ConvolutionNode(
      int[] inputs,
      int output,
      int in,
      int out,
      int axes,
      int groups,
      Windows windows,
      float[] weight,
      float[] bias) {
    super(inputs, output);
    this.in = in;
    this.out = out;
    this.axes = axes;
    this.groups = groups;
    this.windows = windows;
    this.bias = bias;
    taps = windows.taps(axes);
    this.weight = ordered(weight);
  }

  /** A row for each group, tap and input of a group, one after the other. */
  private float[][] ordered(float[] given) {
    int from = in / groups;
    int to = out / groups;
    float[][] result = new float[groups * taps * from][to];
    for (int g = 0; g < groups; g++) {
      for (int i = 0; i < from; i++) {
        for (int o = 0; o < to; o++) {
          int row = windows.transposed ? (g * from + i) * to + o : (g * to + o) * from + i;
          for (int k = 0; k < taps; k++) {
            result[(g * taps + k) * from + i][o] = given[row * taps + k];
          }
        }
      }
    }
    return result;
  }

  private static int[] grid(int[] shape) {
    return Arrays.copyOfRange(shape, 2, shape.length);
  }

  @Override
  int[] shape(int[][] shapes) {
    int[] x = shapes[0];
    require(
        x.length == axes + 2 && x[1] == in,
        "a convolution takes [batch, " + in + "] and " + axes + " more axes",
        x);
    int[] sizes = windows.sizes(grid(x));
    int[] shape = new int[axes + 2];
    shape[0] = x[0];
    shape[1] = out;
    System.arraycopy(sizes, 0, shape, 2, axes);
    return shape;
  }

  @Override
  Step step(int[][] shapes, int[] shape) {
    return new Bound(shapes[0], shape);
  }

  /** The convolution of grids of one size. */
  private final class Bound implements Step {
    private final int samples;
    private final int cells;
    private final int places;
    private final int[] table;
    private final int inner;
    private final int block;
    private final float[][][] weights = new float[groups][][];
    private final float[] row = new float[out / groups];

    Bound(int[] from, int[] to) {
      samples = from[0];
      cells = Value.size(grid(from));
      places = Value.size(grid(to));
      table = windows.table(grid(from), grid(to));
      inner = taps * (in / groups);
      block = Math.max(4, Math.min(places, ROOM / inner));
      for (int g = 0; g < groups; g++) {
        weights[g] = Arrays.copyOfRange(weight, g * inner, (g + 1) * inner);
      }
    }

    @Override
    public long room() {
      return (long) in * cells + (long) block * inner + (long) places * out;
    }

    @Override
    public void run(Value[] values, Value result, float[] room) {
      int copied = in * cells;
      int sums = copied + block * inner;
      for (int sample = 0; sample < samples; sample++) {
        Loops.transpose(values[0].data, sample * copied, in, cells, room, 0);
        begin(room, sums);
        for (int first = 0; first < places; first += block) {
          int some = Math.min(block, places - first);
          for (int g = 0; g < groups; g++) {
            gather(g, first, some, room, copied);
            multiply(g, some, room, copied, sums + first * out);
          }
        }
        Loops.transpose(room, sums, places, out, result.data, sample * out * places);
      }
    }

    private void begin(float[] room, int sums) {
      if (bias.length == 0) {
        Arrays.fill(room, sums, sums + places * out, 0);
        return;
      }
      for (int p = 0; p < places; p++) {
        System.arraycopy(bias, 0, room, sums + p * out, out);
      }
    }

    private void gather(int group, int first, int some, float[] room, int to) {
      int width = in / groups;
      for (int p = 0; p < some; p++) {
        for (int k = 0; k < taps; k++) {
          int from = table[(first + p) * taps + k];
          int start = to + p * inner + k * width;
          if (from < 0) {
            Arrays.fill(room, start, start + width, 0);
          } else {
            System.arraycopy(room, from * in + group * width, room, start, width);
          }
        }
      }
    }

    private void multiply(int group, int some, float[] room, int from, int to) {
      int width = out / groups;
      Products.OWN.add(
          room,
          from,
          inner,
          some,
          inner,
          weights[group],
          width,
          room,
          to + group * width,
          out,
          row);
    }
  }

  @Override
  long work(int[][] shapes, int[] shape) {
    return (long) Value.size(shape) * taps * (in / groups);
  }

  @Override
  long weightBytes() {
    return 4L * ((long) in * out / groups * taps + bias.length);
  }
}
