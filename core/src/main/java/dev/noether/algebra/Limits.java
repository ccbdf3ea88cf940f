package dev.noether.algebra;

import java.util.Locale;

/**
 * How much a text or a file may ask for before anything of it is believed. It may come from a
 * stranger, so each limit is checked before anything is computed, and is named in the message. Real
 * models stay far below; what a program builds by itself is not bound by them.
 */
public final class Limits {
  /** Levels of whatever stands in itself: parentheses, calls, subgroups, lists, dicts, layers. */
  public static final int DEPTH = 100;

  /** Multiplications that all constructions in a text may take: about a second. */
  public static final long WORK = 4_000_000_000L;

  /** Characters of a text. */
  public static final int TEXT_CHARACTERS = 4_000_000;

  /** Factors of all products of groups together, and of all tensor products. */
  public static final int FACTORS = 50;

  /** Coordinates of a representation. */
  public static final int COORDINATES = 10_000_000;

  /** Summands, irreps among them. */
  public static final int SUMMANDS = 1_000_000;

  /** Elements of a group whose subgroups are found by name, which lists them all. */
  public static final int LISTED_SUBGROUPS = 2000;

  /** Digits of a count or of a degree. */
  public static final int DIGITS = 6;

  /** Frequency of an irrep of a compact group. */
  public static final int FREQUENCY = 1000;

  /** Axes of a tensor, as many as LibTorch knows. */
  public static final int AXES = 64;

  /** Bytes of a safetensors header; the format's own limit. */
  public static final long HEADER_BYTES = 100_000_000;

  /** Tensors of a safetensors file, and entries of a zip archive. */
  public static final int ENTRIES = 100_000;

  /** Bytes of a zip archive's directory. */
  public static final long DIRECTORY_BYTES = 32_000_000;

  /** Bytes that an entry of a zip archive may unpack to a hundred times its size. */
  public static final long INFLATED_BYTES = 1L << 26;

  /** Bytes of a pickle, unpacked. */
  public static final int PICKLE_BYTES = 32_000_000;

  /** Values and marks of a pickle; a state dict of ten thousand tensors has a tenth of it. */
  public static final int PICKLE_VALUES = 2_000_000;

  /** Values of a pickle after its shared lists are unfolded. */
  public static final int UNFOLDED_VALUES = 500_000;

  /** Characters of all names of a pickle's values. */
  public static final long UNFOLDED_CHARACTERS = 20_000_000;

  /** Characters of the name of a function or class in a pickle. */
  public static final int NAME_CHARACTERS = 256;

  /** Layers of a checkpoint, those inside others counted. */
  public static final int LAYERS = 5_000;

  /** A size in an architecture that needs no numbers in the file to show for it. */
  public static final long PLAIN_SIZE = 4096;

  /** Bytes that a tensor of repeated numbers, an expanded one, may become when it is written. */
  public static final long EXPANDED_BYTES = 1L << 30;

  /** How much of a text a message shows. */
  private static final int SHOWN = 300;

  private Limits() {}

  /**
   * Refuses a text that is too long or nested too deep.
   *
   * @param text the text
   * @throws IllegalArgumentException if it has more characters than {@link #TEXT_CHARACTERS}, or
   *     more parentheses in each other than {@link #DEPTH}
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
   * @throws IllegalArgumentException if it has more characters than {@link #TEXT_CHARACTERS}
   */
  public static void requireLength(String text) {
    Checks.require(
        text.length() <= TEXT_CHARACTERS,
        "a text must have at most %d characters, got %d: %s",
        TEXT_CHARACTERS,
        text.length(),
        shown(text));
  }

  /**
   * Refuses what stands too deep.
   *
   * @param depth how many things it stands in
   * @param text the whole text
   * @throws IllegalArgumentException if that is more than {@link #DEPTH}
   */
  public static void requireNesting(int depth, String text) {
    Checks.require(
        depth <= DEPTH,
        "parentheses, calls and subgroups may stand at most %d deep in each other, got more in '%s'",
        DEPTH,
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
