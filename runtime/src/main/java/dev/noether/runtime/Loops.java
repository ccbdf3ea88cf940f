package dev.noether.runtime;

/**
 * The loops that the time goes into, written so that the JIT makes vector code of them: each adds
 * multiples of rows to a row, in an order that does not depend on how many samples there are.
 */
final class Loops {
  private Loops() {}

  /**
   * y += x W for rows that share the weight. Four rows at a time read it once; each row's sum is
   * the same as it would be alone.
   *
   * @param x0 where the first row of x begins, the next {@code xStep} further
   * @param w {@code [inner, width]}, from w0 on
   * @param y0 where the first row of y begins, the next {@code yStep} further
   */
  static void addProducts(
      float[] x,
      int x0,
      int xStep,
      int rows,
      int inner,
      float[] w,
      int w0,
      int width,
      float[] y,
      int y0,
      int yStep) {
    int row = 0;
    for (; row + 4 <= rows; row += 4) {
      addFourRows(x, x0 + row * xStep, xStep, inner, w, w0, width, y, y0 + row * yStep, yStep);
    }
    for (; row < rows; row++) {
      addProduct(x, x0 + row * xStep, inner, w, w0, width, y, y0 + row * yStep);
    }
  }

  private static void addFourRows(
      float[] x,
      int x0,
      int xStep,
      int inner,
      float[] w,
      int w0,
      int width,
      float[] y,
      int y0,
      int yStep) {
    int i = 0;
    for (; i + 4 <= inner; i += 4) {
      addFourByFour(x, x0 + i, xStep, w, w0 + i * width, width, y, y0, yStep);
    }
    for (; i < inner; i++) {
      for (int row = 0; row < 4; row++) {
        addScaled(x[x0 + row * xStep + i], w, w0 + i * width, y, y0 + row * yStep, width);
      }
    }
  }

  private static void addFourByFour(
      float[] x, int x0, int xStep, float[] w, int w0, int width, float[] y, int y0, int yStep) {
    int x1 = x0 + xStep;
    int x2 = x1 + xStep;
    int x3 = x2 + xStep;
    int y1 = y0 + yStep;
    int y2 = y1 + yStep;
    int y3 = y2 + yStep;
    int w1 = w0 + width;
    int w2 = w1 + width;
    int w3 = w2 + width;
    float a0 = x[x0];
    float b0 = x[x0 + 1];
    float c0 = x[x0 + 2];
    float d0 = x[x0 + 3];
    float a1 = x[x1];
    float b1 = x[x1 + 1];
    float c1 = x[x1 + 2];
    float d1 = x[x1 + 3];
    float a2 = x[x2];
    float b2 = x[x2 + 1];
    float c2 = x[x2 + 2];
    float d2 = x[x2 + 3];
    float a3 = x[x3];
    float b3 = x[x3 + 1];
    float c3 = x[x3 + 2];
    float d3 = x[x3 + 3];
    for (int o = 0; o < width; o++) {
      float p = w[w0 + o];
      float q = w[w1 + o];
      float r = w[w2 + o];
      float s = w[w3 + o];
      y[y0 + o] += a0 * p + b0 * q + c0 * r + d0 * s;
      y[y1 + o] += a1 * p + b1 * q + c1 * r + d1 * s;
      y[y2 + o] += a2 * p + b2 * q + c2 * r + d2 * s;
      y[y3 + o] += a3 * p + b3 * q + c3 * r + d3 * s;
    }
  }

  /**
   * y += x W for one row.
   *
   * @param w {@code [inner, width]}
   */
  static void addProduct(
      float[] x, int x0, int inner, float[] w, int w0, int width, float[] y, int y0) {
    int i = 0;
    for (; i + 8 <= inner; i += 8) {
      addEight(x, x0 + i, w, w0 + i * width, width, y, y0);
    }
    for (; i + 4 <= inner; i += 4) {
      addFour(
          x[x0 + i], x[x0 + i + 1], x[x0 + i + 2], x[x0 + i + 3], w, w0 + i * width, width, y, y0);
    }
    for (; i < inner; i++) {
      addScaled(x[x0 + i], w, w0 + i * width, y, y0, width);
    }
  }

  /** Two times four, in one pass over y. */
  private static void addEight(float[] x, int x0, float[] w, int w0, int width, float[] y, int y0) {
    float a = x[x0];
    float b = x[x0 + 1];
    float c = x[x0 + 2];
    float d = x[x0 + 3];
    float e = x[x0 + 4];
    float f = x[x0 + 5];
    float g = x[x0 + 6];
    float h = x[x0 + 7];
    int w1 = w0 + width;
    int w2 = w1 + width;
    int w3 = w2 + width;
    int w4 = w3 + width;
    int w5 = w4 + width;
    int w6 = w5 + width;
    int w7 = w6 + width;
    for (int o = 0; o < width; o++) {
      float half = y[y0 + o] + (a * w[w0 + o] + b * w[w1 + o] + c * w[w2 + o] + d * w[w3 + o]);
      y[y0 + o] = half + (e * w[w4 + o] + f * w[w5 + o] + g * w[w6 + o] + h * w[w7 + o]);
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
