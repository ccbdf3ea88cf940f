package dev.noether.group;

import dev.noether.algebra.Matrix;
import java.util.ArrayList;
import java.util.List;

/**
 * The real irreps of a direct product from those of its factors.
 *
 * <p>The tensor product of two real irreps is irreducible when one is of real type. Of two complex
 * types it is the sum of two irreps: the product with the character of the second and with its
 * conjugate. A complex and a quaternionic type give twice an irrep of complex type, two
 * quaternionic types four times one of real type. See Serre, <em>Linear Representations of Finite
 * Groups</em>, sections 3.2 and 13.2.
 */
final class ProductIrreps {
  private final FiniteGroup group;
  private final Irrep left;
  private final Irrep right;
  private final int order;

  private ProductIrreps(FiniteGroup group, Irrep left, Irrep right) {
    this.group = group;
    this.left = left;
    this.right = right;
    this.order = right.group().order();
  }

  /** Element (a, b) of the product has the number a |B| + b. */
  static List<Irrep> of(FiniteGroup group, FiniteGroup left, FiniteGroup right) {
    List<Irrep> irreps = new ArrayList<>();
    for (Irrep a : left.irreps()) {
      for (Irrep b : right.irreps()) {
        irreps.addAll(new ProductIrreps(group, a, b).tensor());
      }
    }
    return irreps;
  }

  private List<Irrep> tensor() {
    if (left.type() == IrrepType.REAL || right.type() == IrrepType.REAL) {
      IrrepType type = left.type() == IrrepType.REAL ? right.type() : left.type();
      return List.of(irrep(type, left.dimension() * right.dimension(), kronecker()));
    }
    if (left.type() == IrrepType.QUATERNIONIC && right.type() == IrrepType.QUATERNIONIC) {
      return List.of(
          irrep(IrrepType.REAL, left.dimension() * right.dimension() / 4, quaternionPairs()));
    }
    int dimension = left.dimension() * right.dimension() / 2;
    Irrep product = irrep(IrrepType.COMPLEX, dimension, complexProduct(1));
    if (left.type() != right.type()) {
      return List.of(product);
    }
    Irrep conjugate = irrep(IrrepType.COMPLEX, dimension, complexProduct(-1));
    return List.of(product.of(group, numbered(0)), conjugate.of(group, numbered(1)));
  }

  private Irrep irrep(IrrepType type, int dimension, double[] values) {
    return new Irrep(group, numbered(), dimension, type, values);
  }

  private IrrepId numbered(int... more) {
    List<Integer> numbers = new ArrayList<>(left.id().numbers());
    numbers.addAll(right.id().numbers());
    for (int number : more) {
      numbers.add(number);
    }
    return new IrrepId(numbers);
  }

  /** The tensor product, with the blocks of the type that is not real outermost. */
  private double[] kronecker() {
    int blocks = Math.max(blocks(left), blocks(right));
    int l = left.dimension() / blocks(left);
    int r = right.dimension() / blocks(right);
    int d = blocks * l * r;
    double[] values = new double[group.order() * d * d];
    for (int g = 0; g < group.order(); g++) {
      for (int row = 0; row < d; row++) {
        for (int column = 0; column < d; column++) {
          double a = left.entry(g / order, place(left, l, row, r), place(left, l, column, r));
          double b = right.entry(g % order, place(right, r, row, 1), place(right, r, column, 1));
          values[(g * d + row) * d + column] = a * b + 0.0;
        }
      }
    }
    return values;
  }

  /** The row of a factor for the row (block, i, j) of the product; a real factor has no block. */
  private int place(Irrep factor, int size, int row, int inner) {
    int own = row / inner % size;
    int block = row / (left.dimension() / blocks(left) * (right.dimension() / blocks(right)));
    return blocks(factor) == 1 ? own : block * size + own;
  }

  private static int blocks(Irrep irrep) {
    return irrep.type().endomorphismDimension();
  }

  /** The product of complex forms, the second one conjugated for sign -1, as [[A, -B], [B, A]]. */
  private double[] complexProduct(int sign) {
    int l = left.dimension() / 2;
    int r = right.dimension() / 2;
    int half = l * r;
    int d = 2 * half;
    double[] values = new double[group.order() * d * d];
    for (int g = 0; g < group.order(); g++) {
      for (int row = 0; row < half; row++) {
        for (int column = 0; column < half; column++) {
          double a = part(left, g / order, row / r, column / r, 0);
          double b = part(left, g / order, row / r, column / r, 1);
          double c = part(right, g % order, row % r, column % r, 0);
          double e = sign * part(right, g % order, row % r, column % r, 1);
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
  private static double part(Irrep irrep, int g, int row, int column, int imaginary) {
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
    List<Matrix> units = Irrep.endomorphismBasis(IrrepType.QUATERNIONIC, 4);
    int l = left.dimension() / 4;
    int r = right.dimension() / 4;
    int d = 4 * l * r;
    double[] values = new double[group.order() * d * d];
    for (int g = 0; g < group.order(); g++) {
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
                * left.entry(g / order, a * l + row / r % l, b * l + column / r % l)
                * right.entry(g % order, up * r + row % r, down * r + column % r);
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
