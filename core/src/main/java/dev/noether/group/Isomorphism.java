package dev.noether.group;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Finds an isomorphism between two finite groups: images of the generators with the same order,
 * class size and number of square roots, tried in order and checked by multiplying out.
 */
final class Isomorphism {
  private final FiniteGroup from;
  private final FiniteGroup to;
  private final List<List<Integer>> choices = new ArrayList<>();

  private Isomorphism(FiniteGroup from, FiniteGroup to) {
    this.from = from;
    this.to = to;
  }

  /** For each element of {@code from} its image, or nothing when the groups differ. */
  static Optional<int[]> find(FiniteGroup from, FiniteGroup to) {
    if (from.order() != to.order() || from.classes().count() != to.classes().count()) {
      return Optional.empty();
    }
    long[] left = fingerprints(from);
    long[] right = fingerprints(to);
    long[] leftSorted = left.clone();
    long[] rightSorted = right.clone();
    Arrays.sort(leftSorted);
    Arrays.sort(rightSorted);
    if (!Arrays.equals(leftSorted, rightSorted)) {
      return Optional.empty();
    }
    Isomorphism search = new Isomorphism(from, to);
    for (int generator : from.generators()) {
      List<Integer> images = new ArrayList<>();
      for (int g = 0; g < to.order(); g++) {
        boolean first = search.choices.isEmpty();
        boolean allowed = !first || to.classes().representative(to.classes().of(g)) == g;
        if (allowed && right[g] == left[generator]) {
          images.add(g);
        }
      }
      search.choices.add(images);
    }
    return search.extend(new ArrayList<>());
  }

  private static long[] fingerprints(FiniteGroup group) {
    ConjugacyClasses classes = group.classes();
    int n = group.order();
    int[] roots = new int[n];
    for (int g = 0; g < n; g++) {
      roots[group.multiply(g, g)]++;
    }
    long[] prints = new long[n];
    for (int g = 0; g < n; g++) {
      int c = classes.of(g);
      int square = classes.square(c);
      long print = classes.elementOrder(c);
      print = print * 10_007 + classes.size(c);
      print = print * 10_007 + roots[g];
      print = print * 10_007 + classes.size(square);
      prints[g] = print;
    }
    return prints;
  }

  private Optional<int[]> extend(List<Integer> images) {
    int[] map = multiplyOut(images);
    if (map.length == 0) {
      return Optional.empty();
    }
    if (images.size() == choices.size()) {
      return Optional.of(map);
    }
    for (int image : choices.get(images.size())) {
      images.add(image);
      Optional<int[]> found = extend(images);
      if (found.isPresent()) {
        return found;
      }
      images.remove(images.size() - 1);
    }
    return Optional.empty();
  }

  /** The map on the subgroup of the first generators; empty unless injective and multiplicative. */
  private int[] multiplyOut(List<Integer> images) {
    int[] map = new int[from.order()];
    Arrays.fill(map, -1);
    boolean[] hit = new boolean[to.order()];
    map[from.identity()] = to.identity();
    hit[to.identity()] = true;
    int[] queue = new int[from.order()];
    queue[0] = from.identity();
    int filled = 1;
    for (int next = 0; next < filled; next++) {
      int g = queue[next];
      for (int i = 0; i < images.size(); i++) {
        int target = from.multiply(from.generators().get(i), g);
        int image = to.multiply(images.get(i), map[g]);
        if (map[target] < 0 && !hit[image]) {
          map[target] = image;
          hit[image] = true;
          queue[filled++] = target;
        } else if (map[target] != image) {
          return new int[0];
        }
      }
    }
    return map;
  }
}
