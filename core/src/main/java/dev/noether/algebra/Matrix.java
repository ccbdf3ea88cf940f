package dev.noether.algebra;

import static dev.noether.algebra.Checks.require;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.MatrixFeatures_DDRM;
import org.ejml.dense.row.NormOps_DDRM;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.dense.row.factory.LinearSolverFactory_DDRM;
import org.ejml.interfaces.decomposition.CholeskyDecomposition_F64;
import org.ejml.interfaces.linsol.LinearSolverDense;

/**
 * An immutable dense matrix of doubles.
 *
 * <p>Products run in EJML. Entries are row-major; nothing mutable gets in or out, so a matrix may
 * be shared between threads.
 */
public final class Matrix {
  /** From this inner size on, EJML is faster on a transposed copy than on A B^T. */
  private static final int TRANSPOSE_FIRST = 64;

  /** One over the condition number at which a matrix counts as singular. */
  private static final double SINGULAR = 1e-15;

  private final DMatrixRMaj entries;

  private Matrix(DMatrixRMaj entries) {
    this.entries = entries;
  }

  /**
   * A matrix from its entries.
   *
   * @param rows the number of rows
   * @param columns the number of columns
   * @param values the entries, row by row; copied
   * @return the matrix {@code [rows, columns]}
   * @throws IllegalArgumentException if the number of values is not {@code rows * columns}
   */
  public static Matrix of(int rows, int columns, double... values) {
    require(rows >= 0 && columns >= 0, "sizes must not be negative, got [%d, %d]", rows, columns);
    require(
        values.length == (long) rows * columns,
        "a [%d, %d] matrix has %d entries, got %d",
        rows,
        columns,
        (long) rows * columns,
        values.length);
    return new Matrix(DMatrixRMaj.wrap(rows, columns, values.clone()));
  }

  /**
   * A matrix with given columns.
   *
   * @param rows the number of rows
   * @param columns the columns, each of {@code rows} entries; copied
   * @return the matrix {@code [rows, columns.size()]}
   * @throws IllegalArgumentException if a column has another number of entries
   */
  public static Matrix ofColumns(int rows, List<double[]> columns) {
    DMatrixRMaj matrix = zeros(rows, columns.size());
    for (int column = 0; column < columns.size(); column++) {
      double[] values = columns.get(column);
      require(values.length == rows, "a column must have %d entries, got %d", rows, values.length);
      for (int row = 0; row < rows; row++) {
        matrix.unsafe_set(row, column, values[row]);
      }
    }
    return new Matrix(matrix);
  }

  private static DMatrixRMaj zeros(int rows, int columns) {
    entries(rows, columns);
    return new DMatrixRMaj(rows, columns);
  }

  /**
   * The number of entries of a matrix, which must fit an array.
   *
   * @param rows the number of rows
   * @param columns the number of columns
   * @return {@code rows * columns}
   * @throws IllegalArgumentException if there are more than 2^31 - 1
   */
  public static int entries(int rows, int columns) {
    long entries = (long) rows * columns;
    require(
        entries <= Integer.MAX_VALUE,
        "a [%d, %d] matrix has more than the 2^31 - 1 entries that fit an array; work with the "
            + "summands or with fewer copies",
        rows,
        columns);
    return (int) entries;
  }

  /**
   * The identity matrix.
   *
   * @param size the number of rows and of columns
   * @return the matrix {@code [size, size]} with ones on its diagonal
   * @throws IllegalArgumentException if it has more than 2^31 - 1 entries
   */
  public static Matrix identity(int size) {
    entries(size, size);
    return new Matrix(CommonOps_DDRM.identity(size));
  }

