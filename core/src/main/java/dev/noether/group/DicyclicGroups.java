package dev.noether.group;

import dev.noether.algebra.Cyclotomic;
import java.util.ArrayList;
import java.util.List;

/**
 * The dicyclic groups, among them the generalized quaternion groups, with irreps in closed form.
 */
final class DicyclicGroups {
  private DicyclicGroups() {}

  static FiniteGroup dicyclic(int n) {
    int order = 4 * n;
    Multiplication table = Multiplication.of(order, (g, h) -> product(n, g, h));
    List<String> labels = new ArrayList<>();
    for (int g = 0; g < order; g++) {
      int k = g % (2 * n);
      String power = k == 0 ? "" : k == 1 ? "a" : "a^" + k;
      labels.add(g < 2 * n ? (k == 0 ? "e" : power) : (k == 0 ? "x" : power + " x"));
    }
    String name = Integer.bitCount(n) == 1 ? "Q" + order : "Dic" + n;
    return new FiniteGroup(
        name,
        table,
        List.copyOf(labels),
        List.of(1, 2 * n),
        new Origin.Family(),
        DicyclicGroups::irreps);
  }

  private static int product(int n, int g, int h) {
    int turns = 2 * n;
    boolean flipped = g >= turns;
    boolean both = flipped && h >= turns;
    int power = g % turns + (flipped ? -(h % turns) : h % turns) + (both ? n : 0);
    return Math.floorMod(power, turns) + (flipped ^ h >= turns ? turns : 0);
  }

  private static List<FiniteIrrep> irreps(FiniteGroup group) {
    int n = group.order() / 4;
    List<FiniteIrrep> irreps = new ArrayList<>();
    irreps.add(line(group, 0, 0));
    irreps.add(line(group, 1, 0));
    int order = group.order();
    Turns turns = new Turns(2 * n);
    for (int k = 1; k < n; k++) {
      long frequency = k;
      int dimension = k % 2 == 0 ? 2 : 4;
      irreps.add(
          new FiniteIrrep(
              group,
              IrrepId.of(1, k),
              k % 2 == 0 ? IrrepType.REAL : IrrepType.QUATERNIONIC,
              dimension,
              IrrepCharacter.of(
                  g -> g < 2 * n ? dimension * turns.cosine(frequency * g) : 0, g -> 0),
              () ->
                  dimension == 2
                      ? plane(order, turns, frequency)
                      : quaternionic(order, turns, frequency)));
    }
    if (n % 2 == 0) {
      irreps.add(line(group, 1, n));
      irreps.add(line(group, 0, n));
    } else {
      irreps.add(fourthRoots(group));
    }
    return irreps;
  }

  /** a to 1 (k = 0) or -1 (k = n, even), x to 1 or -1. */
  private static FiniteIrrep line(FiniteGroup group, int j, int k) {
    int turns = group.order() / 2;
    double[] values = new double[group.order()];
    for (int g = 0; g < values.length; g++) {
      int sign = (k == 0 ? 0 : g % turns) + (g >= turns ? j : 0);
      values[g] = sign % 2 == 0 ? 1 : -1;
    }
    return new FiniteIrrep(group, IrrepId.of(j, k), 1, IrrepType.REAL, values);
  }

  /** Even k: a turns by k / 2n of a full turn, x reflects the second axis. */
  private static TypedMatrices plane(int order, Turns turns, long k) {
    double[] values = new double[4 * order];
    for (int g = 0; g < order; g++) {
      double cosine = turns.cosine(k * g);
      double sine = turns.sine(k * g);
      int sign = g < order / 2 ? 1 : -1;
      values[4 * g] = cosine;
      values[4 * g + 1] = 0.0 - sign * sine;
      values[4 * g + 2] = sine;
      values[4 * g + 3] = sign * cosine + 0.0;
    }
    return new TypedMatrices(IrrepType.REAL, 2, values);
  }

  /** Odd k: right multiplication of quaternions by the inverses of e^(i t) and of e^(i t) j. */
  private static TypedMatrices quaternionic(int order, Turns turns, long k) {
    double[] values = new double[16 * order];
    for (int g = 0; g < order; g++) {
      double c = turns.cosine(k * g);
      double s = turns.sine(k * g);
      double[] matrix =
          g < order / 2
              ? new double[] {c, s, 0, 0, -s, c, 0, 0, 0, 0, c, -s, 0, 0, s, c}
              : new double[] {0, 0, c, s, 0, 0, -s, c, -c, s, 0, 0, -s, -c, 0, 0};
      for (int i = 0; i < 16; i++) {
        values[16 * g + i] = matrix[i] + 0.0;
      }
    }
    return new TypedMatrices(IrrepType.QUATERNIONIC, 4, values);
  }

  /** Odd n: a to -1 and x to the imaginary unit. */
  private static FiniteIrrep fourthRoots(FiniteGroup group) {
    int n = group.order() / 4;
    double[] values = new double[4 * group.order()];
    for (int g = 0; g < group.order(); g++) {
      int quarters = 2 * (g % (2 * n)) + (g < 2 * n ? 0 : 1);
      values[4 * g] = Cyclotomic.cosine(quarters, 4);
      values[4 * g + 1] = 0.0 - Cyclotomic.sine(quarters, 4);
      values[4 * g + 2] = Cyclotomic.sine(quarters, 4);
      values[4 * g + 3] = values[4 * g];
    }
    return new FiniteIrrep(group, IrrepId.of(1, n), 2, IrrepType.COMPLEX, values);
  }
}
