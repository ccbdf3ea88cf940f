package dev.noether.rep;

import dev.noether.group.FiniteGroup;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.List;

/**
 * How each element of a group is reached from the identity: a tree of left multiplications by
 * generators, breadth first, so that every word is as short as can be.
 */
final class Words {
  private final int[] sequence;
  private final int[] parents;
  private final int[] letters;

  private Words(int[] sequence, int[] parents, int[] letters) {
    this.sequence = sequence;
    this.parents = parents;
    this.letters = letters;
  }

  static Words of(FiniteGroup group) {
    int n = group.order();
    List<Integer> generators = group.generators();
    int[] sequence = new int[n];
    int[] parents = new int[n];
    int[] letters = new int[n];
    Arrays.fill(letters, -1);
    int count = 0;
    ArrayDeque<Integer> open = new ArrayDeque<>(List.of(group.identity()));
    while (!open.isEmpty()) {
      int g = open.remove();
      sequence[count++] = g;
      for (int letter = 0; letter < generators.size(); letter++) {
        int next = group.multiply(generators.get(letter), g);
        if (letters[next] < 0 && next != group.identity()) {
          letters[next] = letter;
          parents[next] = g;
          open.add(next);
        }
      }
    }
    return new Words(sequence, parents, letters);
  }

  /** The length of the longest word. */
  int depth() {
    int depth = 0;
    for (int g = sequence[sequence.length - 1]; letters[g] >= 0; g = parents[g]) {
      depth++;
    }
    return depth;
  }

  /** The element at a place of the sequence in which parents come before their children. */
  int at(int place) {
    return sequence[place];
  }

  /** The element h with g = generator(letter(g)) h; g must not be the identity. */
  int parent(int g) {
    return parents[g];
  }

  /** The place, among the generators, of the first letter of g; -1 for the identity. */
  int letter(int g) {
    return letters[g];
  }
}
