package dev.noether.runtime;

import java.util.Arrays;

/** Operations along the last axis, and on the order of axes. */
final class AxisNodes {
  private AxisNodes() {}

  /** One number for each row of the last axis, which stays with size 1. */
  private abstract static class OfRows extends Node {
    OfRows(int[] inputs, int output) {
      super(inputs, output);
    }

    /** The number of the row that begins at a place. */
    abstract float of(float[] data, int start, int width);

    @Override
    int[] shape(int[][] in) {
      return withLast(in[0], 1);
    }

    @Override
    Step step(int[][] shapes, int[] shape) {
      return (in, out, room) -> {
        int width = in[0].last();
        int rows = Value.size(out.shape);
        for (int row = 0; row < rows; row++) {
          out.data[row] = of(in[0].data, row * width, width);
        }
      };
    }
  }

  /** The mean over the last axis. */
  static final class Mean extends OfRows {
    Mean(int[] inputs, int output) {
      super(inputs, output);
    }

    @Override
    float of(float[] data, int start, int width) {
      double sum = 0;
      for (int i = start; i < start + width; i++) {
        sum += data[i];
      }
      return (float) (sum / width);
    }
  }

  /** The largest number of the last axis. */
  static final class Largest extends OfRows {
    Largest(int[] inputs, int output) {
      super(inputs, output);
    }

    @Override
    int[] shape(int[][] in) {
      require(last(in[0]) > 0, "the largest of no numbers", in[0]);
      return super.shape(in);
    }

    @Override
    float of(float[] data, int start, int width) {
      float most = Float.NEGATIVE_INFINITY;
      for (int i = start; i < start + width; i++) {
        most = Math.max(most, data[i]);
      }
      return most;
    }
  }

  /** The softmax over the last axis. */
  static final class Softmax extends Node {
    Softmax(int[] inputs, int output) {
      super(inputs, output);
    }

    @Override
    int[] shape(int[][] in) {
      return withLast(in[0], last(in[0]));
    }

    @Override
    Step step(int[][] shapes, int[] shape) {
      return (in, out, room) -> run(in, out);
    }

    private void run(Value[] in, Value out) {
      int width = in[0].last();
      int rows = in[0].rows();
      for (int row = 0; row < rows; row++) {
        row(in[0].data, out.data, row * width, width);
      }
    }

    private static void row(float[] x, float[] y, int start, int width) {
      float most = Float.NEGATIVE_INFINITY;
      for (int i = start; i < start + width; i++) {
        most = Math.max(most, x[i]);
      }
      double sum = 0;
      for (int i = start; i < start + width; i++) {
        y[i] = (float) Math.exp(x[i] - most);
        sum += y[i];
      }
      for (int i = start; i < start + width; i++) {
        y[i] = (float) (y[i] / sum);
      }
    }
  }

  /** Some places of the last axis, in their order. */
  static final class Select extends Node {
    private final int[] places;
    private int most;

    Select(int[] inputs, int output, int[] places) {
      super(inputs, output);
      this.places = places;
      for (int place : places) {
        most = Math.max(most, place);
      }
    }

    @Override
    int[] shape(int[][] in) {
      require(places.length > 0 && most < last(in[0]), "no such place on the last axis", in[0]);
      return withLast(in[0], places.length);
    }

    @Override
    Step step(int[][] shapes, int[] shape) {
      return (in, out, room) -> run(in, out);
    }

    private void run(Value[] in, Value out) {
      int width = in[0].last();
      int rows = in[0].rows();
      for (int row = 0; row < rows; row++) {
        for (int i = 0; i < places.length; i++) {
          out.data[row * places.length + i] = in[0].data[row * width + places[i]];
        }
      }
    }
  }

  /** A part of the last axis. */
  static final class Narrow extends Node {
    private final int start;
    private final int length;

    Narrow(int[] inputs, int output, int start, int length) {
      super(inputs, output);
      this.start = start;
      this.length = length;
    }

    @Override
    int[] shape(int[][] in) {
      require((long) start + length <= last(in[0]), "no such part of the last axis", in[0]);
      return withLast(in[0], length);
    }

    @Override
    Step step(int[][] shapes, int[] shape) {
      return (in, out, room) -> run(in, out);
    }

    private void run(Value[] in, Value out) {
      int width = in[0].last();
      int rows = in[0].rows();
      for (int row = 0; row < rows; row++) {
        System.arraycopy(in[0].data, row * width + start, out.data, row * length, length);
      }
    }
  }