  /**
   * The matrix with the given blocks on its diagonal and zeros elsewhere.
   *
   * @param blocks the blocks, first to last
   * @return the direct sum of the blocks
   * @throws IllegalArgumentException if it has more than 2^31 - 1 entries
   */
  public static Matrix blockDiagonal(List<Matrix> blocks) {
    int rows = Sizes.total("a sum of blocks", blocks.stream().mapToLong(Matrix::rows).sum());
    int columns = Sizes.total("a sum of blocks", blocks.stream().mapToLong(Matrix::columns).sum());
    DMatrixRMaj sum = zeros(rows, columns);
    int row = 0;
    int column = 0;
    for (Matrix block : blocks) {
      CommonOps_DDRM.insert(block.entries, sum, row, column);
      row += block.rows();
      column += block.columns();
    }
    return new Matrix(sum);
  }

  /** {@return the number of rows} */
  public int rows() {
    return entries.numRows;
  }

  /** {@return the number of columns} */
  public int columns() {
    return entries.numCols;
  }

  /**
   * One entry.
   *
   * @param row the row, from 0
   * @param column the column, from 0
   * @return the entry there
   */
  public double get(int row, int column) {
    return entries.get(row, column);
  }

  /** {@return the entries, row by row, in a fresh array} */
  public double[] toArray() {
    return Arrays.copyOf(entries.data, entries.getNumElements());
  }

  /**
   * The matrix product.
   *
   * @param other a matrix with {@code this.columns()} rows
   * @return {@code this * other}
   * @throws IllegalArgumentException if the inner sizes differ
   */
  public Matrix times(Matrix other) {
    require(
        columns() == other.rows(),
        "inner sizes must agree, got [%d, %d] times [%d, %d]",
        rows(),
        columns(),
        other.rows(),
        other.columns());
    return new Matrix(CommonOps_DDRM.mult(entries, other.entries, null));
  }

  /**
   * The product with the transpose of another matrix.
   *
   * @param other a matrix with {@code this.columns()} columns
   * @return {@code this * other^T}
   * @throws IllegalArgumentException if the numbers of columns differ
   */
  public Matrix timesTranspose(Matrix other) {
    require(
        columns() == other.columns(),
        "columns must agree, got [%d, %d] times the transpose of [%d, %d]",
        rows(),
        columns(),
        other.rows(),
        other.columns());
    if (columns() < TRANSPOSE_FIRST) {
      return new Matrix(CommonOps_DDRM.multTransB(entries, other.entries, null));
    }
    DMatrixRMaj transposed = CommonOps_DDRM.transpose(other.entries, null);
    return new Matrix(CommonOps_DDRM.mult(entries, transposed, null));
  }

  /**
   * The Kronecker product.
   *
   * @param other any matrix
   * @return {@code this (x) other}: block (i, j) is {@code this.get(i, j) * other}
   */
  public Matrix kronecker(Matrix other) {
    return new Matrix(CommonOps_DDRM.kron(entries, other.entries, null));
  }

  /** {@return the transpose} */
  public Matrix transpose() {
    return new Matrix(CommonOps_DDRM.transpose(entries, null));
  }

  /**
   * The sum.
   *
   * @param other a matrix of the same shape
   * @return {@code this + other}
   */
  public Matrix plus(Matrix other) {
    requireSameShape(other);
    return new Matrix(CommonOps_DDRM.add(entries, other.entries, null));
  }

  /**
   * The multiple by a number.
   *
   * @param factor the number
   * @return {@code factor * this}
   */
  public Matrix scale(double factor) {
    DMatrixRMaj scaled = zeros(rows(), columns());
    CommonOps_DDRM.scale(factor, entries, scaled);
    return new Matrix(scaled);
  }

  /**
   * The matrix made of some columns of this one.
   *
   * @param indices the columns to take, in order
   * @return a matrix {@code [rows, indices.length]}
   */
  public Matrix columns(int... indices) {
    DMatrixRMaj taken = zeros(rows(), indices.length);
    for (int row = 0; row < rows(); row++) {
      for (int j = 0; j < indices.length; j++) {
        taken.unsafe_set(row, j, entries.get(row, indices[j]));
      }
    }
    return new Matrix(taken);
  }

