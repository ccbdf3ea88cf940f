package dev.noether.rep;

import dev.noether.algebra.TextBounds;
import java.util.function.Function;

/** What a text has asked for so far, checked against {@link TextBounds} before it is computed. */
final class TextBudget {
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
    TextBounds.require(text);
    try {
      return reader.apply(new TextBudget(text));
    } catch (OutOfMemoryError e) {
      throw new IllegalArgumentException(
          "'"
              + TextBounds.shown(text)
              + "' needs more than the "
              + (Runtime.getRuntime().maxMemory() >> 20)
              + " MB that Java may take: raise it with -Xmx",
          e);
    }
  }

  /** Counts multiplications that are about to be made. */
  void spend(double multiplications) {
    work += multiplications;
    TextBounds.requireAtMost("multiplications", work, TextBounds.WORK, text);
  }

  /** Counts a tensor product. */
  void multiply() {
    TextBounds.requireAtMost("factors of tensor products", ++factors, TextBounds.FACTORS, text);
  }

  /** Bounds a representation that is about to be made. */
  void require(double coordinates, double irreps) {
    TextBounds.requireAtMost("coordinates", coordinates, TextBounds.COORDINATES, text);
    TextBounds.requireAtMost("irreps", irreps, TextBounds.SUMMANDS, text);
  }

  /** Bounds the frequency of an irrep of a compact group. */
  void requireFrequency(int frequency) {
    TextBounds.requireAtMost("as a frequency", frequency, TextBounds.FREQUENCY, text);
  }
}
