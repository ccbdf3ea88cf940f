package dev.noether.cli;

import java.util.ArrayList;
import java.util.List;

/** A small text table: the first column to the left, numbers to the right. */
final class Columns {
  private final List<String[]> rows = new ArrayList<>();

  Columns(String... header) {
    rows.add(header.clone());
  }

  void add(String... cells) {
    rows.add(cells.clone());
  }

  @Override
  public String toString() {
    int[] widths = new int[rows.get(0).length];
    for (String[] row : rows) {
      for (int i = 0; i < row.length; i++) {
        widths[i] = Math.max(widths[i], row[i].length());
      }
    }
    StringBuilder text = new StringBuilder();
    for (String[] row : rows) {
      StringBuilder line = new StringBuilder("  ");
      for (int i = 0; i < row.length; i++) {
        String space = " ".repeat(widths[i] - row[i].length());
        line.append(i == 0 ? row[i] + space : "  " + space + row[i]);
      }
      text.append(line.toString().stripTrailing()).append(System.lineSeparator());
    }
    return text.toString();
  }
}
