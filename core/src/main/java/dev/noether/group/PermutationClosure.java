package dev.noether.group;

import static dev.noether.algebra.Checks.require;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Multiplies permutations out to all elements of the group they generate, the identity first, by
 * breadth-first search.
 *
 * <p>An element is told from the others by where it takes a few points, a base, so that an element
 * costs as many numbers as the base has points, whatever the number of points moved. A base is
 * found by trying: the images of a point x follow along words from those of the base where each
 * element is one tuple of images; where two words to one tuple disagree about x, x joins the base.
 */
final class PermutationClosure {
  private final String name;
  private final int points;
  private final int[][] generators;
  private final int limit;
  private int[] base = {};
  private int order;
  private int[] tuples = {};
  private int[] slots = {};
  private int[] parents = {};
  private int[] steps = {};
  private int[][] images = {};

  private PermutationClosure(String name, int points, List<int[]> generators, int limit) {
    this.name = name;
    this.points = points;
    this.generators = generators.stream().map(int[]::clone).toArray(int[][]::new);
    this.limit = limit;
  }

  /** The elements, up to a number of them. */
  static PermutationClosure of(String name, int points, List<int[]> generators, int limit) {
    PermutationClosure closure = new PermutationClosure(name, points, generators, limit);
    int[] tried = closure.pointsToTry();
    int open;
    do {
      closure.search();
      if (closure.order > GroupOptions.LARGEST_TABLE && !closure.isAbelian()) {
        closure.requireRoom();
      }
      open = closure.ambiguousPoint(Arrays.stream(tried));
      if (open >= 0) {
        closure.base = Arrays.copyOf(closure.base, closure.base.length + 1);
        closure.base[closure.base.length - 1] = open;
      }
    } while (open >= 0);
    return closure;
  }

  /**
   * The elements of a group whose permutations take the point 0 to each point, and only the
   * identity takes it to itself: left products, where the element that takes 0 to g has the number
   * g if they are numbered so.
   *
   * <p>That is so where what commutes with them takes 0 to each point, which need be tried for the
   * images of 0 under the generators only.
   */
  static Optional<PermutationClosure> regular(String name, int points, List<int[]> generators) {
    PermutationClosure closure = new PermutationClosure(name, points, generators, points);
    closure.base = new int[] {0};
    closure.search();
    int[] images = generators.stream().mapToInt(generator -> generator[0]).toArray();
    return closure.order == points && closure.ambiguousPoint(Arrays.stream(images)) < 0
        ? Optional.of(closure)
        : Optional.empty();
  }

  /**
   * Points that decide whether words to one tuple agree: all, or one of each orbit where the
   * generators commute, as what fixes a point then fixes its orbit.
   */
  private int[] pointsToTry() {
    for (int[] s : generators) {
      for (int[] t : generators) {
        for (int x = 0; x < points; x++) {
          if (s[t[x]] != t[s[x]]) {
            return IntStream.range(0, points).toArray();
          }
        }
      }
    }
    boolean[] reached = new boolean[points];
    int[] queue = new int[points];
    IntStream.Builder first = IntStream.builder();
    for (int x = 0; x < points; x++) {
      if (!reached[x]) {
        first.add(x);
        reached[x] = true;
        queue[0] = x;
        int filled = 1;
        for (int next = 0; next < filled; next++) {
          for (int[] s : generators) {
            int image = s[queue[next]];
            if (!reached[image]) {
              reached[image] = true;
              queue[filled++] = image;
            }
          }
        }
      }
    }
    return first.build().toArray();
  }

  int order() {
    return order;
  }

  /** Where an element takes the point 0, where that is the base. */
  int imageOfZero(int element) {
    return tuples[element];
  }

  /** For each element the numbers of its left products with the generators. */
  int[][] images() {
    return images;
  }

  int[] parents() {
    return parents;
  }

  int[] steps() {
    return steps;
  }

  private void search() {
    order = 0;
    tuples = new int[16 * base.length];
    slots = new int[32];
    parents = new int[16];
    steps = new int[16];
    List<int[]> rows = new ArrayList<>();
    add(base, -1, -1);
    int[] tuple = new int[base.length];
    for (int next = 0; next < order; next++) {
      int[] row = new int[generators.length];
      for (int s = 0; s < row.length; s++) {
        for (int b = 0; b < tuple.length; b++) {
          tuple[b] = generators[s][tuples[next * tuple.length + b]];
        }
        int found = find(tuple);
        if (found < 0) {
          GroupOptions.requireWithin(name, order + 1L, limit);
          found = order;
          add(tuple, next, s);
        }
        row[s] = found;
      }
      rows.add(row);
    }
    images = rows.toArray(int[][]::new);
  }

  /** The number of the element with these images of the base, or -1. */
  int find(int[] tuple) {
    for (int slot = hash(tuple, 0); ; slot = (slot + 1) & (slots.length - 1)) {
      int number = slots[slot] - 1;
      if (number < 0 || isAt(tuple, number)) {
        return number;
      }
    }
  }

