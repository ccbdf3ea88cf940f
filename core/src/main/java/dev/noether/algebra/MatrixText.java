package dev.noether.algebra;

import java.util.Locale;

/** How a matrix prints: numbers in columns, and only the first of a large one. */
final class MatrixText {
  private static final int MOST = 16;

  private MatrixText() {}

  static String of(Matrix matrix) {
    int rows = Math.min(matrix.rows(), MOST);
    int columns = Math.min(matrix.columns(), MOST);
    String[][] cells = new String[rows][columns];
    int width = 0;
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < columns; j++) {
        cells[i][j] = number(matrix.get(i, j));
        width = Math.max(width, cells[i][j].length());
      }
    }
    StringBuilder text = new StringBuilder();
    text.append("Matrix[").append(matrix.rows()).append(", ").append(matrix.columns()).append(']');
    for (String[] row : cells) {
      text.append('\n');
      for (String cell : row) {
        text.append(" ".repeat(width - cell.length() + 2)).append(cell);
      }
      text.append(columns < matrix.columns() ? "  ..." : "");
    }
    return text.append(rows < matrix.rows() ? "\n  ..." : "").toString();
  }

  /** Four digits, without the zeros that say nothing. */
  private static String number(double value) {
    double rounded = Math.rint(value * 1e4) / 1e4;
    if (rounded == 0) {
      return "0";
    }
    if (rounded == Math.rint(rounded) && Math.abs(rounded) < 1e9) {
      return Long.toString((long) rounded);
    }
    return Math.abs(value) < 1e6
        ? String.format(Locale.ROOT, "%.4f", value).replaceFirst("0+$", "")
        : String.format(Locale.ROOT, "%.4g", value);
  }
}
