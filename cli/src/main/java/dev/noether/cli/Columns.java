package dev.noether.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * A small text table. The first column stands to the left, the others to the right, as numbers do,
 * unless their header begins with {@code <}.
 */
public final class Columns {
  private static final String GAP = "  ";

  private final boolean[] left;
  private final List<String[]> rows = new ArrayList<>();

  /**
   * An empty table.
   *
   * @param header the names of the columns
   */
  public Columns(String... header) {
    left = new boolean[header.length];
    String[] first = new String[header.length];
    for (int i = 0; i < header.length; i++) {
      boolean marked = header[i].startsWith("<");
      left[i] = i == 0 || marked;
      first[i] = marked ? header[i].substring(1) : header[i];
    }
    rows.add(first);
  }

  /**
   * Adds a row.
   *
   * @param cells a text for each column
   */
  public void add(String... cells) {
    rows.add(Stream.of(cells).map(Printable::of).toArray(String[]::new));
  }

  /**
   * The table as lines. Where it is wider than the terminal, the columns that do not fit follow
   * below, beside the first column again.
   *
   * @param width the columns of the terminal, 0 for any number
   * @return the lines, each with its end
   */
  String text(int width) {
    int[] widths = new int[left.length];
    for (String[] row : rows) {
      for (int i = 0; i < row.length; i++) {
        widths[i] = Math.max(widths[i], row[i].length());
      }
    }
    StringBuilder text = new StringBuilder();
    int from = 1;
    do {
      int to = from;
      int used = GAP.length() + widths[0];
      while (to < left.length
          && (to == from || width == 0 || used + GAP.length() + widths[to] <= width)) {
        used += GAP.length() + widths[to];
        to++;
      }
      text.append(from > 1 ? System.lineSeparator() : "");
      lines(text, widths, from, to, width);
      from = to;
    } while (from < left.length);
    return text.toString();
  }

  private void lines(StringBuilder text, int[] widths, int from, int to, int width) {
    int hanging = 2 * GAP.length() + widths[0]; // a cell too wide for any line goes on below itself
    for (String[] row : rows) {
      StringBuilder line = new StringBuilder(GAP).append(padded(row[0], widths[0], true));
      for (int i = from; i < to; i++) {
        line.append(GAP).append(padded(row[i], widths[i], left[i]));
      }
      String whole = line.toString().stripTrailing();
      text.append(Page.wrapped(whole, width, hanging < width / 2 ? hanging : 2 * GAP.length()))
          .append(System.lineSeparator());
    }
  }

  private static String padded(String cell, int width, boolean left) {
    String space = " ".repeat(width - cell.length());
    return left ? cell + space : space + cell;
  }

  @Override
  public String toString() {
    return text(0);
  }
}
