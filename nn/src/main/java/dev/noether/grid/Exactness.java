package dev.noether.grid;

import java.util.List;
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
