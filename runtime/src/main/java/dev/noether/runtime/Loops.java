package dev.noether.runtime;

/**
 * The loops that the time goes into, written so that the JIT makes vector code of them: each adds
 * multiples of rows to a row, in an order that does not depend on how many samples there are.
 */
final class Loops {
  private Loops() {}

  /**
   * y += x W for one row.
   *
   * @param w {@code [inner, width]}
   */
  static void addProduct(
      float[] x, int x0, int inner, float[] w, int w0, int width, float[] y, int y0) {
    int i = 0;
    for (; i + 4 <= inner; i += 4) {
      addFour(
          x[x0 + i], x[x0 + i + 1], x[x0 + i + 2], x[x0 + i + 3], w, w0 + i * width, width, y, y0);
    }
    for (; i < inner; i++) {
      addScaled(x[x0 + i], w, w0 + i * width, y, y0, width);
    }
  }

  private static void addFour(
      float a, float b, float c, float d, float[] w, int w0, int width, float[] y, int y0) {
    int w1 = w0 + width;
    int w2 = w1 + width;
    int w3 = w2 + width;
    for (int o = 0; o < width; o++) {
      y[y0 + o] += a * w[w0 + o] + b * w[w1 + o] + c * w[w2 + o] + d * w[w3 + o];
    }
  }

  /** y += a x. */
  static void addScaled(float a, float[] x, int x0, float[] y, int y0, int n) {
    for (int i = 0; i < n; i++) {
      y[y0 + i] += a * x[x0 + i];
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
}
