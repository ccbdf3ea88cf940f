package dev.noether.group;

import static dev.noether.algebra.Checks.require;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** Checks that a multiplication table is a group, and finds generators of one. */
final class GroupTable {
  private GroupTable() {}

  static FiniteGroup of(String name, int[][] rows, List<String> labels) {
    int n = rows.length;
    require(n >= 1, "the table of %s must have at least one element", name);
    require(
        n <= GroupOptions.LARGEST_ORDER,
        "the table of %s has %d elements: %s",
        name,
        n,
        GroupOptions.TOO_LARGE);
    requireLabels(name, labels, n);
    int[] table = new int[n * n];
    for (int g = 0; g < n; g++) {
      require(
          rows[g].length == n,
          "the table of %s must be square: row %d must have %d entries, got %d",
          name,
          g,
          n,
          rows[g].length);
      for (int h = 0; h < n; h++) {
        require(
            rows[g][h] >= 0 && rows[g][h] < n,
            "the table of %s must be closed: %d * %d must be from 0 to %d, got %d",
            name,
            g,
            h,
            n - 1,
            rows[g][h]);
        table[g * n + h] = rows[g][h];
      }
    }
    int identity = requireIdentity(name, table, n);
    requireInverses(name, table, n, identity);
    List<Integer> generators = generators(table, n, identity);
    requireAssociative(name, table, n, generators);
    return new FiniteGroup(name, table, labels, generators, RealIrreps::of);
  }

  static void requireLabels(String name, List<String> labels, int n) {
    require(
        labels.size() == n, "%s needs %d labels, one per element, got %d", name, n, labels.size());
    require(
        labels.stream().distinct().count() == n,
        "the labels of %s must be distinct, got %s",
        name,
        labels);
  }

  private static int requireIdentity(String name, int[] table, int n) {
    for (int e = 0; e < n; e++) {
      int candidate = e;
      if (IntStream.range(0, n)
          .allMatch(g -> table[candidate * n + g] == g && table[g * n + candidate] == g)) {
        return e;
      }
    }
    throw new IllegalArgumentException(
        "the table of " + name + " must have an identity e with e * g = g * e = g; it has none");
  }

  private static void requireInverses(String name, int[] table, int n, int identity) {
    for (int g = 0; g < n; g++) {
      int element = g;
      require(
          IntStream.range(0, n)
              .anyMatch(
                  h -> table[element * n + h] == identity && table[h * n + element] == identity),
          "each element of %s must have an inverse; no h gives %d * h = h * %d = %d, the identity",
          name,
          g,
          g,
          identity);
    }
  }

  /** Light's test: (x s) y = x (s y) for the generators s decides it for all elements. */
  private static void requireAssociative(
      String name, int[] table, int n, List<Integer> generators) {
    for (int s : generators) {
      for (int x = 0; x < n; x++) {
        for (int y = 0; y < n; y++) {
          int left = table[table[x * n + s] * n + y];
          int right = table[x * n + table[s * n + y]];
          require(
              left == right,
              "the table of %s must be associative: (%d * %d) * %d = %d, but %d * (%d * %d) = %d",
              name,
              x,
              s,
              y,
              left,
              x,
              s,
              y,
              right);
        }
      }
    }
  }

  /** Takes the first element not yet reached by left multiplication, until all are. */
  static List<Integer> generators(int[] table, int n, int identity) {
    List<Integer> generators = new ArrayList<>();
    boolean[] reached = new boolean[n];
    reached[identity] = true;
    for (int g = 0; g < n; g++) {
      if (!reached[g]) {
        generators.add(g);
        reached = reach(table, n, identity, generators);
      }
    }
    return generators;
  }

  static boolean[] reach(int[] table, int n, int identity, List<Integer> generators) {
    boolean[] reached = new boolean[n];
    reached[identity] = true;
    ArrayDeque<Integer> open = new ArrayDeque<>(List.of(identity));
    while (!open.isEmpty()) {
      int element = open.remove();
      for (int s : generators) {
        int next = table[s * n + element];
        if (!reached[next]) {
          reached[next] = true;
          open.add(next);
        }
      }
    }
    return reached;
  }

  static int[] flat(int[][] rows) {
    return Arrays.stream(rows).flatMapToInt(Arrays::stream).toArray();
  }
}
