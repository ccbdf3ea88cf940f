package dev.noether.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * A small text table. The first column stands to the left, the others to the right, as numbers do,
 * unless their header begins with {@code <}.
 */
final class Columns {
  private final boolean[] left;
  private final List<String[]> rows = new ArrayList<>();

  Columns(String... header) {
    left = new boolean[header.length];
    String[] first = new String[header.length];
    for (int i = 0; i < header.length; i++) {
      boolean marked = header[i].startsWith("<");
      left[i] = i == 0 || marked;
      first[i] = marked ? header[i].substring(1) : header[i];
    }
    rows.add(first);
  }

  void add(String... cells) {
    rows.add(Stream.of(cells).map(Printable::of).toArray(String[]::new));
  }

  @Override
  public String toString() {
    int[] widths = new int[left.length];
    for (String[] row : rows) {
      for (int i = 0; i < row.length; i++) {
        widths[i] = Math.max(widths[i], row[i].length());
      }
    }
    StringBuilder text = new StringBuilder();
    for (String[] row : rows) {
      StringBuilder line = new StringBuilder();
      for (int i = 0; i < row.length; i++) {
        String space = " ".repeat(widths[i] - row[i].length());
        line.append("  ").append(left[i] ? row[i] + space : space + row[i]);
      }
      text.append(line.toString().stripTrailing()).append(System.lineSeparator());
    }
    return text.toString();
  }
}
