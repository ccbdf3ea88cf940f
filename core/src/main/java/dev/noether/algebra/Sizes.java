package dev.noether.algebra;

import static dev.noether.algebra.Checks.require;

/** Numbers of entries, counted without overflow and against the memory that Java may take. */
public final class Sizes {
  /** An array is made while others like it are needed. */
  private static final long SHARE = 2;

  /** The longest array. */
  private static final long LARGEST_ARRAY = Integer.MAX_VALUE - 8L;

  private Sizes() {}

  /**
   * The number of entries of an array of doubles that is about to be made.
   *
   * @param what what the array is, for the message
   * @param factors sizes whose product is the number of entries
   * @return the product
   * @throws IllegalArgumentException if it is more than an array can hold or takes more than half
   *     of the memory that Java may take; the message says how much
   */
  public static int entries(String what, long... factors) {
    long memory = Runtime.getRuntime().maxMemory();
    double exact = 1;
    for (long factor : factors) {
      exact *= factor;
    }
    require(
        exact <= LARGEST_ARRAY,
        "%s would hold %.3g numbers, and 2^31 - 1 are the most that fit an array; work with the "
            + "summands or with fewer copies",
        what,
        exact);
    require(
        exact * Double.BYTES * SHARE <= memory,
        "%s would take %.0f MB, more than half of the %d MB that Java may take: raise it with "
            + "-Xmx, or work with the summands or with fewer copies",
        what,
        exact * Double.BYTES / (1 << 20),
        memory >> 20);
    return (int) exact;
  }

  /**
   * A sum of sizes.
   *
   * @param what what is counted, for the message
   * @param sum the sum, counted in longs
   * @return the sum
   * @throws IllegalArgumentException if it is more than 2^31 - 1
   */
  public static int total(String what, long sum) {
    require(
        sum <= Integer.MAX_VALUE,
        "%s would have %d coordinates, and 2^31 - 1 are the most",
        what,
        sum);
    return (int) sum;
  }
}
