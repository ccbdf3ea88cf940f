package dev.noether.group;

import dev.noether.algebra.Matrix;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;

/** Multiplies the matrices of a few elements out to all others, by short words. */
final class ShortWords {
  private ShortWords() {}

  /** The generators and their powers 2, 4, 8, ..., so that words stay short. */
  static List<Integer> letters(FiniteGroup group) {
    List<Integer> letters = new ArrayList<>();
    for (int generator : group.generators()) {
      int power = generator;
      for (int k = 1; k < order(group, generator); k *= 2) {
        letters.add(power);
        power = group.multiply(power, power);
      }
    }
    return letters;
  }

  /** The matrices of the letters from those of the generators. */
  static List<Matrix> images(FiniteGroup group, IntFunction<Matrix> generators) {
    List<Matrix> images = new ArrayList<>();
    for (int generator : group.generators()) {
      Matrix power = generators.apply(generator);
      for (int k = 1; k < order(group, generator); k *= 2) {
        images.add(power);
        power = power.times(power);
      }
    }
    return images;
  }

  static int order(FiniteGroup group, int g) {
    int order = 1;
    for (int power = g; power != group.identity(); power = group.multiply(power, g)) {
      order++;
    }
    return order;
  }

  /** The matrices of all elements, by breadth-first search from the identity. */
  static Matrix[] spread(FiniteGroup group, List<Integer> letters, List<Matrix> images, int size) {
    Matrix[] matrices = new Matrix[group.order()];
    boolean[] known = new boolean[group.order()];
    matrices[group.identity()] = Matrix.identity(size);
    known[group.identity()] = true;
    ArrayDeque<Integer> open = new ArrayDeque<>(List.of(group.identity()));
    while (!open.isEmpty()) {
      int done = open.remove();
      for (int i = 0; i < images.size(); i++) {
        int next = group.multiply(letters.get(i), done);
        if (!known[next]) {
          known[next] = true;
          matrices[next] = images.get(i).times(matrices[done]);
          open.add(next);
        }
      }
    }
    return matrices;
  }
}
