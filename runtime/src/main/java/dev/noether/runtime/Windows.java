package dev.noether.runtime;

import java.util.Arrays;

/**
 * What the windows of a convolution or a pooling see of a grid: for each place of the result and
 * each tap of the window a place of the input, or {@link #NOTHING}.
 */
final class Windows {
  /** A tap beyond the border, or between the samples of a transposed convolution. */
  static final int NOTHING = -1;

  /** Longer axes than anyone has, with room for sums of a few. */
  private static final int LARGEST = 1 << 29;

  private static final int REFLECT = 1;
  private static final int REPLICATE = 2;
  private static final int CIRCULAR = 3;

  /** Padding modes, zeros first, by the names that files give them. */
  static final String[] MODES = {"zeros", "reflect", "replicate", "circular"};

  final int kernel;
  final int stride;
  final int padding;
  final int dilation;
  final int outputPadding;
  final boolean transposed;
  final int mode;
  final boolean ceil;

  /**
   * Windows.
   *
   * @param geometry kernel, stride, padding, dilation, output padding
   * @param mode a place among {@link #MODES}
   * @param ceil whether a last window that is cut off counts
   */
  Windows(int[] geometry, boolean transposed, int mode, boolean ceil) {
    kernel = geometry[0];
    stride = geometry[1];
    padding = geometry[2];
    dilation = geometry[3];
    outputPadding = geometry[4];
    this.transposed = transposed;
    this.mode = mode;
    this.ceil = ceil;
  }

  /** The sizes of the result's axes. */
  int[] sizes(int[] grid) {
    int[] sizes = new int[grid.length];
    for (int axis = 0; axis < grid.length; axis++) {
      long span = (long) dilation * (kernel - 1) + 1;
      long size = transposed ? wider(grid[axis], span) : narrower(grid[axis], span);
      long extent = Math.max(grid[axis] + 2L * padding + stride, Math.max(size + padding, span));
      Node.require(size >= 1 && extent < LARGEST, "the kernel is longer than the signal", grid);
      requireRoom(grid[axis], grid);
      sizes[axis] = (int) size;
    }
    return sizes;
  }

  private long wider(long size, long span) {
    return (size - 1) * stride - 2L * padding + span + outputPadding;
  }

  private long narrower(long size, long span) {
    long rest = size + 2L * padding - span;
    long full = Math.floorDiv(rest, stride) + 1;
    boolean further = ceil && rest >= 0 && rest % stride != 0 && full * stride < size + padding;
    return further ? full + 1 : full;
  }

  private void requireRoom(int size, int[] grid) {
    int least = mode == REFLECT ? padding + 1 : mode == CIRCULAR ? padding : 1;
    Node.require(
        mode == 0 || size >= least, "padding of width " + padding + " needs a larger grid", grid);
  }

  /** Places of the input, {@code [places of the result, taps]}. */
  int[] table(int[] grid, int[] sizes) {
    int taps = taps(grid.length);
    int[] table = new int[Value.size(new int[] {Value.size(sizes), taps})];
    for (int entry = 0; entry < table.length; entry++) {
      int place = 0;
      int step = 1;
      int to = entry / taps;
      int tap = entry % taps;
      for (int axis = grid.length - 1; axis >= 0 && place >= 0; axis--) {
        int from = from(to % sizes[axis], tap % kernel, grid[axis]);
        place = from < 0 ? NOTHING : place + from * step;
        step *= grid[axis];
        to /= sizes[axis];
        tap /= kernel;
      }
      table[entry] = place;
    }
    return table;
  }

  int taps(int axes) {
    int[] sides = new int[axes];
    Arrays.fill(sides, kernel);
    return Value.size(sides);
  }

  /** What a tap sees along one axis. */
  private int from(int to, int tap, int size) {
    if (transposed) {
      int wide = to + padding - tap * dilation;
      return wide >= 0 && wide % stride == 0 && wide / stride < size ? wide / stride : NOTHING;
    }
    int from = to * stride + tap * dilation - padding;
    if (from >= 0 && from < size) {
      return from;
    }
    return switch (mode) {
      case REFLECT -> from < 0 ? -from : 2 * (size - 1) - from;
      case REPLICATE -> from < 0 ? 0 : size - 1;
      case CIRCULAR -> Math.floorMod(from, size);
      default -> NOTHING;
    };
  }
}