  /** {@return the inverse of a square matrix; empty where it is singular to float64 precision} */
  public Optional<Matrix> inverse() {
    require(rows() == columns(), "must be square, got [%d, %d]", rows(), columns());
    LinearSolverDense<DMatrixRMaj> solver = LinearSolverFactory_DDRM.lu(rows());
    if (!solver.setA(entries.copy())) {
      return Optional.empty();
    }
    DMatrixRMaj inverse = zeros(rows(), columns());
    solver.invert(inverse);
    // The condition number; the solver's own measure is a product that shrinks with the size.
    double condition = NormOps_DDRM.normP1(entries) * NormOps_DDRM.normP1(inverse);
    boolean sound = condition * SINGULAR < 1 && !MatrixFeatures_DDRM.hasUncountable(inverse);
    return sound ? Optional.of(new Matrix(inverse)) : Optional.empty();
  }

  /**
   * {@return the lower triangular L with L L^T equal to this symmetric matrix, its diagonal
   * positive; empty where the matrix is not positive definite}
   */
  public Optional<Matrix> cholesky() {
    require(rows() == columns(), "must be square, got [%d, %d]", rows(), columns());
    CholeskyDecomposition_F64<DMatrixRMaj> solver = DecompositionFactory_DDRM.chol(rows(), true);
    return solver.decompose(entries.copy())
        ? Optional.of(new Matrix(solver.getT(null)))
        : Optional.empty();
  }

  /** {@return the trace: the sum of the diagonal} */
  public double trace() {
    return CommonOps_DDRM.trace(entries);
  }

  /**
   * The largest difference to another matrix, entry by entry.
   *
   * @param other a matrix of the same shape
   * @return {@code max |this - other|}; NaN where either holds NaN
   */
  public double distance(Matrix other) {
    requireSameShape(other);
    double largest = 0;
    for (int i = 0; i < entries.getNumElements(); i++) {
      largest = Math.max(largest, Math.abs(entries.data[i] - other.entries.data[i]));
    }
    return largest;
  }

  /** {@return whether no entry is NaN or infinite} */
  public boolean isFinite() {
    for (int i = 0; i < entries.getNumElements(); i++) {
      if (!Double.isFinite(entries.data[i])) {
        return false;
      }
    }
    return true;
  }

  /**
   * How far this matrix is from an orthogonal one.
   *
   * @return {@code max |A A^T - I|}
   * @throws IllegalArgumentException if the matrix is not square
   */
  public double orthogonalityDefect() {
    require(rows() == columns(), "must be square, got [%d, %d]", rows(), columns());
    return timesTranspose(this).distance(identity(rows()));
  }

  private void requireSameShape(Matrix other) {
    require(
        rows() == other.rows() && columns() == other.columns(),
        "shapes must agree, got [%d, %d] and [%d, %d]",
        rows(),
        columns(),
        other.rows(),
        other.columns());
  }

  /**
   * Whether this is an identity matrix, exactly.
   *
   * @return true for a square matrix with ones on its diagonal and zeros elsewhere
   */
  public boolean isIdentity() {
    if (rows() != columns()) {
      return false;
    }
    for (int row = 0; row < rows(); row++) {
      for (int column = 0; column < columns(); column++) {
        if (entries.unsafe_get(row, column) != (row == column ? 1 : 0)) {
          return false;
        }
      }
    }
    return true;
  }

  @Override
  public boolean equals(Object object) {
    return object instanceof Matrix other
        && rows() == other.rows()
        && columns() == other.columns()
        && Arrays.equals(
            entries.data,
            0,
            entries.getNumElements(),
            other.entries.data,
            0,
            other.entries.getNumElements());
  }

  @Override
  public int hashCode() {
    int hash = 1;
    for (int i = 0; i < entries.getNumElements(); i++) {
      hash = 31 * hash + Double.hashCode(entries.data[i]);
    }
    return 31 * (31 * rows() + columns()) + hash;
  }

  /** The shape, and below it the entries to four digits, as many as fit a page. */
  @Override
  public String toString() {
    return MatrixText.of(this);
  }
}
