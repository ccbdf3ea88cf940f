package dev.noether.basis;

/** Products whose columns fill the processor's vectors are a fifth faster. */
final class Padding {
  /** From here on, columns are padded to a multiple of {@link #LANES}. */
  private static final int SMALLEST = 24;

  private static final int LANES = 8;

  private Padding() {}

  /** How many columns a product of so many is given. */
  static int width(int columns) {
    return columns < SMALLEST ? columns : (columns + LANES - 1) / LANES * LANES;
  }
}
