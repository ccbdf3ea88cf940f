package dev.noether.runtime;

import java.util.Arrays;

/** Places along an axis, and what tables hold for them. */
final class PlaceNodes {
  private PlaceNodes() {}

  /** The places along an axis as a column. */
  static final class Places extends Node {
    private final int axis;
    private final boolean fromEnd;

    /**
     * Places.
     *
     * @param axis which axis of the input, counted from the end
     * @param fromEnd whether the last is zero, else the first
     */
    Places(int[] inputs, int output, int axis, boolean fromEnd) {
      super(inputs, output);
      this.axis = axis;
      this.fromEnd = fromEnd;
    }

    @Override
    int[] shape(int[][] in) {
      require(axis <= in[0].length, "places along axis " + axis, in[0]);
      return new int[] {in[0][in[0].length - axis], 1};
    }

    @Override
    Step step(int[][] shapes, int[] shape) {
      int first = fromEnd ? 1 - shape[0] : 0;
      return (in, out, room) -> {
        for (int i = 0; i < shape[0]; i++) {
          out.data[i] = first + i;
        }
      };
    }
  }

  /** Rows of a table by their numbers. */
  static final class Rows extends Node {
    Rows(int[] inputs, int output) {
      super(inputs, output);
    }

    @Override
    int[] shape(int[][] in) {
      require(in[0].length == 2 && last(in[1]) == 1, "a table and a column", in);
      return withLast(in[1], in[0][1]);
    }

    @Override
    Step step(int[][] shapes, int[] shape) {
      int width = shapes[0][1];
      int count = Value.size(shapes[1]);
      return (in, out, room) -> {
        for (int i = 0; i < count; i++) {
          float number = in[1].data[i];
          int row = (int) number;
          if (!(number >= 0 && row < in[0].shape[0])) {
            throw new IllegalArgumentException(
                "the model knows places 0 to "
                    + (in[0].shape[0] - 1)
                    + ", got "
                    + number
                    + ": the input is longer than the model was made for, shapes "
                    + Arrays.deepToString(shapes));
          }
          System.arraycopy(in[0].data, row * width, out.data, i * width, width);
        }
      };
    }
  }
}
