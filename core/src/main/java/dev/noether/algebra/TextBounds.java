package dev.noether.algebra;

import java.util.Locale;

/**
 * How much a text may ask for: names of groups, representations, descriptions of groups. A text may
 * come from a file of a stranger, so each bound is checked before anything is computed. What a
 * program builds by itself is not bound by them.
 */
public final class TextBounds {
  /** The most characters. */
  public static final int LENGTH = 4_000_000;

  /** How deep parentheses, calls and subgroups of subgroups may stand in each other. */
  public static final int NESTING = 100;

  /** The most factors of all products of groups together, and of all tensor products. */
  public static final int FACTORS = 50;

  /** The most coordinates of a representation. */
  public static final int COORDINATES = 10_000_000;

  /** The most summands, irreps among them. */
  public static final int SUMMANDS = 1_000_000;

  /** The largest group whose subgroups are found by name, which lists them all. */
  public static final int LISTED_SUBGROUPS = 2000;

  /** The most digits of a count or of a degree. */
  public static final int DIGITS = 6;

  /** The highest frequency of an irrep of a compact group. */
  public static final int FREQUENCY = 1000;

  /** The most multiplications that all constructions in a text may take: a second or two. */
  public static final long WORK = 4_000_000_000L;

  /** How much of a text a message shows. */
  private static final int SHOWN = 300;

  private TextBounds() {}

  /**
   * Refuses a text that is too long or nested too deep.
   *
   * @param text the text
   * @throws IllegalArgumentException if it has more characters than {@link #LENGTH}, or more
   *     parentheses in each other than {@link #NESTING}
   */
  public static void require(String text) {
    requireLength(text);
    int depth = 0;
    for (int i = 0; i < text.length(); i++) {
      char symbol = text.charAt(i);
      if (symbol == '(') {
        requireNesting(++depth, text);
      } else if (symbol == ')') {
        depth--;
      }
    }
  }

  /**
   * Refuses a text that is too long.
   *
   * @param text the text
   * @throws IllegalArgumentException if it has more characters than {@link #LENGTH}
   */
  public static void requireLength(String text) {
    Checks.require(
        text.length() <= LENGTH,
        "a text must have at most %d characters, got %d: %s",
        LENGTH,
        text.length(),
        shown(text));
  }

  /**
   * Refuses what stands too deep.
   *
   * @param depth how many things it stands in
   * @param text the whole text
   * @throws IllegalArgumentException if that is more than {@link #NESTING}
   */
  public static void requireNesting(int depth, String text) {
    Checks.require(
        depth <= NESTING,
        "parentheses, calls and subgroups may stand at most %d deep in each other, got more in '%s'",
        NESTING,
        shown(text));
  }

  /**
   * Refuses too many of something.
   *
   * @param what what is counted
   * @param count how many there would be
   * @param most how many may be
   * @param text the whole text
   * @throws IllegalArgumentException if there are more
   */
  public static void requireAtMost(String what, double count, long most, String text) {
    Checks.require(
        count <= most,
        "a text may ask for at most %d %s, got %s in '%s'; build larger ones in code",
        most,
        what,
        count < 1e15 ? String.valueOf((long) count) : String.format(Locale.ROOT, "%.0e", count),
        shown(text));
  }

  /**
   * What a message shows of a text.
   *
   * @param text any text
   * @return the text, or its beginning and its length where it is long
   */
  public static String shown(String text) {
    return text.length() <= SHOWN
        ? text
        : text.substring(0, SHOWN) + "... (" + text.length() + " characters)";
  }
}
