package dev.noether.algebra;

import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/** What was perhaps meant by a word that is not known. */
public final class Spelling {
  private Spelling() {}

  /**
   * The known word nearest to one that is not, where no more than a third of it is wrong. Letter
   * case does not count.
   *
   * @param word the word that is not known
   * @param known the words that are
   * @return the nearest one, the first of several; empty where none is near
   */
  public static Optional<String> nearest(String word, Stream<String> known) {
    String lower = word.toLowerCase(Locale.ROOT);
    return known
        .filter(name -> 3 * Math.abs(name.length() - lower.length()) <= name.length())
        .filter(name -> 3 * edits(name.toLowerCase(Locale.ROOT), lower) <= name.length())
        .min(Comparator.comparingInt(name -> edits(name.toLowerCase(Locale.ROOT), lower)));
  }

  /** How many letters must be put in, left out, changed or exchanged with their neighbour. */
  private static int edits(String from, String to) {
    int[][] edits = new int[from.length() + 1][to.length() + 1];
    for (int i = 0; i <= from.length(); i++) {
      for (int j = 0; j <= to.length(); j++) {
        edits[i][j] = Math.max(i, j);
        if (i > 0 && j > 0) {
          int change = from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1;
          int least = Math.min(edits[i - 1][j], edits[i][j - 1]) + 1;
          edits[i][j] = Math.min(least, edits[i - 1][j - 1] + change);
          if (i > 1
              && j > 1
              && from.charAt(i - 1) == to.charAt(j - 2)
              && from.charAt(i - 2) == to.charAt(j - 1)) {
            edits[i][j] = Math.min(edits[i][j], edits[i - 2][j - 2] + 1);
          }
        }
      }
    }
    return edits[from.length()][to.length()];
  }
}
