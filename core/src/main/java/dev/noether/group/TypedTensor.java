package dev.noether.group;

import dev.noether.algebra.Matrix;
import dev.noether.algebra.Sizes;
import java.util.List;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;

/**
 * The parts of the tensor product of two real irreps of commuting groups, by their types.
 *
 * <p>The product is irreducible when one is of real type. Of two complex types it is the sum of two
 * irreps: the product with the second and with its conjugate. A complex and a quaternionic type
 * give twice an irrep of complex type, two quaternionic types four times one of real type. See
 * Serre, <em>Linear Representations of Finite Groups</em>, sections 3.2 and 13.2.
 */
final class TypedTensor {
  private final TypedMatrices left;
  private final TypedMatrices right;
  private final int[] leftIndex;
  private final int[] rightIndex;

  private TypedTensor(TypedMatrices left, TypedMatrices right, int[] leftIndex, int[] rightIndex) {
    this.left = left;
    this.right = right;
    this.leftIndex = leftIndex;
    this.rightIndex = rightIndex;
  }

  /** How many different irreps the product of two types holds. */
  static int parts(IrrepType left, IrrepType right) {
    return left == IrrepType.COMPLEX && right == IrrepType.COMPLEX ? 2 : 1;
  }

  /** Their type. */
  static IrrepType type(IrrepType left, IrrepType right) {
    if (left == IrrepType.REAL) {
      return right;
    }
    return left == IrrepType.QUATERNIONIC && right == left
        ? IrrepType.REAL
        : right == IrrepType.REAL ? left : IrrepType.COMPLEX;
  }

  /** Their dimension. */
  static int dimension(FiniteIrrep left, FiniteIrrep right) {
    int product = left.dimension() * right.dimension();
    if (left.type() == IrrepType.REAL || right.type() == IrrepType.REAL) {
      return product;
    }
    return left.type() == IrrepType.QUATERNIONIC && right.type() == left.type()
        ? product / 4
        : product / 2;
  }

  /**
   * The irreducible parts, each once.
   *
   * @param left matrices of the first factor
   * @param right matrices of the second factor
   * @param count the number of products
   * @param leftIndex for each product which matrix of the first factor
   * @param rightIndex for each product which matrix of the second factor
   * @return one part; two for two complex types
   */
  static List<TypedMatrices> of(
      TypedMatrices left,
      TypedMatrices right,
      int count,
      IntUnaryOperator leftIndex,
      IntUnaryOperator rightIndex) {
    int[] lefts = new int[count];
    int[] rights = new int[count];
    for (int g = 0; g < count; g++) {
      lefts[g] = leftIndex.applyAsInt(g);
      rights[g] = rightIndex.applyAsInt(g);
    }
    return new TypedTensor(left, right, lefts, rights).parts();
  }

  private List<TypedMatrices> parts() {
    int dimension = left.dimension() * right.dimension();
    if (left.type() == IrrepType.REAL || right.type() == IrrepType.REAL) {
      IrrepType type = left.type() == IrrepType.REAL ? right.type() : left.type();
      return List.of(new TypedMatrices(type, dimension, kronecker()));
    }
    if (left.type() == IrrepType.QUATERNIONIC && right.type() == IrrepType.QUATERNIONIC) {
      return List.of(new TypedMatrices(IrrepType.REAL, dimension / 4, quaternionPairs()));
    }
    TypedMatrices product = new TypedMatrices(IrrepType.COMPLEX, dimension / 2, complexProduct(1));
    if (left.type() != right.type()) {
      return List.of(product);
    }
    return List.of(
        product, new TypedMatrices(IrrepType.COMPLEX, dimension / 2, complexProduct(-1)));
  }

  /** The tensor product, with the blocks of the type that is not real outermost. */
  private double[] kronecker() {
    int blocks = Math.max(left.blocks(), right.blocks());
    int l = left.dimension() / left.blocks();
    int r = right.dimension() / right.blocks();
    int d = blocks * l * r;
    int[] inLeft = IntStream.range(0, d).map(row -> place(left, l, row, r)).toArray();
    int[] inRight = IntStream.range(0, d).map(row -> place(right, r, row, 1)).toArray();
    double[] values = new double[Sizes.entries("the matrices of an irrep", leftIndex.length, d, d)];
    int at = 0;
    for (int g = 0; g < leftIndex.length; g++) {
      for (int row = 0; row < d; row++) {
        for (int column = 0; column < d; column++) {
          double a = left.entry(leftIndex[g], inLeft[row], inLeft[column]);
          double b = right.entry(rightIndex[g], inRight[row], inRight[column]);
          values[at++] = a * b + 0.0;
        }
      }
    }
    return values;
  }

