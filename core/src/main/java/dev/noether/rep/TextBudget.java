package dev.noether.rep;

import dev.noether.algebra.Limits;
import java.util.function.Function;

/** What a text has asked for so far, checked against {@link Limits} before it is computed. */
final class TextBudget {
  /** What {@link Limits#FACTORS} counts. */
  static final String PRODUCTS = "factors of tensor products";

  private final String text;
  private double work;
  private int factors;

  private TextBudget(String text) {
    this.text = text;
  }

  /**
   * Reads a text within bounds. What they let pass may still be more than a small heap holds, which
   * is the text's fault and not an error of the process.
   */
  static <R> R within(String text, Function<TextBudget, R> reader) {
    Limits.require(text);
    try {
      return reader.apply(new TextBudget(text));
    } catch (OutOfMemoryError e) {
      throw new IllegalArgumentException(
          "'"
              + Limits.shown(text)
              + "' needs more than the "
              + (Runtime.getRuntime().maxMemory() >> 20)
              + " MB that Java may take: raise it with -Xmx",
          e);
    }
  }

  /** Counts multiplications that are about to be made. */
  void spend(double multiplications) {
    work += multiplications;
    Limits.requireAtMost("multiplications", work, Limits.WORK, text);
  }

  /** Counts a tensor product. */
  void multiply() {
    Limits.requireAtMost(PRODUCTS, ++factors, Limits.FACTORS, text);
  }

  /** Bounds a tensor product that is about to be made. */
  void requireProduct(double coordinates) {
    Limits.requireAtMost(
        "coordinates of a tensor product", coordinates, TensorProducts.LARGEST_SIZE, text);
  }

  /** Bounds a representation that is about to be made. */
  void require(double coordinates, double irreps) {
    Limits.requireAtMost("coordinates", coordinates, Limits.COORDINATES, text);
    Limits.requireAtMost("irreps", irreps, Limits.SUMMANDS, text);
  }

  /** Bounds the frequency of an irrep of a compact group. */
  void requireFrequency(int frequency) {
    Limits.requireAtMost("as a frequency", frequency, Limits.FREQUENCY, text);
  }
}
