package dev.noether.group;

import dev.noether.algebra.Matrix;
import java.util.List;
import java.util.stream.IntStream;

/** How far a real irrep is from the laws; NaN counts as infinitely far. */
final class IrrepLaws {
  private static final int ALL_PAIRS = 1000;

  private IrrepLaws() {}

  /** Over all elements: rho(g) rho(g)^T = I, and rho(g) commutes with the endomorphisms. */
  static double defectOfEachElement(FiniteIrrep irrep) {
    double worst = 0;
    for (int g = 0; g < irrep.group().order(); g++) {
      Matrix matrix = irrep.at(g);
      worst = larger(worst, matrix.orthogonalityDefect());
      for (Matrix endomorphism : irrep.endomorphismBasis()) {
        Matrix before = matrix.times(endomorphism);
        worst = larger(worst, before.distance(endomorphism.times(matrix)));
      }
    }
    return worst;
  }

  /**
   * rho(g) rho(h) = rho(g h) for all pairs; in groups of more than 1000 elements for all h and for
   * the generators g, which decide it.
   */
  static double defectOfProducts(FiniteIrrep irrep) {
    FiniteGroup group = irrep.group();
    int d = irrep.dimension();
    double[][] matrices = new double[group.order()][];
    for (int g = 0; g < group.order(); g++) {
      matrices[g] = irrep.at(g).toArray();
    }
    List<Integer> lefts =
        group.order() <= ALL_PAIRS
            ? IntStream.range(0, group.order()).boxed().toList()
            : group.generators();
    double worst = 0;
    for (int g : lefts) {
      for (int h = 0; h < group.order(); h++) {
        double[] product = matrices[group.multiply(g, h)];
        worst = larger(worst, distance(d, matrices[g], matrices[h], product));
      }
    }
    return worst;
  }

  /** The largest entry of a b - product. */
  private static double distance(int d, double[] a, double[] b, double[] product) {
    double largest = 0;
    double[] row = new double[d];
    for (int i = 0; i < d; i++) {
      java.util.Arrays.fill(row, 0);
      for (int k = 0; k < d; k++) {
        double factor = a[i * d + k];
        for (int j = 0; factor != 0 && j < d; j++) {
          row[j] += factor * b[k * d + j];
        }
      }
      for (int j = 0; j < d; j++) {
        largest = larger(largest, Math.abs(row[j] - product[i * d + j]));
      }
    }
    return largest;
  }

  private static double larger(double a, double b) {
    return a >= b ? a : b <= Double.MAX_VALUE ? b : Double.POSITIVE_INFINITY;
  }
}
