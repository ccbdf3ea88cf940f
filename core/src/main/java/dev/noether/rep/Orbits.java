package dev.noether.rep;

import dev.noether.algebra.Sizes;
import dev.noether.group.FiniteGroup;
import dev.noether.group.FiniteIrrep;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;

/**
 * The images rho(g) v of some vectors under all elements, reached along the words of the group: one
 * generator applied for each element, never a product of matrices.
 */
final class Orbits {
  /** One number of so many, or less, that is not zero is few. */
  private static final int FEW = 8;

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
    DMatrixRMaj orbits = matrix(group.order(), length);
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

  private DMatrixRMaj matrix(int rows, int columns) {
    Sizes.entries("the images of vectors under " + group, rows, columns);
    return new DMatrixRMaj(rows, columns);
  }

  /**
   * The sums of the images over each conjugacy class.
   *
   * @param orbits what {@link #of} gives
   * @return {@code [classes, count * size]}
   */
  DMatrixRMaj classSums(DMatrixRMaj orbits) {
    int length = orbits.numCols;
    DMatrixRMaj sums = new DMatrixRMaj(group.conjugacyClasses().size(), length);
    for (int g = 0; g < group.order(); g++) {
      int start = group.conjugacyClass(g) * length;
      for (int i = 0; i < length; i++) {
        sums.data[start + i] += orbits.data[g * length + i];
      }
    }
    return sums;
  }

  /**
   * The largest length of the parts of the vectors in the copies of an irrep: of d / (S |G|) sum_g
   * trace(irrep(g)) rho(g) v. Needs no matrices of the irrep.
   *
   * @param irrep the irrep
   * @param sums what {@link #classSums} gives
   * @return the largest length over the vectors
   */
  double largestPart(FiniteIrrep irrep, DMatrixRMaj sums) {
    int length = sums.numCols;
    double scale =
        (double) irrep.dimension() / irrep.type().endomorphismDimension() / group.order();
    double[] part = new double[length];
    for (int c = 0; c < sums.numRows; c++) {
      double trace = scale * irrep.character(group.conjugacyClasses().get(c).get(0));
      for (int i = 0; trace != 0 && i < length; i++) {
        part[i] += trace * sums.data[c * length + i];
      }
    }
    double largest = 0;
    for (int start = 0; start < length; start += size) {
      double square = 0;
      for (int i = 0; i < size; i++) {
        square += part[start + i] * part[start + i];
      }
      largest = Math.max(largest, Math.sqrt(square));
    }
    return largest;
  }

  /**
   * The maps T_c from an irrep to the representation that vectors give: T_c e_i = d / |G| sum_g
   * irrep(g)_ic rho(g) v. Each commutes with the group, and is a multiple of an isometry.
   *
   * <p>Where vectors have few numbers that are not zero, as points that are permuted, only those
   * are summed, in the same order, which gives the same bits.
   *
   * @param irrep the irrep, of dimension d and with S endomorphisms
   * @param orbits what {@link #of} gives
   * @param places what {@link #places} gives for them
   * @return {@code [d / S * d, count * size]}: row c d + i holds T_c e_i for each vector
   */
  DMatrixRMaj intertwiners(FiniteIrrep irrep, DMatrixRMaj orbits, Optional<int[][]> places) {
    int d = irrep.dimension();
    int columns = d / irrep.type().endomorphismDimension();
    DMatrixRMaj coefficients = matrix(columns * d, group.order());
    double scale = (double) d / group.order();
    for (int c = 0; c < columns; c++) {
      for (int i = 0; i < d; i++) {
        for (int g = 0; g < group.order(); g++) {
          coefficients.unsafe_set(c * d + i, g, scale * irrep.entry(g, i, c));
        }
      }
    }
    return places.isPresent()
        ? sum(coefficients, orbits, places.get())
        : CommonOps_DDRM.mult(coefficients, orbits, null);
  }

  private static DMatrixRMaj sum(DMatrixRMaj coefficients, DMatrixRMaj orbits, int[][] places) {
    DMatrixRMaj sums = new DMatrixRMaj(coefficients.numRows, orbits.numCols);
    for (int row = 0; row < sums.numRows; row++) {
      for (int g = 0; g < places.length; g++) {
        double factor = coefficients.unsafe_get(row, g);
        for (int column : places[g]) {
          sums.data[row * sums.numCols + column] += factor * orbits.unsafe_get(g, column);
        }
      }
    }
    return sums;
  }

  /**
   * Where the images are not zero.
   *
   * @param orbits what {@link #of} gives
   * @return for each element its columns; empty where they are too many to gain by it
   */
  static Optional<int[][]> places(DMatrixRMaj orbits) {
    int[][] places = new int[orbits.numRows][];
    int most = orbits.numCols / FEW;
    int[] found = new int[most];
    for (int g = 0; g < places.length; g++) {
      int count = 0;
      for (int column = 0; column < orbits.numCols; column++) {
        // A negative zero counts: its sign may show in a sum.
        if (Double.doubleToRawLongBits(orbits.unsafe_get(g, column)) != 0) {
          if (count == most) {
            return Optional.empty();
          }
          found[count++] = column;
        }
      }
      places[g] = Arrays.copyOf(found, count);
    }
    return Optional.of(places);
  }
}
