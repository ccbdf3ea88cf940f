package dev.noether.kernel;

import dev.noether.algebra.Matrix;
import dev.noether.group.Irrep;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/**
 * Clebsch-Gordan coefficients of rotations of the plane: products of complex numbers turn by the
 * sum or by the difference of the frequencies. The signs and the order are those of escnn.
 */
final class PlanarCoupling {
  private static final double HALF = Math.sqrt(0.5);

  /** Columns 0 and 1 turn by the difference of the frequencies, 2 and 3 by the sum. */
  private static final Matrix SUMS =
      Matrix.of(4, 4, 1, 0, 1, 0, 0, -1, 0, 1, 0, 1, 0, 1, 1, 0, -1, 0).scale(HALF);

  private final int n;
  private final int m;
  private final int period;

  private PlanarCoupling(int n, int m, int period) {
    this.n = n;
    this.m = m;
    this.period = period;
  }

  /**
   * The irreps of a product.
   *
   * @param out the irrep of the output
   * @param in the irrep of the input
   * @param period the number of rotations, 0 for all
   */
  static List<Coupling> of(Irrep out, Irrep in, int period) {
    int n = out.id().numbers().get(0);
    int m = in.id().numbers().get(0);
    PlanarCoupling product = new PlanarCoupling(n, m, period);
    List<Coupling> couplings = new ArrayList<>();
    for (int j : new TreeSet<>(List.of(Math.abs(n - m), product.fold(n + m)))) {
      couplings.add(new Coupling(out.group().irrep(j), product.copies(j)));
    }
    return couplings;
  }

  private int fold(int frequency) {
    if (period == 0) {
      return frequency;
    }
    int rest = frequency % period;
    return Math.min(rest, period - rest);
  }

  private boolean isLine(int frequency) {
    return frequency == 0 || 2 * frequency == period;
  }

  private List<Matrix> copies(int j) {
    if (isLine(n) && isLine(m)) {
      return List.of(Matrix.identity(1));
    }
    if (isLine(n) || isLine(m)) {
      return List.of(Matrix.of(2, 2, 1, 0, 0, j == n + m ? 1 : -1));
    }
    boolean sum = j == n + m || j == period - n - m;
    boolean negated = sum ? j != n + m : j != n - m;
    Matrix both = SUMS.columns(sum ? new int[] {2, 3} : new int[] {0, 1});
    if (negated) {
      both = both.times(Matrix.of(2, 2, 1, 0, 0, -1));
    }
    return isLine(j) ? List.of(both.columns(0), both.columns(1)) : List.of(both);
  }
}
