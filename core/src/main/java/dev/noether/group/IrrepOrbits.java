package dev.noether.group;

import java.util.ArrayDeque;
import java.util.List;
import java.util.stream.IntStream;

/** How a group H that acts on a group N permutes the real irreps of N. */
final class IrrepOrbits {
  private static final double TOLERANCE = 1e-6;

  private final FiniteGroup normal;
  private final FiniteGroup acting;
  private final int[][] action;
  private final List<FiniteIrrep> irreps;

  private IrrepOrbits(FiniteGroup normal, FiniteGroup acting, int[][] action) {
    this.normal = normal;
    this.acting = acting;
    this.action = action;
    this.irreps = normal.irreps();
  }

  /**
   * The permutations.
   *
   * @return for each h and each irrep the place of the irrep n -> irrep(h^-1(n))
   */
  static int[][] of(FiniteGroup normal, FiniteGroup acting, int[][] action) {
    return new IrrepOrbits(normal, acting, action).permutations();
  }

  private int[][] permutations() {
    int[][] moved = new int[acting.order()][];
    moved[acting.identity()] = IntStream.range(0, irreps.size()).toArray();
    double[] signatures = signatures(acting.identity());
    List<int[]> generators =
        acting.generators().stream().map(h -> permutation(h, signatures)).toList();
    ArrayDeque<Integer> open = new ArrayDeque<>(List.of(acting.identity()));
    while (!open.isEmpty()) {
      int done = open.remove();
      for (int i = 0; i < generators.size(); i++) {
        int next = acting.multiply(acting.generators().get(i), done);
        if (moved[next] == null) {
          int[] last = generators.get(i);
          moved[next] = IntStream.of(moved[done]).map(place -> last[place]).toArray();
          open.add(next);
        }
      }
    }
    return moved;
  }

  /** For each irrep a number that tells it from the others: a sum of its values at all h(n). */
  private double[] signatures(int h) {
    double[] signatures = new double[irreps.size()];
    for (int k = 0; k < signatures.length; k++) {
      for (int n = 0; n < normal.order(); n++) {
        signatures[k] += Scramble.uniform(1, action[h][n]) * irreps.get(k).character(n);
      }
    }
    return signatures;
  }

  private int[] permutation(int h, double[] known) {
    double[] own = signatures(h);
    return IntStream.range(0, own.length)
        .map(
            k ->
                IntStream.range(0, known.length)
                    .filter(other -> Math.abs(own[k] - known[other]) < TOLERANCE)
                    .filter(other -> isMoved(h, irreps.get(k), irreps.get(other)))
                    .findFirst()
                    .orElseThrow())
        .toArray();
  }

  private boolean isMoved(int h, FiniteIrrep irrep, FiniteIrrep other) {
    return IntStream.range(0, normal.order())
        .allMatch(n -> Math.abs(other.character(action[h][n]) - irrep.character(n)) < TOLERANCE);
  }
}
