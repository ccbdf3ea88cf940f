package dev.noether.group;

import static dev.noether.algebra.Checks.require;

/**
 * How far a group is multiplied out from its generators.
 *
 * @param limit the largest order allowed, from 1 to 10000
 * @param tolerance two matrices are one element when no entries differ by more than this
 */
public record GroupOptions(int limit, double tolerance) {
  /** The largest order of any group here: its table has 10^8 entries. */
  static final int LARGEST_ORDER = 10_000;

  /** Why there is no option for larger groups, and what else there is. */
  static final String TOO_LARGE =
      "groups have at most "
          + LARGEST_ORDER
          + " elements, because each keeps its multiplication table, and no option raises that; "
          + "take a subgroup or a factor that is enough for the symmetry";

  private static final GroupOptions DEFAULTS = new GroupOptions(2000, 1e-8);

  /**
   * Checks the values.
   *
   * @param limit the largest order allowed, from 1 to 10000
   * @param tolerance two matrices are one element when no entries differ by more than this
   * @throws IllegalArgumentException if either is out of range
   */
  public GroupOptions {
    require(
        limit >= 1, "the limit on the order must be from 1 to %d, got %d", LARGEST_ORDER, limit);
    require(limit <= LARGEST_ORDER, "the limit on the order is %d: %s", limit, TOO_LARGE);
    require(
        tolerance > 0 && tolerance <= 1e-3,
        "the tolerance must be above 0 and at most 1e-3, got %s",
        tolerance);
  }

  /**
   * The usual options: up to 2000 elements, tolerance 1e-8.
   *
   * @return the defaults
   */
  public static GroupOptions defaults() {
    return DEFAULTS;
  }

  /**
   * Another limit on the order.
   *
   * @param limit the largest order allowed, from 1 to 10000
   * @return these options with that limit
   * @throws IllegalArgumentException if the limit is out of range
   */
  public GroupOptions withLimit(int limit) {
    return new GroupOptions(limit, tolerance);
  }

  /**
   * Another tolerance between matrices.
   *
   * @param tolerance how much entries of equal elements may differ, at most 1e-3
   * @return these options with that tolerance
   * @throws IllegalArgumentException if the tolerance is out of range
   */
  public GroupOptions withTolerance(double tolerance) {
    return new GroupOptions(limit, tolerance);
  }
}
