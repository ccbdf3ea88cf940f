package dev.noether.kernel;

import static dev.noether.algebra.Checks.require;

import dev.noether.algebra.Matrix;

/**
 * The elements of another basis in terms of ours.
 *
 * @param matrix element b of the other basis is the sum of {@code matrix[b, c]} times our element
 *     c: {@code [other, ours]}
 * @param residual the largest entry that ours does not reach, relative to the other's largest
 */
public record SampledBasisChange(Matrix matrix, double residual) {
  /** Bases of Python are float32. */
  private static final double TOLERANCE = 1e-5;

  /**
   * The weights that make, with our basis, the kernel that others make with theirs.
   *
   * @param weights weights for the other basis
   * @return weights for ours
   * @throws IllegalArgumentException if their number is not that of the other basis
   */
  public double[] weights(double... weights) {
    require(
        weights.length == matrix.rows(),
        "a basis of %d elements needs as many weights, got %d",
        matrix.rows(),
        weights.length);
    return Matrix.of(1, weights.length, weights).times(matrix).toArray();
  }

  /**
   * The derivatives by the weights for the other basis.
   *
   * @param gradient derivatives by the weights for ours
   * @return derivatives by the others
   * @throws IllegalArgumentException if their number is not that of our basis
   */
  public double[] gradient(double... gradient) {
    require(
        gradient.length == matrix.columns(),
        "a basis of %d elements has as many derivatives, got %d",
        matrix.columns(),
        gradient.length);
    return matrix.times(Matrix.of(gradient.length, 1, gradient)).toArray();
  }

  /**
   * Refuses a basis that does not span what ours does.
   *
   * @param what the basis, for the message
   * @return this
   * @throws IllegalArgumentException if the residual is above 1e-5, or one basis reaches more than
   *     the other
   */
  public SampledBasisChange requireSameSpan(String what) {
    require(
        residual <= TOLERANCE,
        "%s spans other kernels: its elements may be %.0e of their largest entry away from ours,"
            + " got %.3g; give the space, the fields, the rings, the widths and the cutoffs that"
            + " it was made with",
        what,
        TOLERANCE,
        residual);
    require(
        matrix.rows() == matrix.columns() && matrix.inverse().isPresent(),
        "%s spans fewer kernels: it must have %d elements that are linearly independent, got %d",
        what,
        matrix.columns(),
        matrix.rows());
    return this;
  }
}
