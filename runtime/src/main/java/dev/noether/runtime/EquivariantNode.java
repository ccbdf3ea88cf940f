package dev.noether.runtime;

import java.util.Arrays;

/**
 * An equivariant map in the basis of the irreps: into the spectrum, one small product for each
 * irrep, and back. By Schur's lemma nothing else of the dense weight is not zero.
 */
final class EquivariantNode extends Node {
  /**
   * The product of one irrep.
   *
   * @param rows the rows that share the weight: the irrep's dimension for real type, else 1
   * @param in where its inputs begin in the spectrum
   * @param inner how many inputs a row has
   * @param out where its outputs begin
   * @param width how many outputs a row has
   * @param weight so many rows of this width
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared, never shown
  record Block(int rows, int in, int inner, int out, int width, float[][] weight) {}

  /** Samples at a time: what four rows read once. */
  private static final int GROUP = 4;

  private final int in;
  private final int out;
  private final Spectral[] enter;
  private final Spectral[] leave;
  private final Block[] blocks;
  private final float[] bias;
  private final int widest;

  EquivariantNode(
      int[] inputs,
      int output,
      int in,
      int out,
      Spectral[] enter,
      Spectral[] leave,
      Block[] blocks,
      float[] bias) {
    super(inputs, output);
    this.in = in;
    this.out = out;
    this.enter = enter;
    this.leave = leave;
    this.blocks = blocks;
    this.bias = bias;
    widest = Arrays.stream(blocks).mapToInt(Block::width).max().orElse(0);
  }

  @Override
  int[] shape(int[][] shapes) {
    require(last(shapes[0]) == in, "an equivariant map takes " + in + " features", shapes[0]);
    return withLast(shapes[0], out);
  }

  @Override
  Step step(int[][] shapes, int[] shape) {
    Spectral.Room own = new Spectral.Room(enter, leave, widest);
    return new Step() {
      @Override
      public void run(Value[] values, Value result, float[] room) {
        int rows = values[0].rows();
        for (int row = 0; row < rows; row += GROUP) {
          int some = Math.min(GROUP, rows - row);
          group(some, values[0].data, row * in, result.data, row * out, room, own);
        }
      }

      @Override
      public long room() {
        return (long) GROUP * (in + out);
      }
    };
  }

  /** A few samples: their spectra stand one after the other, each with that of its result. */
  private void group(
      int samples, float[] x, int x0, float[] y, int y0, float[] room, Spectral.Room own) {
    int step = in + out;
    for (int s = 0; s < samples; s++) {
      for (Spectral run : enter) {
        run.enter(x, x0 + s * in, room, s * step, own);
      }
      Arrays.fill(room, s * step + in, (s + 1) * step, 0);
    }
    for (Block block : blocks) {
      if (samples == GROUP) {
        for (int r = 0; r < block.rows; r++) {
          multiplyRow(block, r, step, room, own.sums);
        }
      } else {
        for (int s = 0; s < samples; s++) {
          multiply(block, s * step, room, own.sums);
        }
      }
    }
    for (int s = 0; s < samples; s++) {
      for (Spectral run : leave) {
        run.leave(room, s * step + in, y, y0 + s * out, own);
      }
      if (bias.length > 0) {
        Loops.add(bias, y, y0 + s * out);
      }
    }
  }

  /** One row of a block for several samples. */
  private void multiplyRow(Block block, int r, int step, float[] room, float[] sums) {
    Products.OWN.add(
        room,
        block.in + r * block.inner,
        step,
        GROUP,
        block.inner,
        block.weight,
        block.width,
        room,
        in + block.out + r * block.width,
        step,
        sums);
  }

  /** All rows of a block for one sample. */
  private void multiply(Block block, int sample, float[] room, float[] sums) {
    Products.OWN.add(
        room,
        sample + block.in,
        block.inner,
        block.rows,
        block.inner,
        block.weight,
        block.width,
        room,
        sample + in + block.out,
        block.width,
        sums);
  }

  /** Multiplications and additions for one sample. */
  long workPerRow() {
    long work = 2L * (in + out); // moving numbers costs too
    for (Spectral run : enter) {
      work += run.work();
    }
    for (Spectral run : leave) {
      work += run.work();
    }
    for (Block block : blocks) {
      work += (long) block.rows * block.inner * block.width;
    }
    return work;
  }

  @Override
  long work(int[][] shapes, int[] shape) {
    return workPerRow() * (Value.size(shape) / Math.max(1, out));
  }

  @Override
  long weightBytes() {
    long bytes = 4L * bias.length;
    for (Block block : blocks) {
      bytes += 4L * block.inner * block.width;
    }
    for (Spectral run : enter) {
      bytes += run.bytes();
    }
    for (Spectral run : leave) {
      bytes += run.bytes();
    }
    return bytes;
  }

  /** Whichever is less work for a sample: this, or the same map as a dense one. */
  Node cheaper() {
    if (workPerRow() < 0.8 * in * out || (long) in * out > Integer.MAX_VALUE - 8) {
      return this;
    }
    float[][] dense = new float[in][out];
    float[] unit = new float[in];
    float[] room = new float[GROUP * (in + out)];
    Spectral.Room own = new Spectral.Room(enter, leave, widest);
    EquivariantNode linear =
        new EquivariantNode(inputs, output, in, out, enter, leave, blocks, new float[0]);
    for (int i = 0; i < in; i++) {
      unit[i] = 1;
      linear.group(1, unit, 0, dense[i], 0, room, own);
      unit[i] = 0;
    }
    return new LinearNode(inputs, output, in, out, dense, bias);
  }
}
