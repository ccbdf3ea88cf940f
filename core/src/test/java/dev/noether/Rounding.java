package dev.noether;

import dev.noether.algebra.Matrix;
import java.util.Arrays;
import java.util.Random;

/** Matrices as they come with few digits, and random bases. */
public final class Rounding {
  private Rounding() {}

  public static Matrix toDigits(Matrix matrix, int digits) {
    double scale = StrictMath.pow(10, digits);
    return mapped(matrix, x -> Math.rint(x * scale) / scale);
  }

  public static Matrix toFloat32(Matrix matrix) {
    return mapped(matrix, x -> (double) (float) x);
  }

  private static Matrix mapped(Matrix matrix, java.util.function.DoubleUnaryOperator rounding) {
    return Matrix.of(
        matrix.rows(), matrix.columns(), Arrays.stream(matrix.toArray()).map(rounding).toArray());
  }

  /** A random orthogonal matrix: products of reflections. */
  public static Matrix rotation(int n, long seed) {
    Random random = new Random(seed);
    Matrix result = Matrix.identity(n);
    for (int k = 0; k < 3; k++) {
      Matrix v = Matrix.of(n, 1, random.doubles(n).map(x -> x - 0.5).toArray());
      double square = v.transpose().times(v).get(0, 0);
      result = result.times(Matrix.identity(n).plus(v.timesTranspose(v).scale(-2 / square)));
    }
    return result;
  }
}
