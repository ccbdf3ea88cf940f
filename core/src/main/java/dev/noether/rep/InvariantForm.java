package dev.noether.rep;

import static dev.noether.algebra.Checks.requirePresent;

import dev.noether.algebra.Matrix;
import dev.noether.group.FiniteGroup;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The basis in which a representation is orthogonal: with the invariant form M = average of
 * rho(g)^T rho(g) = L L^T, the matrices L^T rho(g) L^-T are orthogonal.
 *
 * <p>The average runs along a chain of subgroups, over the cosets of each in the next: the sum of
 * the indices, not their product, counts the matrix products.
 *
 * @param basis L^-T
 * @param inverseBasis L^T
 */
record InvariantForm(Matrix basis, Matrix inverseBasis) {
  static InvariantForm of(FiniteGroup group, int size, List<Matrix> generators) {
    Matrix form = new Chain(group, size).average(generators);
    Matrix lower =
        requirePresent(
            form.cholesky().orElse(null),
            "the matrices of %s are so far from orthogonal that their invariant inner product is "
                + "not positive in float64; rescale the coordinates",
            group);
    Matrix upper = lower.transpose();
    Matrix inverse =
        requirePresent(
            upper.inverse().orElse(null),
            "the matrices of %s are so far from orthogonal that float64 cannot invert the change "
                + "of basis; rescale the coordinates",
            group);
    return new InvariantForm(inverse, upper);
  }

  /** A growing subgroup, the matrices of the letters that generate it, and its invariant form. */
  private static final class Chain {
    private final FiniteGroup group;
    private final List<Integer> letters = new ArrayList<>();
    private final List<Matrix> matrices = new ArrayList<>();
    private boolean[] subgroup;
    private Matrix form;

    private Chain(FiniteGroup group, int size) {
      this.group = group;
      this.form = Matrix.identity(size);
      this.subgroup = new boolean[group.order()];
      subgroup[group.identity()] = true;
    }

    private Matrix average(List<Matrix> generators) {
      for (int i = 0; i < generators.size(); i++) {
        int generator = group.generators().get(i);
        int power = order(generator);
        while (power > 1) {
          power /= smallestPrime(power);
          int letter = group.identity();
          for (int k = 0; k < power; k++) {
            letter = group.multiply(letter, generator);
          }
          if (!subgroup[letter]) {
            extend(letter, power(generators.get(i), power));
          }
        }
      }
      return form;
    }

    private int order(int g) {
      int order = 1;
      for (int h = g; h != group.identity(); h = group.multiply(h, g)) {
        order++;
      }
      return order;
    }

    private static int smallestPrime(int n) {
      return IntStream.rangeClosed(2, n).filter(p -> n % p == 0).findFirst().orElseThrow();
    }

    private static Matrix power(Matrix matrix, int exponent) {
      if (exponent == 1) {
        return matrix;
      }
      Matrix half = power(matrix, exponent / 2);
      Matrix square = half.times(half);
      return exponent % 2 == 0 ? square : square.times(matrix);
    }

    /** Averages over the cosets H t of the subgroup H in the one that the letter adds. */
    private void extend(int letter, Matrix matrix) {
      letters.add(letter);
      matrices.add(matrix);
      List<Integer> members =
          IntStream.range(0, group.order()).filter(g -> subgroup[g]).boxed().toList();
      boolean[] reached = subgroup.clone();
      Matrix sum = form;
      int cosets = 1;
      ArrayDeque<Coset> open = new ArrayDeque<>(List.of(new Coset(group.identity(), form)));
      while (!open.isEmpty()) {
        Coset coset = open.remove();
        for (int i = 0; i < letters.size(); i++) {
          int next = group.multiply(coset.element, letters.get(i));
          if (!reached[next]) {
            members.forEach(h -> reached[group.multiply(h, next)] = true);
            Matrix a = matrices.get(i);
            Matrix moved = a.transpose().times(coset.form).times(a);
            open.add(new Coset(next, moved));
            sum = sum.plus(moved);
            cosets++;
          }
        }
      }
      subgroup = reached;
      form = sum.scale(1.0 / cosets);
    }
  }

  /** A coset H t and rho(t)^T M rho(t). */
  private record Coset(int element, Matrix form) {}
}
