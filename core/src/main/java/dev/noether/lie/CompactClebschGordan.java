package dev.noether.lie;

import static dev.noether.algebra.Checks.require;

import dev.noether.algebra.Matrix;
import dev.noether.algebra.Sizes;
import dev.noether.group.CompactGroup;
import dev.noether.group.CompactIrrep;
import java.util.ArrayList;
import java.util.List;

/**
 * The Clebsch-Gordan coefficients of the compact groups of the plane and of space, in closed form.
 *
 * <p>The irreps come by ascending frequency. Signs are fixed thus: in the first column of each
 * irrep the first entry above 1e-9 in size is positive. For space the complex coefficients are
 * found from the highest weight downwards and written in the real basis (Varshalovich, Moskalev and
 * Khersonskii, <em>Quantum Theory of Angular Momentum</em>, chapter 8).
 */
public final class CompactClebschGordan {
  private CompactClebschGordan() {}

  /**
   * The coefficients of two irreps: the orthogonal matrix C with left(g) (x) right(g) = C
   * (irrep_1(g) + irrep_2(g) + ...) C^T, the irreps those of {@link #series}.
   *
   * @param left an irrep
   * @param right an irrep of the same group
   * @return C; row {@code i * right.dimension() + j} belongs to e_i (x) e_j
   * @throws IllegalArgumentException if the groups differ
   */
  public static Matrix matrix(CompactIrrep left, CompactIrrep right) {
    List<CompactIrrep> irreps = series(left, right);
    long pairs = (long) left.dimension() * right.dimension();
    int rows = Sizes.total("the product of " + left + " and " + right, pairs);
    double[] entries =
        new double[Sizes.entries("the product of " + left + " and " + right, rows, rows)];
    int column = 0;
    for (int i = 0; i < irreps.size(); i++) {
      CompactIrrep irrep = irreps.get(i);
      boolean second = i > 0 && irrep.frequency() == irreps.get(i - 1).frequency();
      double[][] columns =
          left.group().spaceDimension() == 3
              ? spatial(left.frequency(), right.frequency(), irrep.frequency())
              : planar(left, right, irrep, second);
      double sign = 0;
      for (int row = 0; row < rows && sign == 0; row++) {
        sign = Math.abs(columns[0][row]) > 1e-9 ? Math.signum(columns[0][row]) : 0;
      }
      for (double[] values : columns) {
        for (int row = 0; row < rows; row++) {
          entries[row * rows + column] = sign * values[row];
        }
        column++;
      }
    }
    return Matrix.of(rows, rows, entries);
  }

  /**
   * The irreps of a tensor product, each once (the Clebsch-Gordan series).
   *
   * @param left an irrep
   * @param right an irrep of the same group
   * @return the irreps by ascending frequency
   * @throws IllegalArgumentException if the groups differ
   */
  public static List<CompactIrrep> series(CompactIrrep left, CompactIrrep right) {
    CompactGroup group = left.group();
    require(
        right.group() == group,
        "a tensor product needs irreps of one group, got %s and %s",
        group,
        right.group());
    int a = left.frequency();
    int b = right.frequency();
    int parity = left.parity() ^ right.parity();
    List<CompactIrrep> irreps = new ArrayList<>();
    if (group.spaceDimension() == 3) {
      for (int l = Math.abs(a - b); l <= a + b; l++) {
        irreps.add(new CompactIrrep(group, parity, l));
      }
    } else if (a == 0 || b == 0) {
      int sign = group == CompactGroup.O2 && a + b > 0 ? 1 : parity;
      irreps.add(new CompactIrrep(group, sign, a + b));
    } else {
      int above = group == CompactGroup.O2 ? 1 : 0;
      if (a == b) {
        irreps.add(new CompactIrrep(group, 0, 0));
        irreps.add(new CompactIrrep(group, above, 0));
      } else {
        irreps.add(new CompactIrrep(group, above, Math.abs(a - b)));
      }
      irreps.add(new CompactIrrep(group, above, a + b));
    }
    return irreps;
  }

