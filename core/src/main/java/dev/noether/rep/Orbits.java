package dev.noether.rep;

import dev.noether.group.FiniteGroup;
import dev.noether.group.FiniteIrrep;
import java.util.List;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;

/**
 * The images rho(g) v of some vectors under all elements, reached along the words of the group: one
 * generator applied for each element, never a product of matrices.
 */
final class Orbits {
  private final FiniteGroup group;
  private final Words words;
  private final List<LinearMap> generators;
  private final int size;

  Orbits(FiniteGroup group, int size, List<LinearMap> generators) {
    this.group = group;
    this.words = Words.of(group);
    this.generators = List.copyOf(generators);
    this.size = size;
  }

  /**
   * The orbits of the rows of a matrix.
   *
   * @param vectors {@code [count, size]}
   * @return {@code [order, count * size]}: row g holds rho(g) v for each v
   */
  DMatrixRMaj of(DMatrixRMaj vectors) {
    int length = vectors.getNumElements();
    DMatrixRMaj orbits = new DMatrixRMaj(group.order(), length);
    DMatrixRMaj from = new DMatrixRMaj(vectors.numRows, size);
    DMatrixRMaj to = new DMatrixRMaj(vectors.numRows, size);
    System.arraycopy(vectors.data, 0, orbits.data, group.identity() * length, length);
    for (int place = 1; place < group.order(); place++) {
      int g = words.at(place);
      System.arraycopy(orbits.data, words.parent(g) * length, from.data, 0, length);
      generators.get(words.letter(g)).apply(from, to);
      System.arraycopy(to.data, 0, orbits.data, g * length, length);
    }
    return orbits;
  }

  /**
   * The maps T_c from an irrep to the representation that vectors give: T_c e_i = d / |G| sum_g
   * irrep(g)_ic rho(g) v. Each commutes with the group, and is a multiple of an isometry.
   *
   * @param irrep the irrep, of dimension d and with S endomorphisms
   * @param orbits what {@link #of} gives
   * @return {@code [d / S * d, count * size]}: row c d + i holds T_c e_i for each vector
   */
  DMatrixRMaj intertwiners(FiniteIrrep irrep, DMatrixRMaj orbits) {
    int d = irrep.dimension();
    int columns = d / irrep.type().endomorphismDimension();
    DMatrixRMaj coefficients = new DMatrixRMaj(columns * d, group.order());
    double scale = (double) d / group.order();
    for (int c = 0; c < columns; c++) {
      for (int i = 0; i < d; i++) {
        for (int g = 0; g < group.order(); g++) {
          coefficients.unsafe_set(c * d + i, g, scale * irrep.entry(g, i, c));
        }
      }
    }
    return CommonOps_DDRM.mult(coefficients, orbits, null);
  }
}
