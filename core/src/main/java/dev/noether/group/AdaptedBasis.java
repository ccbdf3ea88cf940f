package dev.noether.group;

import dev.noether.algebra.Matrix;
import java.util.ArrayList;
import java.util.List;

/**
 * The orthonormal basis v_1, v_2, ..., then their images under i (and j and i j), in which complex
 * structures become those of {@link FiniteIrrep#endomorphismBasis()}.
 */
final class AdaptedBasis {
  private final int d;
  private final List<Matrix> taken = new ArrayList<>();

  private AdaptedBasis(int d) {
    this.d = d;
  }

  /**
   * The basis as columns.
   *
   * @param d the dimension
   * @param structures none; i; or i and j that anticommute: antisymmetric, orthogonal
   * @return an orthogonal matrix {@code [d, d]}; the identity for no structure
   */
  static Matrix of(int d, List<Matrix> structures) {
    if (structures.isEmpty()) {
      return Matrix.identity(d);
    }
    List<Matrix> units = new ArrayList<>(List.of(Matrix.identity(d)));
    units.addAll(structures);
    if (structures.size() == 2) {
      units.add(structures.get(0).times(structures.get(1)));
    }
    return new AdaptedBasis(d).columns(units);
  }

  private Matrix columns(List<Matrix> units) {
    Matrix[] columns = new Matrix[d];
    int quotient = d / units.size();
    for (int a = 0; a < quotient; a++) {
      Matrix vector = farthest();
      for (int i = 0; i < units.size(); i++) {
        columns[i * quotient + a] = units.get(i).times(vector);
        taken.add(columns[i * quotient + a]);
      }
    }
    double[] entries = new double[d * d];
    for (int row = 0; row < d; row++) {
      for (int column = 0; column < d; column++) {
        entries[row * d + column] = columns[column].get(row, 0);
      }
    }
    return Matrix.of(d, d, entries);
  }

  /** The unit vector of the axis that keeps most of its length orthogonal to those taken. */
  private Matrix farthest() {
    Matrix best = Matrix.of(d, 1, new double[d]);
    double longest = 0;
    for (int axis = 0; axis < d; axis++) {
      Matrix vector = Matrix.identity(d).columns(axis);
      for (int pass = 0; pass < 2; pass++) {
        for (Matrix other : taken) {
          vector = vector.plus(other.scale(-other.transpose().times(vector).get(0, 0)));
        }
      }
      double length = Math.sqrt(vector.transpose().times(vector).get(0, 0));
      if (length > longest + 1e-9) {
        longest = length;
        best = vector.scale(1 / length);
      }
    }
    return best;
  }
}