  /** Products of complex numbers: z_1 z_2 turns by k_1 + k_2, z_1 conj(z_2) by k_1 - k_2. */
  private static double[][] planar(
      CompactIrrep left, CompactIrrep right, CompactIrrep irrep, boolean second) {
    int a = left.frequency();
    int b = right.frequency();
    double h = Math.sqrt(0.5);
    if (a == 0 && b == 0) {
      return new double[][] {{1}};
    }
    if (a == 0 || b == 0) {
      // The determinant times a frequency: the reflection's eigenvectors change places.
      boolean turned = (a == 0 ? left.parity() : right.parity()) == 1;
      return turned ? new double[][] {{0, 1}, {-1, 0}} : new double[][] {{1, 0}, {0, 1}};
    }
    if (irrep.frequency() == a + b) {
      return new double[][] {{h, 0, 0, -h}, {0, h, h, 0}};
    }
    double[] real = {h, 0, 0, h};
    double[] imaginary = a >= b ? new double[] {0, -h, h, 0} : new double[] {0, h, -h, 0};
    if (a == b) {
      return new double[][] {second ? imaginary : real};
    }
    return new double[][] {real, imaginary};
  }

  /** The real columns of degree l, each over rows i * (2 b + 1) + j. */
  private static double[][] spatial(int a, int b, int l) {
    double[][] coupled = complex(a, b, l);
    int width = 2 * b + 1;
    boolean imaginary = (a + b - l) % 2 != 0;
    double[][] columns = new double[2 * l + 1][(2 * a + 1) * width];
    for (int k = -l; k <= l; k++) {
      for (int big : orders(k)) {
        Complex outer = weight(k, big);
        for (int m = Math.max(-a, big - b); m <= Math.min(a, big + b); m++) {
          double c = coupled[big + l][m + a];
          for (int i : orders(m)) {
            Complex first = outer.times(weight(i, m).conjugate());
            for (int j : orders(big - m)) {
              Complex all = first.times(weight(j, big - m).conjugate());
              columns[k + l][(i + a) * width + j + b] += c * (imaginary ? all.im : all.re);
            }
          }
        }
      }
    }
    return columns;
  }

  private static int[] orders(int m) {
    return m == 0 ? new int[] {0} : new int[] {-Math.abs(m), Math.abs(m)};
  }

  private record Complex(double re, double im) {
    Complex times(Complex o) {
      return new Complex(re * o.re - im * o.im, re * o.im + im * o.re);
    }

    Complex conjugate() {
      return new Complex(re, -im);
    }
  }

  /** The coefficient of the complex harmonic of order mu in the real one of order m. */
  private static Complex weight(int m, int mu) {
    double h = Math.sqrt(0.5);
    double sign = mu % 2 == 0 ? 1 : -1;
    if (m == 0) {
      return new Complex(1, 0);
    }
    if (m > 0) {
      return new Complex(mu < 0 ? h : sign * h, 0);
    }
    return new Complex(0, mu < 0 ? h : -sign * h);
  }

  /** The complex coefficients (a m, b M - m | l M) at [M + l][m + a]. */
  private static double[][] complex(int a, int b, int l) {
    double[][] c = new double[2 * l + 1][2 * a + 1];
    double[] top = c[2 * l];
    int first = Math.max(-a, l - b);
    int last = Math.min(a, l + b);
    double norm = 0;
    for (int m = first; m <= last; m++) {
      top[m + a] = m == first ? 1 : -top[m - 1 + a] * ladder(a, m - 1) / ladder(b, l - m);
      norm += top[m + a] * top[m + a];
    }
    for (int m = first; m <= last; m++) {
      top[m + a] /= Math.sqrt(norm);
    }
    for (int big = l - 1; big >= 0; big--) {
      double scale = ladder(l, big);
      for (int m = Math.max(-a, big - b); m <= Math.min(a, big + b); m++) {
        double sum = 0;
        if (m + 1 <= a) {
          sum += ladder(a, m) * c[big + 1 + l][m + 1 + a];
        }
        if (big - m + 1 <= b) {
          sum += ladder(b, big - m) * c[big + 1 + l][m + a];
        }
        c[big + l][m + a] = sum / scale;
      }
    }
    double sign = (a + b - l) % 2 == 0 ? 1 : -1;
    for (int big = 1; big <= l; big++) {
      for (int m = -a; m <= a; m++) {
        c[l - big][a - m] = sign * c[l + big][a + m];
      }
    }
    return c;
  }

  /** sqrt(j (j + 1) - m (m + 1)), between the orders m and m + 1. */
  private static double ladder(int j, int m) {
    return Math.sqrt((double) (j - m) * (j + m + 1));
  }
}
