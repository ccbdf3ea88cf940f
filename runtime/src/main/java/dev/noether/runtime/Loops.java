package dev.noether.runtime;

/**
 * The loops that the time goes into. The JIT makes vector code of a loop over arrays that all begin
 * at the same place, and of no other, because it cannot know that what is written is not what is
 * read next: so every row of a weight is an array of its own, and so are the sums.
 */
final class Loops implements Products {
  @Override
  public void add(
      float[] x,
      int x0,
      int xStep,
      int rows,
      int inner,
      float[][] w,
      int width,
      float[] y,
      int y0,
      int yStep,
      float[] sums) {
    for (int row = 0; row < rows; row++) {
      int to = y0 + row * yStep;
      if (to == 0) {
        addRow(x, x0 + row * xStep, inner, w, width, y);
      } else {
        System.arraycopy(y, to, sums, 0, width);
        addRow(x, x0 + row * xStep, inner, w, width, sums);
        System.arraycopy(sums, 0, y, to, width);
      }
    }
  }

  private static void addRow(float[] x, int x0, int inner, float[][] w, int width, float[] y) {
    int i = 0;
    for (; i + 4 <= inner; i += 4) {
      int at = x0 + i;
      addFour(x[at], x[at + 1], x[at + 2], x[at + 3], w[i], w[i + 1], w[i + 2], w[i + 3], width, y);
    }
    for (; i < inner; i++) {
      addOne(x[x0 + i], w[i], width, y);
    }
  }

  /** Four, because of a longer body the older JITs make no vector code. */
  private static void addFour(
      float a,
      float b,
      float c,
      float d,
      float[] p,
      float[] q,
      float[] r,
      float[] s,
      int width,
      float[] y) {
    for (int o = 0; o < width; o++) {
      y[o] += a * p[o] + b * q[o] + c * r[o] + d * s[o];
    }
  }

  private static void addOne(float a, float[] p, int width, float[] y) {
    for (int o = 0; o < width; o++) {
      y[o] += a * p[o];
    }
  }

  /** y += x. */
  static void add(float[] x, float[] y, int y0) {
    for (int i = 0; i < x.length; i++) {
      y[y0 + i] += x[i];
    }
  }

  /** Transposes {@code [rows, columns]}. */
  static void transpose(float[] x, int x0, int rows, int columns, float[] y, int y0) {
    for (int i = 0; i < rows; i++) {
      int from = x0 + i * columns;
      for (int j = 0; j < columns; j++) {
        y[y0 + j * rows + i] = x[from + j];
      }
    }
  }

  /** The columns of {@code [rows, columns]}, each an array. */
  static float[][] columns(float[] x, int rows, int columns) {
    float[][] result = new float[columns][rows];
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < columns; j++) {
        result[j][i] = x[i * columns + j];
      }
    }
    return result;
  }

  /** The rows of {@code [rows, columns]}, each an array. */
  static float[][] rows(float[] x, int rows, int columns) {
    float[][] result = new float[rows][columns];
    copyRows(x, 0, rows, columns, result);
    return result;
  }

  /** Copies rows that stand one after the other into arrays of their own. */
  static void copyRows(float[] x, int x0, int rows, int columns, float[][] to) {
    for (int i = 0; i < rows; i++) {
      System.arraycopy(x, x0 + i * columns, to[i], 0, columns);
    }
  }

  @Override
  public String toString() {
    return "plain loops";
  }
}
