package dev.noether.group;

import dev.noether.algebra.Cyclotomic;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** The symmetry groups of the regular polygons and their irreps in closed form. */
final class PlanarGroups {
  private PlanarGroups() {}

  static FiniteGroup cyclic(int n) {
    int[] table = new int[n * n];
    for (int a = 0; a < n; a++) {
      for (int b = 0; b < n; b++) {
        table[a * n + b] = (a + b) % n;
      }
    }
    List<String> labels = IntStream.range(0, n).mapToObj(PlanarGroups::power).toList();
    List<Integer> generators = n == 1 ? List.of() : List.of(1);
    return new FiniteGroup("C" + n, table, labels, generators, PlanarGroups::cyclicIrreps);
  }

  static FiniteGroup dihedral(int n) {
    int order = 2 * n;
    int[] table = new int[order * order];
    for (int g = 0; g < order; g++) {
      for (int h = 0; h < order; h++) {
        boolean reflected = g >= n;
        int rotation = Math.floorMod(reflected ? g % n - h % n : g % n + h % n, n);
        table[g * order + h] = rotation + (reflected ^ (h >= n) ? n : 0);
      }
    }
    List<String> labels =
        IntStream.range(0, order)
            .mapToObj(g -> g < n ? power(g) : g == n ? "f" : power(g - n) + " f")
            .toList();
    List<Integer> generators = n == 1 ? List.of(1) : List.of(1, n);
    return new FiniteGroup("D" + n, table, labels, generators, PlanarGroups::dihedralIrreps);
  }

  /** A power of the rotation r. */
  private static String power(int k) {
    return k == 0 ? "e" : k == 1 ? "r" : "r^" + k;
  }

  private static List<FiniteIrrep> cyclicIrreps(FiniteGroup group) {
    int n = group.order();
    List<FiniteIrrep> irreps = new ArrayList<>();
    for (int k = 0; k <= n / 2; k++) {
      boolean line = k == 0 || 2 * k == n;
      double[] values = new double[line ? n : 4 * n];
      for (int g = 0; g < n; g++) {
        if (line) {
          values[g] = sign(k == 0 ? 0 : g);
        } else {
          rotation(k, g, n, 1, values, 4 * g);
        }
      }
      IrrepType type = line ? IrrepType.REAL : IrrepType.COMPLEX;
      irreps.add(new FiniteIrrep(group, IrrepId.of(k), line ? 1 : 2, type, values));
    }
    return irreps;
  }

  private static List<FiniteIrrep> dihedralIrreps(FiniteGroup group) {
    int n = group.order() / 2;
    List<FiniteIrrep> irreps = new ArrayList<>();
    irreps.add(line(group, n, 0, 0));
    irreps.add(line(group, n, 1, 0));
    for (int k = 1; 2 * k < n; k++) {
      double[] values = new double[8 * n];
      for (int g = 0; g < 2 * n; g++) {
        rotation(k, g % n, n, g < n ? 1 : -1, values, 4 * g);
      }
      irreps.add(new FiniteIrrep(group, IrrepId.of(1, k), 2, IrrepType.REAL, values));
    }
    if (n % 2 == 0) {
      irreps.add(line(group, n, 1, n / 2));
      irreps.add(line(group, n, 0, n / 2));
    }
    return irreps;
  }

  /** The one-dimensional irrep (j, k) of D_n, with k either 0 or n/2. */
  private static FiniteIrrep line(FiniteGroup group, int n, int j, int k) {
    double[] values = new double[2 * n];
    for (int g = 0; g < 2 * n; g++) {
      values[g] = sign(k == 0 ? 0 : g % n) * (g < n ? 1 : sign(j));
    }
    return new FiniteIrrep(group, IrrepId.of(j, k), 1, IrrepType.REAL, values);
  }

  private static double sign(int power) {
    return power % 2 == 0 ? 1 : -1;
  }

  /** Writes R(2 pi k g / n) diag(1, second), with exact zeros and ones at the quarter turns. */
  private static void rotation(int k, int g, int n, double second, double[] values, int start) {
    long step = (long) k * g;
    double cosine = Cyclotomic.cosine(step, n);
    double sine = Cyclotomic.sine(step, n);
    values[start] = cosine;
    values[start + 1] = -sine * second;
    values[start + 2] = sine;
    values[start + 3] = cosine * second;
  }
}
