package dev.noether.group;

/** Determinants of complex matrices. */
final class Determinant {
  private Determinant() {}

  /**
   * The angle of the determinant, by elimination with pivots.
   *
   * @param real the real parts of a matrix {@code [n, n]} that is not singular
   * @param imaginary the imaginary parts
   * @param n the number of rows
   * @return the angle, from -pi to pi; exactly 0 or pi for a real matrix
   */
  static double angle(double[] real, double[] imaginary, int n) {
    double[] re = real.clone();
    double[] im = imaginary.clone();
    double x = 1;
    double y = 0;
    for (int k = 0; k < n; k++) {
      int pivot = pivot(re, im, n, k);
      for (int j = 0; j < n && pivot != k; j++) {
        swap(re, k * n + j, pivot * n + j);
        swap(im, k * n + j, pivot * n + j);
      }
      double c = re[k * n + k];
      double s = im[k * n + k];
      double size = Math.sqrt(c * c + s * s) * (pivot == k ? 1 : -1);
      double turned = (x * c - y * s) / size;
      y = (x * s + y * c) / size;
      x = turned;
      for (int i = k + 1; i < n; i++) {
        double a = (re[i * n + k] * c + im[i * n + k] * s) / (c * c + s * s);
        double b = (im[i * n + k] * c - re[i * n + k] * s) / (c * c + s * s);
        for (int j = k; j < n; j++) {
          double p = re[k * n + j];
          double q = im[k * n + j];
          re[i * n + j] -= a * p - b * q;
          im[i * n + j] -= a * q + b * p;
        }
      }
    }
    return StrictMath.atan2(y + 0.0, x);
  }

  private static int pivot(double[] re, double[] im, int n, int k) {
    int best = k;
    for (int i = k + 1; i < n; i++) {
      if (Math.hypot(re[i * n + k], im[i * n + k])
          > Math.hypot(re[best * n + k], im[best * n + k]) + 1e-9) {
        best = i;
      }
    }
    return best;
  }

  private static void swap(double[] values, int i, int j) {
    double kept = values[i];
    values[i] = values[j];
    values[j] = kept;
  }
}