  /** Two values one after the other on the last axis. */
  static final class Concatenate extends Node {
    Concatenate(int[] inputs, int output) {
      super(inputs, output);
    }

    @Override
    int[] shape(int[][] in) {
      require(
          in[0].length == in[1].length && Arrays.equals(withLast(in[0], 0), withLast(in[1], 0)),
          "parts must agree but for the last axis",
          in);
      return withLast(in[0], Math.addExact(last(in[0]), last(in[1])));
    }

    @Override
    Step step(int[][] shapes, int[] shape) {
      return (in, out, room) -> run(in, out);
    }

    private void run(Value[] in, Value out) {
      int first = in[0].last();
      int second = in[1].last();
      int rows = out.rows();
      for (int row = 0; row < rows; row++) {
        int to = row * (first + second);
        System.arraycopy(in[0].data, row * first, out.data, to, first);
        System.arraycopy(in[1].data, row * second, out.data, to + first, second);
      }
    }
  }

  /** The last axes as others: the same numbers. */
  static final class Reshape extends Node {
    private final int axes;
    private final int[] sizes;

    /**
     * A reshape.
     *
     * @param axes how many of the last axes are replaced
     * @param sizes by what; -1 for a size that takes what the others leave
     */
    Reshape(int[] inputs, int output, int axes, int[] sizes) {
      super(inputs, output);
      this.axes = axes;
      this.sizes = sizes;
    }

    @Override
    int[] shape(int[][] in) {
      int kept = in[0].length - axes;
      require(kept >= 0, "a reshape of " + axes + " axes", in[0]);
      int[] tail = Arrays.copyOfRange(in[0], kept, in[0].length);
      int[] whole = resolved(Value.size(tail));
      require(Value.size(tail) == Value.size(whole), "a reshape keeps the numbers", tail, sizes);
      int[] shape = Arrays.copyOf(in[0], kept + sizes.length);
      System.arraycopy(whole, 0, shape, kept, sizes.length);
      return shape;
    }

    /** With the one size that takes what the others leave. */
    private int[] resolved(int numbers) {
      int[] whole = sizes.clone();
      long known = 1;
      int rest = -1;
      for (int i = 0; i < sizes.length; i++) {
        if (sizes[i] == -1) {
          require(rest < 0, "a reshape leaves one size open", sizes);
          rest = i;
        } else {
          known *= sizes[i];
        }
      }
      if (rest >= 0) {
        whole[rest] = known == 0 ? 0 : (int) (numbers / known);
      }
      return whole;
    }

    @Override
    boolean isView() {
      return true;
    }

    @Override
    Step step(int[][] shapes, int[] shape) {
      return (in, out, room) -> {}; // the numbers are the same
    }
  }

  /** The last axes in another order. */
  static final class Permute extends Node {
    private final int[] order;

    Permute(int[] inputs, int output, int[] order) {
      super(inputs, output);
      this.order = order;
    }

    @Override
    int[] shape(int[][] in) {
      int kept = in[0].length - order.length;
      require(kept >= 0, "a permutation of " + order.length + " axes", in[0]);
      int[] shape = in[0].clone();
      boolean[] seen = new boolean[order.length];
      for (int i = 0; i < order.length; i++) {
        require(order[i] < order.length && !seen[order[i]], "no order of axes", order);
        seen[order[i]] = true;
        shape[kept + i] = in[0][kept + order[i]];
      }
      return shape;
    }

    @Override
    Step step(int[][] shapes, int[] shape) {
      int kept = shape.length - order.length;
      int size = Value.size(shape);
      int inner = Value.size(Arrays.copyOfRange(shape, kept, shape.length));
      int[] strides = new int[order.length];
      for (int i = 0; i < order.length; i++) {
        strides[i] = 1;
        for (int j = kept + order[i] + 1; j < shapes[0].length; j++) {
          strides[i] *= shapes[0][j];
        }
      }
      return (in, out, room) -> {
        for (int start = 0; start < size; start += inner) {
          copy(in[0].data, start, out.data, start, strides, shape, kept, 0);
        }
      };
    }

    private int copy(
        float[] x, int from, float[] y, int to, int[] strides, int[] shape, int kept, int axis) {
      int size = shape[kept + axis];
      int next = to;
      if (axis == strides.length - 1) {
        for (int i = 0; i < size; i++) {
          y[next++] = x[from + i * strides[axis]];
        }
        return next;
      }
      for (int i = 0; i < size; i++) {
        next = copy(x, from + i * strides[axis], y, next, strides, shape, kept, axis + 1);
      }
      return next;
    }
  }
}
