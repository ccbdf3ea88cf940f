package dev.noether.grid;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * Whether a layer commutes exactly with the quarter turns and mirrors of the grid that its group
 * holds.
 *
 * @param holds whether it does
 * @param reason why it does not; empty where it does
 * @param sizes the nearest sizes of the input, smaller and larger, for which it would
 */
public record Exactness(boolean holds, String reason, List<Long> sizes) {
  /**
   * Copies the list.
   *
   * @param holds whether it does
   * @param reason why it does not
   * @param sizes sizes for which it would
   */
  public Exactness {
    sizes = List.copyOf(sizes);
  }

  /**
   * That a layer commutes on every grid.
   *
   * @return the answer
   */
  public static Exactness always() {
    return new Exactness(true, "", List.of());
  }

  /**
   * Windows at a distance: the last one must end where the padded grid ends.
   *
   * @param size cells of a side of the input
   * @param span cells that a window reaches over
   * @param stride the distance of windows
   * @param padding the cells added on each side
   * @return whether (size + 2 padding - span) is a multiple of the stride
   */
  public static Exactness ofWindows(long size, long span, long stride, long padding) {
    long left = Math.floorMod(size + 2 * padding - span, stride);
    if (left == 0) {
      return always();
    }
    return uncovered(
        size,
        left,
        stride,
        size - left + 2 * padding >= span,
        String.format(
            Locale.ROOT,
            "windows at a distance of %d leave %d of %d cells at one side uncovered",
            stride,
            left,
            size));
  }

  /**
   * Not exact, because steps leave cells at one side uncovered.
   *
   * @param size the cells of a side
   * @param left how many of them are uncovered
   * @param stride the cells of a step
   * @param smallerFits whether a side without them is large enough
   * @param reason why, in words
   * @return that a side without them would be exact, if it fits, and one with a whole step more
   */
  public static Exactness uncovered(
      long size, long left, long stride, boolean smallerFits, String reason) {
    List<Long> sizes = new ArrayList<>();
    if (smallerFits && size > left) {
      sizes.add(size - left);
    }
    sizes.add(size - left + stride);
    return new Exactness(false, reason, sizes);
  }

  /** In words, with the sizes that would do. */
  @Override
  public String toString() {
    if (holds) {
      return "exact";
    }
    String others = sizes.stream().map(String::valueOf).collect(Collectors.joining(" or "));
    return "not exact: " + reason + (sizes.isEmpty() ? "" : "; a size of " + others + " would be");
  }
}
