package dev.noether.group;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** The symmetry groups of the regular polygons and their irreps in closed form. */
final class PlanarGroups {
  private PlanarGroups() {}

  static FiniteGroup cyclic(int n) {
    Multiplication table = Multiplication.of(n, (a, b) -> a + b < n ? a + b : a + b - n);
    List<String> labels = IntStream.range(0, n).mapToObj(PlanarGroups::power).toList();
    List<Integer> generators = n == 1 ? List.of() : List.of(1);
    return new FiniteGroup(
        "C" + n, table, labels, generators, new Origin.Family(), PlanarGroups::cyclicIrreps);
  }

  static FiniteGroup dihedral(int n) {
    int order = 2 * n;
    Multiplication table =
        Multiplication.of(
            order,
            (g, h) -> {
              boolean reflected = g >= n;
              int rotation = Math.floorMod(reflected ? g % n - h % n : g % n + h % n, n);
              return rotation + (reflected ^ (h >= n) ? n : 0);
            });
    List<String> labels =
        IntStream.range(0, order)
            .mapToObj(g -> g < n ? power(g) : g == n ? "f" : power(g - n) + " f")
            .toList();
    List<Integer> generators = n == 1 ? List.of(1) : List.of(1, n);
    return new FiniteGroup(
        "D" + n, table, labels, generators, new Origin.Family(), PlanarGroups::dihedralIrreps);
  }

  /** A power of the rotation r. */
  private static String power(int k) {
    return k == 0 ? "e" : k == 1 ? "r" : "r^" + k;
  }

  private static List<FiniteIrrep> cyclicIrreps(FiniteGroup group) {
    int n = group.order();
    Turns turns = new Turns(n);
    List<FiniteIrrep> irreps = new ArrayList<>();
    for (int k = 0; k <= n / 2; k++) {
      int frequency = k;
      boolean line = k == 0 || 2 * k == n;
      IrrepType type = line ? IrrepType.REAL : IrrepType.COMPLEX;
      irreps.add(
          new FiniteIrrep(
              group,
              IrrepId.of(k),
              type,
              line ? 1 : 2,
              IrrepCharacter.of(
                  g -> turns.cosine((long) frequency * g),
                  g -> line ? 0 : turns.sine((long) frequency * g)),
              () -> cyclic(type, frequency, turns, n)));
    }
    return irreps;
  }

  private static TypedMatrices cyclic(IrrepType type, int k, Turns turns, int n) {
    boolean line = type == IrrepType.REAL;
    double[] values = new double[line ? n : 4 * n];
    for (int g = 0; g < n; g++) {
      if (line) {
        values[g] = sign(k == 0 ? 0 : g);
      } else {
        rotation(turns, (long) k * g, 1, values, 4 * g);
      }
    }
    return new TypedMatrices(type, line ? 1 : 2, values);
  }

  private static List<FiniteIrrep> dihedralIrreps(FiniteGroup group) {
    int n = group.order() / 2;
    Turns turns = new Turns(n);
    List<FiniteIrrep> irreps = new ArrayList<>();
    irreps.add(line(group, n, 0, 0));
    irreps.add(line(group, n, 1, 0));
    for (int k = 1; 2 * k < n; k++) {
      int frequency = k;
      irreps.add(
          new FiniteIrrep(
              group,
              IrrepId.of(1, k),
              IrrepType.REAL,
              2,
              IrrepCharacter.of(g -> g < n ? 2 * turns.cosine((long) frequency * g) : 0, g -> 0),
              () -> dihedral(frequency, turns, n)));
    }
    if (n % 2 == 0) {
      irreps.add(line(group, n, 1, n / 2));
      irreps.add(line(group, n, 0, n / 2));
    }
    return irreps;
  }

  private static TypedMatrices dihedral(int k, Turns turns, int n) {
    double[] values = new double[8 * n];
    for (int g = 0; g < 2 * n; g++) {
      rotation(turns, (long) k * (g % n), g < n ? 1 : -1, values, 4 * g);
    }
    return new TypedMatrices(IrrepType.REAL, 2, values);
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

  /** Writes R(2 pi step / n) diag(1, second), with exact zeros and ones at the quarter turns. */
  private static void rotation(Turns turns, long step, double second, double[] values, int start) {
    double cosine = turns.cosine(step);
    double sine = turns.sine(step);
    values[start] = cosine;
    values[start + 1] = -sine * second;
    values[start + 2] = sine;
    values[start + 3] = cosine * second;
  }
}
