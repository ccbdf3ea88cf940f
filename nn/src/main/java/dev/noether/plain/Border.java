package dev.noether.plain;

import java.util.Locale;

/** What a convolution finds beyond the border of its input, in PyTorch's words. */
public enum Border {
  /** Zeros. */
  ZEROS,
  /** The input mirrored at its outermost cells. */
  REFLECT,
  /** The outermost cells again. */
  REPLICATE,
  /** The input from its other side, as on a torus. */
  CIRCULAR;

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
