package dev.noether.runtime;

import java.util.Arrays;

/** The largest number of each window over the last axes, channel by channel. */
final class MaxPoolNode extends Node {
  private final int axes;
  private final Windows windows;

  MaxPoolNode(int[] inputs, int output, int axes, Windows windows) {
    super(inputs, output);
    this.axes = axes;
    this.windows = windows;
  }

  @Override
  int[] shape(int[][] in) {
    int kept = in[0].length - axes;
    require(kept >= 0, "a maximum over windows of " + axes + " axes", in[0]);
    int[] sizes = windows.sizes(Arrays.copyOfRange(in[0], kept, in[0].length));
    int[] shape = in[0].clone();
    System.arraycopy(sizes, 0, shape, kept, axes);
    return shape;
  }

  @Override
  Step step(int[][] shapes, int[] shape) {
    int kept = shape.length - axes;
    int[] grid = Arrays.copyOfRange(shapes[0], kept, shape.length);
    int[] sizes = Arrays.copyOfRange(shape, kept, shape.length);
    int[] table = windows.table(grid, sizes);
    int cells = Value.size(grid);
    int places = Value.size(sizes);
    int taps = windows.taps(axes);
    int channels = Value.size(shape) / places;
    return (in, out, room) -> {
      for (int c = 0; c < channels; c++) {
        for (int p = 0; p < places; p++) {
          float most = Float.NEGATIVE_INFINITY;
          for (int k = 0; k < taps; k++) {
            int from = table[p * taps + k];
            most = from < 0 ? most : Math.max(most, in[0].data[c * cells + from]);
          }
          out.data[c * places + p] = most;
        }
      }
    };
  }
}
