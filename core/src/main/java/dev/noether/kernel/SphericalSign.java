package dev.noether.kernel;

import dev.noether.algebra.Matrix;
import dev.noether.group.CompactIrrep;
import dev.noether.group.Irrep;

/**
 * Which sign Clebsch-Gordan coefficients of real spherical harmonics have against the standard
 * complex ones, where (n n, m j - n | j j) is positive (Condon and Shortley).
 *
 * <p>A real function of order f is made of the complex ones of orders -f and f by U: U[-f, -f] = -i
 * / sqrt 2, U[f, -f] = i (-1)^f / sqrt 2, U[-f, f] = 1 / sqrt 2, U[f, f] = (-1)^f / sqrt 2, U[0, 0]
 * = 1, rows complex, columns real. The real tensor is the real part of the transformed complex one
 * where n + m + j is even, else the imaginary part.
 */
final class SphericalSign {
  private SphericalSign() {}

  /** The tensor with the standard sign, for irreps of SO(3) and O(3); else as it is. */
  static Matrix standard(Matrix tensor, Irrep out, Irrep in, Irrep irrep) {
    if (out instanceof CompactIrrep n
        && in instanceof CompactIrrep m
        && irrep instanceof CompactIrrep j
        && n.group().spaceDimension() == 3) {
      double top = top(tensor, n.frequency(), m.frequency(), j.frequency());
      return tensor.scale(Math.signum(top));
    }
    return tensor;
  }

  /** The standard coefficient (n n, m j - n | j j) up to the sign of the real tensor. */
  private static double top(Matrix tensor, int n, int m, int j) {
    double real = 0;
    double imaginary = 0;
    for (int x : orders(n)) {
      double[] a = conjugate(u(n, x));
      for (int y : orders(j - n)) {
        double[] ab = times(a, conjugate(u(j - n, y)));
        for (int z : orders(j)) {
          double[] all = times(ab, u(j, z));
          double entry = tensor.get((x + n) * (2 * m + 1) + y + m, z + j);
          real += all[0] * entry;
          imaginary += all[1] * entry;
        }
      }
    }
    // The complex tensor is i times the real one where the sum of the degrees is odd.
    return (n + m + j) % 2 == 0 ? real : -imaginary;
  }

  private static int[] orders(int order) {
    return order == 0 ? new int[] {0} : new int[] {-Math.abs(order), Math.abs(order)};
  }

  /** U[row, column], real and imaginary part. */
  private static double[] u(int row, int column) {
    if (row == 0) {
      return new double[] {1, 0};
    }
    double sign = row > 0 && row % 2 != 0 ? -1 : 1;
    double h = Math.sqrt(0.5) * sign;
    if (column > 0) {
      return new double[] {h, 0};
    }
    return new double[] {0, row > 0 ? h : -h};
  }

  private static double[] conjugate(double[] a) {
    return new double[] {a[0], -a[1]};
  }

  private static double[] times(double[] a, double[] b) {
    return new double[] {a[0] * b[0] - a[1] * b[1], a[0] * b[1] + a[1] * b[0]};
  }
}
