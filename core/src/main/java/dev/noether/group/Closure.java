package dev.noether.group;

import static dev.noether.algebra.Checks.require;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BinaryOperator;

/**
 * Multiplies generators out to all elements, the identity first, by breadth-first search, and gives
 * the multiplication table.
 */
final class Closure<T> {
  /** Where elements are looked up and kept: gives the number of an equal one, or -1. */
  interface Index<T> {
    int find(T element);

    void add(T element, int number);
  }

  private final List<T> elements = new ArrayList<>();
  private final List<int[]> images = new ArrayList<>();
  private final List<Integer> parents = new ArrayList<>();
  private final List<Integer> steps = new ArrayList<>();

  private Closure() {}

  static <T> Closure<T> of(
      String name,
      T identity,
      List<T> generators,
      BinaryOperator<T> product,
      Index<T> index,
      int limit) {
    Closure<T> closure = new Closure<>();
    closure.add(identity, index, -1, -1);
    for (int next = 0; next < closure.elements.size(); next++) {
      int[] row = new int[generators.size()];
      for (int s = 0; s < row.length; s++) {
        T image = product.apply(generators.get(s), closure.elements.get(next));
        int found = index.find(image);
        if (found < 0) {
          found = closure.elements.size();
          require(
              found < GroupOptions.LARGEST_ORDER,
              "the generators of %s give more than %d elements: %s; or check the generators",
              name,
              GroupOptions.LARGEST_ORDER,
              GroupOptions.TOO_LARGE);
          require(
              found < limit,
              "the generators of %s give more than %d elements; if the group is larger, raise the "
                  + "limit with GroupOptions.defaults().withLimit(...), else check the generators",
              name,
              limit);
          closure.add(image, index, next, s);
        }
        row[s] = found;
      }
      closure.images.add(row);
    }
    return closure;
  }

  private void add(T element, Index<T> index, int parent, int step) {
    index.add(element, elements.size());
    elements.add(element);
    parents.add(parent);
    steps.add(step);
  }

  List<T> elements() {
    return elements;
  }

  /** Row s p is row p moved by s. */
  int[] table() {
    int n = elements.size();
    int[] table = new int[n * n];
    for (int x = 0; x < n; x++) {
      table[x] = x;
    }
    for (int g = 1; g < n; g++) {
      int parent = parents.get(g);
      int step = steps.get(g);
      for (int x = 0; x < n; x++) {
        table[g * n + x] = images.get(table[parent * n + x])[step];
      }
    }
    return table;
  }

  /** The numbers of the generators, without the identity and repetitions. */
  List<Integer> generators() {
    List<Integer> numbers = new ArrayList<>();
    for (int number : images.get(0)) {
      if (number != 0 && !numbers.contains(number)) {
        numbers.add(number);
      }
    }
    return numbers;
  }

  /** Each element as a word in the generators: {@code s1^2 s2}; the identity is {@code e}. */
  List<String> words() {
    List<String> words = new ArrayList<>(List.of("e"));
    for (int g = 1; g < elements.size(); g++) {
      words.add(word(g));
    }
    return words;
  }

  private String word(int element) {
    StringBuilder word = new StringBuilder();
    int rest = element;
    while (rest != 0) {
      int step = steps.get(rest);
      int power = 0;
      for (; rest != 0 && steps.get(rest) == step; rest = parents.get(rest)) {
        power++;
      }
      word.append(word.isEmpty() ? "s" : " s").append(step + 1);
      word.append(power == 1 ? "" : "^" + power);
    }
    return word.toString();
  }
}