  /** The row of a factor for the row (block, i, j) of the product; a real factor has no block. */
  private int place(TypedMatrices factor, int size, int row, int inner) {
    int own = row / inner % size;
    int block = row / (left.dimension() / left.blocks() * (right.dimension() / right.blocks()));
    return factor.blocks() == 1 ? own : block * size + own;
  }

  /** The product of complex forms, the second one conjugated for sign -1, as [[A, -B], [B, A]]. */
  private double[] complexProduct(int sign) {
    int l = left.dimension() / 2;
    int r = right.dimension() / 2;
    int half = l * r;
    int d = 2 * half;
    double[] values = new double[Sizes.entries("the matrices of an irrep", leftIndex.length, d, d)];
    for (int g = 0; g < leftIndex.length; g++) {
      for (int row = 0; row < half; row++) {
        for (int column = 0; column < half; column++) {
          double a = part(left, leftIndex[g], row / r, column / r, 0);
          double b = part(left, leftIndex[g], row / r, column / r, 1);
          double c = part(right, rightIndex[g], row % r, column % r, 0);
          double e = sign * part(right, rightIndex[g], row % r, column % r, 1);
          double real = a * c - b * e + 0.0;
          double imaginary = a * e + b * c + 0.0;
          values[(g * d + row) * d + column] = real;
          values[(g * d + half + row) * d + half + column] = real;
          values[(g * d + half + row) * d + column] = imaginary;
          values[(g * d + row) * d + half + column] = 0.0 - imaginary;
        }
      }
    }
    return values;
  }

  /**
   * The real (0) or imaginary (1) part of an entry of the complex form, where the first of the
   * endomorphisms beside I is the imaginary unit.
   */
  private static double part(TypedMatrices irrep, int g, int row, int column, int imaginary) {
    if (irrep.type() == IrrepType.COMPLEX) {
      return irrep.entry(g, row + imaginary * irrep.dimension() / 2, column);
    }
    int q = irrep.dimension() / 4;
    return irrep.entry(
        g, (2 * (row / q) + imaginary) * q + row % q, 2 * (column / q) * q + column % q);
  }

  /**
   * On the vectors fixed by i (x) i and j (x) j: the orthonormal basis of them is (e_0 (x) e_b +
   * e_1 (x) i e_b + e_2 (x) j e_b + e_3 (x) k e_b) / 2 for b = 0 to 3.
   */
  private double[] quaternionPairs() {
    List<Matrix> units = IrrepType.QUATERNIONIC.endomorphismBasis(4);
    int l = left.dimension() / 4;
    int r = right.dimension() / 4;
    int d = 4 * l * r;
    double[] values = new double[Sizes.entries("the matrices of an irrep", leftIndex.length, d, d)];
    for (int g = 0; g < leftIndex.length; g++) {
      for (int row = 0; row < d; row++) {
        for (int column = 0; column < d; column++) {
          values[(g * d + row) * d + column] = pair(units, g, row, column, l, r);
        }
      }
    }
    return values;
  }

  private double pair(List<Matrix> units, int g, int row, int column, int l, int r) {
    double sum = 0;
    for (int a = 0; a < 4; a++) {
      for (int b = 0; b < 4; b++) {
        int up = target(units.get(a), row / (l * r));
        int down = target(units.get(b), column / (l * r));
        double sign =
            units.get(a).get(up, row / (l * r)) * units.get(b).get(down, column / (l * r));
        sum +=
            sign
                * left.entry(leftIndex[g], a * l + row / r % l, b * l + column / r % l)
                * right.entry(rightIndex[g], up * r + row % r, down * r + column % r);
      }
    }
    return sum / 4;
  }

  /** The row where a signed permutation matrix has its entry of a column. */
  private static int target(Matrix unit, int column) {
    int row = 0;
    while (unit.get(row, column) == 0) {
      row++;
    }
    return row;
  }
}
