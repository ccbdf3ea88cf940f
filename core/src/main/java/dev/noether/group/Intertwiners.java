package dev.noether.group;

import dev.noether.algebra.Matrix;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * Orthogonal matrices X with target(g) X = X source(g) for all g, for two irreps of one group.
 *
 * <p>The mean over the group of target(g) E source(g)^T is such a matrix up to scale for every E.
 */
final class Intertwiners {
  private Intertwiners() {}

  /**
   * Finds one.
   *
   * @param target the matrices of one irrep for all elements of a group
   * @param source those of another of the same dimension
   * @param part the part of the means that is looked for; all it gives must be multiples of
   *     orthogonal matrices
   * @return a matrix of this kind; empty where there is none
   */
  static Optional<Matrix> find(
      TypedMatrices target, TypedMatrices source, UnaryOperator<Matrix> part) {
    int d = source.dimension();
    Matrix best = Matrix.identity(d);
    double largest = 0;
    for (int row = 0; row < d && largest < 0.5 / d; row++) {
      Matrix candidate = part.apply(mean(target, source, row));
      double norm = Math.sqrt(candidate.timesTranspose(candidate).trace());
      if (norm > largest) {
        largest = norm;
        best = candidate;
      }
    }
    return largest < 1e-6
        ? Optional.empty()
        : Optional.of(TypedMatrices.orthogonalized(best.scale(Math.sqrt(d) / largest)));
  }

  /** The mean of target(g) E source(g)^T, where E has a one in a row of the first column. */
  private static Matrix mean(TypedMatrices target, TypedMatrices source, int row) {
    int d = source.dimension();
    double[] sum = new double[d * d];
    for (int g = 0; g < source.count(); g++) {
      for (int i = 0; i < d; i++) {
        double factor = target.entry(g, i, row);
        for (int j = 0; j < d; j++) {
          sum[i * d + j] += factor * source.entry(g, j, 0);
        }
      }
    }
    return Matrix.of(d, d, sum).scale(1.0 / source.count());
  }
}
