package dev.noether.group;

import dev.noether.algebra.Sizes;
import java.util.Arrays;
import java.util.function.IntToDoubleFunction;
import java.util.function.IntUnaryOperator;

/**
 * Induces representations of the semidirect product of N and a subgroup S of H to that of N and H:
 * block matrices with one block in each row and column, for the cosets of S.
 */
final class Induction {
  private final FiniteGroup acting;
  private final int[][] action;
  private final int order;

  /** For each element of H its number in S, or -1. */
  private final int[] number;

  /** For each element of H the number of its coset, and one element of each coset. */
  private final int[] coset;

  private final int[] representatives;

  /**
   * Finds the cosets.
   *
   * @param acting the group H
   * @param action for each element of H the elements of N to which it moves those of N
   * @param members the elements of S
   * @param point tells for an element of H its coset h S from others
   */
  Induction(FiniteGroup acting, int[][] action, int[] members, IntUnaryOperator point) {
    this.acting = acting;
    this.action = action;
    this.order = members.length;
    this.number = new int[acting.order()];
    Arrays.fill(number, -1);
    for (int s = 0; s < order; s++) {
      number[members[s]] = s;
    }
    this.coset = new int[acting.order()];
    this.representatives = new int[acting.order() / order];
    representatives[0] = acting.identity();
    int cosets = 1;
    for (int h = 0; h < acting.order(); h++) {
      int found = 0;
      while (found < cosets && point.applyAsInt(representatives[found]) != point.applyAsInt(h)) {
        found++;
      }
      if (found == cosets) {
        representatives[cosets++] = h;
      }
      coset[h] = found;
    }
  }

  /** The number of cosets. */
  int index() {
    return representatives.length;
  }

  /** The sum of a function of (n, s) over the conjugates of (n, h), one for each coset it fixes. */
  double sumOverFixedCosets(int g, IntToDoubleFunction function) {
    int m = acting.order();
    double sum = 0;
    for (int k = 0; k < representatives.length; k++) {
      int moved = acting.multiply(g % m, representatives[k]);
      if (coset[moved] == k) {
        int back = acting.inverse(representatives[k]);
        int from = action[back][g / m] * order + number[acting.multiply(back, moved)];
        sum += function.applyAsDouble(from);
      }
    }
    return sum;
  }

  /** The matrices of all (n, h), numbered n |H| + h, from those of all (n, s). */
  TypedMatrices of(TypedMatrices matrices) {
    if (representatives.length == 1) {
      return matrices;
    }
    int m = acting.order();
    int d = matrices.dimension();
    int size = d * representatives.length;
    int count = matrices.count() / order * m;
    double[] values = new double[Sizes.entries("an induced irrep", count, size, size)];
    for (int g = 0; g < count; g++) {
      for (int k = 0; k < representatives.length; k++) {
        int moved = acting.multiply(g % m, representatives[k]);
        int row = coset[moved];
        int back = acting.inverse(representatives[row]);
        int from = action[back][g / m] * order + number[acting.multiply(back, moved)];
        copy(matrices, from, values, g, row, k);
      }
    }
    return new TypedMatrices(matrices.type(), size, values);
  }

  /** One block, with the blocks of the type outermost. */
  private void copy(
      TypedMatrices matrices, int from, double[] values, int to, int row, int column) {
    int d = matrices.dimension();
    int part = d / matrices.blocks();
    int cosets = representatives.length;
    int size = d * cosets;
    for (int i = 0; i < d; i++) {
      int down = (i / part * cosets + row) * part + i % part;
      for (int block = 0; block < matrices.blocks(); block++) {
        System.arraycopy(
            matrices.values(),
            (from * d + i) * d + block * part,
            values,
            (to * size + down) * size + (block * cosets + column) * part,
            part);
      }
    }
  }
}
