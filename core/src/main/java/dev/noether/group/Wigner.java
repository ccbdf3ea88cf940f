package dev.noether.group;

import dev.noether.algebra.Matrix;
import dev.noether.algebra.Sizes;

/**
 * Real Wigner matrices: how real spherical harmonics of degree l, in the order m = -l..l and
 * without the Condon-Shortley sign, turn under rotations.
 *
 * <p>By the recursion of Ivanic and Ruedenberg, <em>Rotation Matrices for Real Spherical
 * Harmonics</em> (J. Phys. Chem. 1996, with the corrections of 1998), from degree to degree; it has
 * no trigonometric functions and no singular angles.
 */
final class Wigner {
  private Wigner() {}

  /** D^l of a rotation. */
  static Matrix of(int degree, Orthogonal3 rotation) {
    double[] r = rotation.rotationMatrix().toArray();
    // Basis (y, z, x) of degree one.
    int[] axes = {1, 2, 0};
    double[] one = new double[9];
    for (int i = 0; i < 3; i++) {
      for (int j = 0; j < 3; j++) {
        one[3 * i + j] = r[3 * axes[i] + axes[j]];
      }
    }
    double[] current = {1};
    for (int l = 1; l <= degree; l++) {
      current = l == 1 ? one : next(l, one, current);
    }
    return Matrix.of(2 * degree + 1, 2 * degree + 1, current);
  }

  private static double[] next(int l, double[] one, double[] before) {
    int size = 2 * l + 1;
    double[] result = new double[Sizes.entries("the matrix of degree " + l, size, size)];
    for (int m = -l; m <= l; m++) {
      int a = Math.abs(m);
      for (int n = -l; n <= l; n++) {
        double d = Math.abs(n) < l ? (double) (l + n) * (l - n) : (double) (2 * l) * (2 * l - 1);
        double sum = 0;
        if (a < l) {
          sum += Math.sqrt((l + m) * (double) (l - m) / d) * product(0, m, n, l, one, before);
        }
        double v = 0.5 * Math.sqrt((m == 0 ? 2.0 : 1.0) * (l + a - 1) * (l + a) / d);
        sum += (m == 0 ? -v : v) * second(m, n, l, one, before);
        if (m != 0 && a < l - 1) {
          double w = -0.5 * Math.sqrt((double) (l - a - 1) * (l - a) / d);
          sum += w * third(m, n, l, one, before);
        }
        result[(m + l) * size + n + l] = sum;
      }
    }
    return result;
  }

  private static double second(int m, int n, int l, double[] one, double[] before) {
    if (m == 0) {
      return product(1, 1, n, l, one, before) + product(-1, -1, n, l, one, before);
    }
    if (m > 0) {
      double first = product(1, m - 1, n, l, one, before);
      return m == 1 ? Math.sqrt(2) * first : first - product(-1, 1 - m, n, l, one, before);
    }
    double last = product(-1, -m - 1, n, l, one, before);
    return m == -1 ? Math.sqrt(2) * last : product(1, m + 1, n, l, one, before) + last;
  }

  private static double third(int m, int n, int l, double[] one, double[] before) {
    return m > 0
        ? product(1, m + 1, n, l, one, before) + product(-1, -m - 1, n, l, one, before)
        : product(1, m - 1, n, l, one, before) - product(-1, 1 - m, n, l, one, before);
  }

  /** An entry of the product of degrees one and l - 1. */
  private static double product(int i, int m, int n, int l, double[] one, double[] before) {
    if (n == l) {
      return one(one, i, 1) * entry(before, l - 1, m, l - 1)
          - one(one, i, -1) * entry(before, l - 1, m, 1 - l);
    }
    if (n == -l) {
      return one(one, i, 1) * entry(before, l - 1, m, 1 - l)
          + one(one, i, -1) * entry(before, l - 1, m, l - 1);
    }
    return one(one, i, 0) * entry(before, l - 1, m, n);
  }

  private static double one(double[] one, int i, int j) {
    return one[3 * (i + 1) + j + 1];
  }

  private static double entry(double[] matrix, int l, int m, int n) {
    return matrix[(m + l) * (2 * l + 1) + n + l];
  }
}
