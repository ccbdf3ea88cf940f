package dev.noether.rep;

import static dev.noether.algebra.Checks.require;

import dev.noether.algebra.Matrix;
import dev.noether.group.Irrep;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;

/** Tensor products, decomposed irrep by irrep with Clebsch-Gordan coefficients. */
final class TensorProducts {
  /** Its change of basis takes 800 MB. */
  static final int LARGEST_SIZE = 10_000;

  private TensorProducts() {}

  static Part product(Representation left, Representation right) {
    long coordinates = (long) left.size() * right.size();
    require(
        coordinates <= LARGEST_SIZE,
        "%s tensor %s would have %d coordinates, and %d are the most",
        left,
        right,
        coordinates,
        LARGEST_SIZE);
    int size = (int) coordinates;
    double[] basis = new double[size * size];
    List<Irrep> irreps = new ArrayList<>();
    IdentityHashMap<Irrep, IdentityHashMap<Irrep, ClebschGordan>> known = new IdentityHashMap<>();
    int column = 0;
    int i = 0;
    for (Irrep a : left.irreps()) {
      int j = 0;
      for (Irrep b : right.irreps()) {
        ClebschGordan coefficients =
            known
                .computeIfAbsent(a, key -> new IdentityHashMap<>())
                .computeIfAbsent(b, key -> ClebschGordan.of(a, key));
        fill(basis, column, coefficients, left.changeOfBasis(), i, right.changeOfBasis(), j);
        irreps.addAll(coefficients.irreps());
        column += a.dimension() * b.dimension();
        j += b.dimension();
      }
      i += a.dimension();
    }
    return new Part(left.group(), irreps, Matrix.of(size, size, basis), null);
  }

  /** Writes the columns (Q_i (x) Q_j) C of one pair of irreps. */
  private static void fill(
      double[] basis, int column, ClebschGordan cg, Matrix left, int i, Matrix right, int j) {
    int size = left.rows() * right.rows();
    int a = cg.left().dimension();
    int b = cg.right().dimension();
    double[] pair = new double[a * b];
    for (int row = 0; row < size; row++) {
      for (int k = 0; k < a; k++) {
        for (int l = 0; l < b; l++) {
          pair[k * b + l] =
              left.get(row / right.rows(), i + k) * right.get(row % right.rows(), j + l);
        }
      }
      for (int c = 0; c < a * b; c++) {
        double sum = 0;
        for (int k = 0; k < a * b; k++) {
          sum += pair[k] * cg.matrix().get(k, c);
        }
        basis[row * size + column + c] = sum;
      }
    }
  }
}
