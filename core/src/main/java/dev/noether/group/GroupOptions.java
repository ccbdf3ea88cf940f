package dev.noether.group;

import static dev.noether.algebra.Checks.require;

/**
 * How far a group is multiplied out from its generators, and how exact matrices are.
 *
 * @param limit the largest order allowed, from 1 to 100000
 * @param tolerance how far an entry of a given matrix may be from the exact one, at most 1e-3: half
 *     a unit of the last digit of rounded matrices, or more
 */
public record GroupOptions(int limit, double tolerance) {
  /** The largest order of a group from generators, and of products that are asked for so. */
  static final int LARGEST_ORDER = 100_000;

  /** The largest order of families and products without options. */
  static final int USUAL_ORDER = 10_000;

  /** The largest table of products: 200 MB. */
  static final int LARGEST_TABLE = 10_000;

  static final double LARGEST_TOLERANCE = 1e-3;

  /** Why there is a limit, and what else there is. */
  static final String TOO_LARGE =
      "groups have at most "
          + USUAL_ORDER
          + " elements, or up to "
          + LARGEST_ORDER
          + " where GroupOptions are given; take a subgroup or a factor that is enough for the "
          + "symmetry";

  private static final GroupOptions DEFAULTS = new GroupOptions(2000, 1e-8);

  /**
   * Checks the values.
   *
   * @param limit the largest order allowed, from 1 to 100000
   * @param tolerance how far an entry of a given matrix may be from the exact one, at most 1e-3
   * @throws IllegalArgumentException if either is out of range
   */
  public GroupOptions {
    require(
        limit >= 1 && limit <= LARGEST_ORDER,
        "the limit on the order must be from 1 to %d, got %d",
        LARGEST_ORDER,
        limit);
    require(
        tolerance > 0 && tolerance <= LARGEST_TOLERANCE,
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
   * @param limit the largest order allowed, from 1 to 100000
   * @return these options with that limit
   * @throws IllegalArgumentException if the limit is out of range
   */
  public GroupOptions withLimit(int limit) {
    return new GroupOptions(limit, tolerance);
  }

  /**
   * Another tolerance of given matrices: 1e-3 for matrices rounded to 3 digits, and so on.
   *
   * @param tolerance how far an entry of a given matrix may be from the exact one, at most 1e-3
   * @return these options with that tolerance
   * @throws IllegalArgumentException if the tolerance is out of range
   */
  public GroupOptions withTolerance(double tolerance) {
    return new GroupOptions(limit, tolerance);
  }

  /** Refuses an order beyond a limit on what generators give. */
  static void requireWithin(String name, long order, int limit) {
    require(
        order <= LARGEST_ORDER,
        "the generators of %s give more than %d elements, the most there are; take a subgroup that "
            + "is enough for the symmetry, or check the generators",
        name,
        LARGEST_ORDER);
    require(
        order <= limit,
        "the generators of %s give more than %d elements; if the group is larger, raise the limit "
            + "with GroupOptions.defaults().withLimit(...), else check the generators",
        name,
        limit);
  }
}
