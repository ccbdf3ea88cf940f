package dev.noether.group;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The symmetric and alternating groups, their elements in lexicographic order. */
final class PermutationGroups {
  private PermutationGroups() {}

  static FiniteGroup symmetric(int n) {
    int[] cycle = new int[n];
    int[] swap = new int[n];
    for (int x = 0; x < n; x++) {
      cycle[x] = (x + 1) % n;
      swap[x] = x > 1 || n == 1 ? x : 1 - x;
    }
    List<int[]> generators =
        switch (n) {
          case 1 -> List.of();
          case 2 -> List.of(swap);
          default -> List.of(swap, cycle);
        };
    return group("S" + n, permutations(n, false), generators);
  }

  static FiniteGroup alternating(int n) {
    List<int[]> generators = new ArrayList<>();
    for (int x = 2; x < n; x++) {
      int[] cycle = new int[n];
      for (int y = 0; y < n; y++) {
        cycle[y] = y;
      }
      cycle[0] = 1;
      cycle[1] = x;
      cycle[x] = 0;
      generators.add(cycle);
    }
    return group("A" + n, permutations(n, true), generators);
  }

  private static FiniteGroup group(String name, int[][] elements, List<int[]> generators) {
    int n = elements.length;
    int points = elements[0].length;
    int[] number = new int[1 << (3 * points)];
    for (int g = 0; g < n; g++) {
      number[packed(elements[g])] = g;
    }
    int[] product = new int[points];
    Multiplication table =
        Multiplication.table(
            n,
            (g, h) -> {
              for (int x = 0; x < points; x++) {
                product[x] = elements[g][elements[h][x]];
              }
              return number[packed(product)];
            });
    List<String> labels = Arrays.stream(elements).map(Generated::cycles).toList();
    List<Integer> numbers = generators.stream().map(images -> number[packed(images)]).toList();
    return new FiniteGroup(name, table, labels, numbers, new Origin.Family(), RealIrreps::of);
  }

  private static int packed(int[] images) {
    int code = 0;
    for (int image : images) {
      code = 8 * code + image;
    }
    return code;
  }

  static int[][] permutations(int n, boolean evenOnly) {
    List<int[]> found = new ArrayList<>();
    arrange(new int[n], 0, 0, evenOnly, 0, found);
    return found.toArray(int[][]::new);
  }

  private static void arrange(
      int[] images, int filled, int used, boolean evenOnly, int inversions, List<int[]> found) {
    if (filled == images.length) {
      if (!evenOnly || inversions % 2 == 0) {
        found.add(images.clone());
      }
      return;
    }
    for (int x = 0; x < images.length; x++) {
      if ((used >> x & 1) == 0) {
        images[filled] = x;
        int larger = Integer.bitCount(used >> x);
        arrange(images, filled + 1, used | 1 << x, evenOnly, inversions + larger, found);
      }
    }
  }
}