  private boolean isAt(int[] tuple, int number) {
    int start = number * base.length;
    return Arrays.equals(tuple, 0, base.length, tuples, start, start + base.length);
  }

  private int hash(int[] tuple, int start) {
    int hash = 0;
    for (int b = 0; b < base.length; b++) {
      hash = hash * 0x9E3779B1 + tuple[start + b] + 1;
    }
    int mixed = (hash ^ (hash >>> 15)) * 0x85EBCA6B;
    return (mixed >>> 1) & (slots.length - 1);
  }

  private void add(int[] tuple, int parent, int step) {
    if (2 * order >= slots.length - 2) {
      grow();
    }
    System.arraycopy(tuple, 0, tuples, order * base.length, base.length);
    parents[order] = parent;
    steps[order] = step;
    order++;
    place(order - 1);
  }

  private void grow() {
    slots = new int[2 * slots.length];
    tuples = Arrays.copyOf(tuples, Math.multiplyExact(slots.length, base.length));
    parents = Arrays.copyOf(parents, slots.length);
    steps = Arrays.copyOf(steps, slots.length);
    for (int number = 0; number < order; number++) {
      place(number);
    }
  }

  private void place(int number) {
    int slot = hash(tuples, number * base.length);
    while (slots[slot] != 0) {
      slot = (slot + 1) & (slots.length - 1);
    }
    slots[slot] = number + 1;
  }

  /** A point whose images differ between two words to one tuple, or -1. */
  private int ambiguousPoint(IntStream tried) {
    int[] place = new int[order];
    for (int x : tried.toArray()) {
      place[0] = x;
      for (int g = 1; g < order; g++) {
        place[g] = generators[steps[g]][place[parents[g]]];
      }
      for (int g = 0; g < order; g++) {
        for (int s = 0; s < generators.length; s++) {
          if (place[images[g][s]] != generators[s][place[g]]) {
            return x;
          }
        }
      }
    }
    return -1;
  }

  /** Where an element takes each point, along its word. */
  int[] permutation(int element) {
    int[] result = new int[points];
    int depth = 0;
    for (int g = element; g != 0; g = parents[g]) {
      depth++;
    }
    int[] word = new int[depth];
    for (int g = element, i = 0; g != 0; g = parents[g]) {
      word[i++] = steps[g];
    }
    for (int x = 0; x < points; x++) {
      int y = x;
      for (int i = depth - 1; i >= 0; i--) {
        y = generators[word[i]][y];
      }
      result[x] = y;
    }
    return result;
  }

  /** The numbers of the generators, without the identity and repetitions. */
  List<Integer> generators() {
    return Arrays.stream(images[0]).filter(g -> g != 0).distinct().boxed().toList();
  }

  /** How the elements multiply: by coordinates, a table, or their permutations. */
  Multiplication multiplication() {
    if (order > Multiplication.LARGEST_WRITTEN_OUT && isAbelian()) {
      return AbelianCoordinates.of(order, images).multiplication();
    }
    return order <= GroupOptions.LARGEST_TABLE
        ? Multiplication.table(images, parents, steps)
        : byPermutations();
  }

  private boolean isAbelian() {
    int[] first = images[0];
    for (int s = 0; s < first.length; s++) {
      for (int t = 0; t < s; t++) {
        if (images[first[s]][t] != images[first[t]][s]) {
          return false;
        }
      }
    }
    return true;
  }

  private void requireRoom() {
    long numbers = (long) order * points;
    require(
        numbers <= Integer.MAX_VALUE - 8 && 4 * numbers <= Runtime.getRuntime().maxMemory() / 2,
        "%s has %d elements that permute %d points: they would take %d MB, and Java may take %d MB "
            + "(raise it with -Xmx, up to 2^31 numbers); give generators on fewer points",
        name,
        order,
        points,
        (4 * numbers) >> 20,
        Runtime.getRuntime().maxMemory() >> 20);
  }

  private Multiplication byPermutations() {
    requireRoom();
    int[] all = new int[order * points];
    for (int x = 0; x < points; x++) {
      all[x] = x;
    }
    for (int g = 1; g < order; g++) {
      int[] step = generators[steps[g]];
      int from = parents[g] * points;
      for (int x = 0; x < points; x++) {
        all[g * points + x] = step[all[from + x]];
      }
    }
    return (g, h) -> {
      int[] tuple = new int[base.length];
      for (int b = 0; b < tuple.length; b++) {
        tuple[b] = all[g * points + tuples[h * tuple.length + b]];
      }
      return find(tuple);
    };
  }

  /** Each element as a word in the generators: {@code s1^2 s2}; the identity is {@code e}. */
  String word(int element) {
    StringBuilder word = new StringBuilder();
    int rest = element;
    while (rest != 0) {
      int step = steps[rest];
      int power = 0;
      for (; rest != 0 && steps[rest] == step; rest = parents[rest]) {
        power++;
      }
      word.append(word.isEmpty() ? "s" : " s").append(step + 1);
      word.append(power == 1 ? "" : "^" + power);
    }
    return word.isEmpty() ? "e" : word.toString();
  }
}
