package dev.noether.group;

import dev.noether.algebra.Matrix;
import java.util.ArrayList;
import java.util.List;

/**
 * The Frobenius-Schur type of a real irreducible representation: which division algebra its
 * endomorphisms form.
 *
 * <p>By Schur's lemma and Frobenius' theorem the matrices that commute with a real irrep form the
 * real numbers, the complex numbers or the quaternions. See Serre, <em>Linear Representations of
 * Finite Groups</em>, section 13.2.
 */
public enum IrrepType {
  /** Endomorphisms are the real numbers. */
  REAL("R", 1),
  /** Endomorphisms are the complex numbers. */
  COMPLEX("C", 2),
  /** Endomorphisms are the quaternions. */
  QUATERNIONIC("H", 4);

  private final String symbol;
  private final int endomorphismDimension;

  IrrepType(String symbol, int endomorphismDimension) {
    this.symbol = symbol;
    this.endomorphismDimension = endomorphismDimension;
  }

  /** {@return the letter of the division algebra: R, C or H} */
  public String symbol() {
    return symbol;
  }

  /** {@return the real dimension of the endomorphism space: 1, 2 or 4} */
  public int endomorphismDimension() {
    return endomorphismDimension;
  }

  /**
   * A basis of the matrices that commute with an irrep of this type.
   *
   * <p>Real: {I}. Complex: {I, J} with J = [[0, -1], [1, 0]] (x) I. Quaternionic: {I, i, j, k} (x)
   * I, with i, j, k the left multiplications of the quaternions. The elements are orthogonal to
   * each other, each of squared Frobenius norm {@code dimension}.
   *
   * @param dimension the dimension of the irrep, a multiple of {@link #endomorphismDimension()}
   * @return 1, 2 or 4 matrices {@code [dimension, dimension]}
   */
  public List<Matrix> endomorphismBasis(int dimension) {
    return switch (this) {
      case REAL -> List.of(Matrix.identity(dimension));
      case COMPLEX -> timesIdentity(dimension, List.of(signed(1, 2), signed(-2, 1)));
      case QUATERNIONIC ->
          timesIdentity(
              dimension,
              List.of(
                  signed(1, 2, 3, 4),
                  signed(-2, 1, -4, 3),
                  signed(-3, 4, 1, -2),
                  signed(-4, -3, 2, 1)));
    };
  }

  /** The signed permutation matrix whose row r has the sign of {@code c} in column {@code |c|}. */
  private static Matrix signed(int... columns) {
    int n = columns.length;
    double[] entries = new double[n * n];
    for (int row = 0; row < n; row++) {
      entries[row * n + Math.abs(columns[row]) - 1] = Math.signum(columns[row]);
    }
    return Matrix.of(n, n, entries);
  }

  private static List<Matrix> timesIdentity(int dimension, List<Matrix> small) {
    List<Matrix> basis = new ArrayList<>();
    for (Matrix factor : small) {
      int copies = dimension / factor.rows();
      double[] entries = new double[dimension * dimension];
      for (int row = 0; row < dimension; row++) {
        for (int column = 0; column < dimension; column++) {
          entries[row * dimension + column] =
              row % copies == column % copies ? factor.get(row / copies, column / copies) : 0;
        }
      }
      basis.add(Matrix.of(dimension, dimension, entries));
    }
    return List.copyOf(basis);
  }
}
