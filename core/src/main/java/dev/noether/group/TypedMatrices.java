package dev.noether.group;

import dev.noether.algebra.Matrix;
import dev.noether.algebra.Sizes;
import java.util.Arrays;
import java.util.function.IntFunction;

/**
 * Square matrices of one size, one for each element of something, that commute with the standard
 * endomorphisms of a type: see {@link FiniteIrrep#endomorphismBasis()}.
 */
final class TypedMatrices {
  private final IrrepType type;
  private final int dimension;
  private final double[] values;

  /** Takes ownership of {@code values}, the matrices one after another. */
  TypedMatrices(IrrepType type, int dimension, double[] values) {
    this.type = type;
    this.dimension = dimension;
    this.values = values;
  }

  /** Matrices of one size, one after another. */
  static TypedMatrices of(IrrepType type, int count, IntFunction<Matrix> matrices) {
    int dimension = matrices.apply(0).rows();
    int size = dimension * dimension;
    double[] values = new double[Sizes.entries("the matrices of an irrep", count, size)];
    for (int index = 0; index < count; index++) {
      System.arraycopy(matrices.apply(index).toArray(), 0, values, index * size, size);
    }
    return new TypedMatrices(type, dimension, values);
  }

  IrrepType type() {
    return type;
  }

  int dimension() {
    return dimension;
  }

  /** The entries, not copied. */
  double[] values() {
    return values;
  }

  int count() {
    return values.length / (dimension * dimension);
  }

  /** The real dimension of the endomorphisms. */
  int blocks() {
    return type.endomorphismDimension();
  }

  double entry(int index, int row, int column) {
    return values[(index * dimension + row) * dimension + column];
  }

  Matrix at(int index) {
    int size = dimension * dimension;
    return Matrix.of(
        dimension, dimension, Arrays.copyOfRange(values, index * size, (index + 1) * size));
  }

  double trace(int index) {
    double trace = 0;
    for (int i = 0; i < dimension; i++) {
      trace += entry(index, i, i);
    }
    return trace;
  }

  /** The imaginary part of the trace of A + i B, for the complex type [[A, -B], [B, A]]. */
  double imaginaryTrace(int index) {
    int half = dimension / 2;
    double trace = 0;
    for (int i = 0; i < half; i++) {
      trace += entry(index, half + i, i);
    }
    return trace;
  }

  TypedMatrices plus(TypedMatrices other) {
    double[] sum = values.clone();
    for (int at = 0; at < sum.length; at++) {
      sum[at] += other.values[at];
    }
    return new TypedMatrices(type, dimension, sum);
  }

  /** A - i B in place of A + i B. */
  TypedMatrices conjugate() {
    int half = dimension / 2;
    double[] conjugate = values.clone();
    for (int at = 0; at < conjugate.length; at++) {
      if ((at / dimension % dimension < half) != (at % dimension < half)) {
        conjugate[at] = 0.0 - conjugate[at];
      }
    }
    return new TypedMatrices(type, dimension, conjugate);
  }

  /**
   * The average of U M U^T over the endomorphisms U of a type: the part that commutes with them.
   */
  static Matrix commuting(IrrepType type, Matrix matrix) {
    if (type == IrrepType.REAL) {
      return matrix;
    }
    Matrix sum = Matrix.of(matrix.rows(), matrix.rows(), new double[matrix.rows() * matrix.rows()]);
    for (Matrix endomorphism : type.endomorphismBasis(matrix.rows())) {
      sum = sum.plus(endomorphism.times(matrix).timesTranspose(endomorphism));
    }
    return sum.scale(1.0 / type.endomorphismDimension());
  }

  /** One step M (3 I - M^T M) / 2 towards the nearest orthogonal matrix. */
  static Matrix orthogonalized(Matrix matrix) {
    Matrix gram = matrix.transpose().times(matrix);
    return matrix.times(Matrix.identity(matrix.rows()).scale(3).plus(gram.scale(-1))).scale(0.5);
  }
}
