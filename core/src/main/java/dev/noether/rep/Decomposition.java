package dev.noether.rep;

import static dev.noether.algebra.Checks.require;
import static dev.noether.algebra.Checks.requirePresent;

import dev.noether.algebra.Matrix;
import dev.noether.group.Element;
import dev.noether.group.FiniteElement;
import dev.noether.group.FiniteGroup;
import dev.noether.group.Group;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;

/**
 * A user's matrices, orthogonal or not, as a representation made of irreps: rho(g) = A
 * representation(g) A^-1, with the proof.
 *
 * <p>Where the matrices are orthogonal, A is the identity. Elsewhere A makes them orthogonal, and
 * more: representation(g) is its irreps one after another, and the columns of A are the vectors on
 * which rho(g) acts as they do.
 *
 * @param representation the orthogonal representation, decomposed; it prints as {@code
 *     matrices(size)}
 * @param basis A, {@code [size, size]}
 * @param inverseBasis A^-1, {@code [size, size]}
 * @param residual the certificate: the largest entry of |A Q (irrep_1 + irrep_2 + ...) Q^T A^-1 -
 *     rho| over the generators
 */
public record Decomposition(
    Representation representation, Matrix basis, Matrix inverseBasis, double residual) {
  /** How far, relative to the largest entry, matrices may be from a representation. */
  static final double TOLERANCE = 1e-6;

  /** From this condition number on it is told in messages. */
  private static final double ILL_CONDITIONED = 1e8;

  private static final double SINGULAR = 1e-16;

  /** What a product of two matrices loses, for each unit of their condition number. */
  private static final double ROUNDING = 0x1p-52;

  /** How far from orthogonal matrices may be that are taken as exact. */
  static final double ORTHOGONAL = 1e-9;

  private static final double LARGEST_TOLERANCE = 1e-2;

  /**
   * Decomposes the matrices of a representation, which may be rounded to float32 or to 7 digits and
   * more.
   *
   * @param group the group
   * @param matrices the matrices rho(g) of all elements in their order, or of {@code
   *     group.generators()} in theirs; square, of one size
   * @return the decomposition, in the group's order of irreps
   * @throws IllegalArgumentException if the number or the shapes of the matrices are wrong, an
   *     entry is not finite, a matrix is singular, or the matrices do not multiply as the group
   *     does (to 1e-6 of their largest entry); the message names the elements
   */
  public static Decomposition of(FiniteGroup group, List<Matrix> matrices) {
    return of(group, matrices, TOLERANCE);
  }

  /**
   * Decomposes matrices that are a representation up to a tolerance.
   *
   * <p>Where they are orthogonal up to it, they stand for the nearest orthogonal representation in
   * the basis in which they are given: A is the identity, and the residual says how far it is.
   * Elsewhere A makes them orthogonal. Where they are far from orthogonal, rounding alone costs
   * digits, and as many are allowed for as the condition number of the matrices takes.
   *
   * @param group the group
   * @param matrices the matrices rho(g) of all elements in their order, or of {@code
   *     group.generators()} in theirs; square, of one size
   * @param tolerance how far an entry may be from the exact one, relative to the largest entry of
   *     its matrix: 1e-6 for float32, 1e-3 for 3 digits; at most 1e-2
   * @return the decomposition, in the group's order of irreps
   * @throws IllegalArgumentException if the tolerance is out of range, the number or the shapes of
   *     the matrices are wrong, an entry is not finite, a matrix is singular, or the matrices do
   *     not multiply as the group does; the message names the elements
   */
  public static Decomposition of(FiniteGroup group, List<Matrix> matrices, double tolerance) {
    require(
        tolerance > 0 && tolerance <= LARGEST_TOLERANCE,
        "the tolerance must be above 0 and at most 1e-2, got %s",
        tolerance);
    int size = requireShapes(group, matrices);
    boolean all = matrices.size() == group.order();
    List<Matrix> generators =
        all ? group.generators().stream().map(matrices::get).toList() : matrices;
    List<Matrix> listed = all ? matrices : List.of();
    double defect = generators.stream().mapToDouble(Matrix::orthogonalityDefect).max().orElse(0);
    if (defect <= ORTHOGONAL && tolerance <= TOLERANCE) {
      requireHomomorphism(group, size, generators, listed, TOLERANCE);
      return orthogonal(group, size, generators);
    }
    if (defect <= 4 * Math.sqrt(size) * tolerance) {
      double drift = 2 * (Words.of(group).depth() + 1) * Math.sqrt(size);
      requireHomomorphism(group, size, generators, listed, tolerance * drift);
      Optional<Decomposition> nearest = nearest(group, size, generators, tolerance);
      if (nearest.isPresent()) {
        return nearest.get();
      }
    }
    double condition = condition(generators);
    double loss = Math.min(LARGEST_TOLERANCE, ROUNDING * condition);
    try {
      requireHomomorphism(
          group,
          size,
          generators,
          listed,
          Math.max(tolerance, loss * (Words.of(group).depth() + 1)));
      return oblique(group, size, generators, Math.max(tolerance, loss));
    } catch (IllegalArgumentException e) {
      if (condition < ILL_CONDITIONED) {
        throw e;
      }
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "%s; their condition number is %.0e, which leaves float64 about %d of its 16 digits: "
                  + "rescale the coordinates, or bring the matrices in a basis nearer to "
                  + "orthonormal",
              e.getMessage(),
              condition,
              Math.max(0, 16 - Math.round(StrictMath.log10(condition)))),
          e);
    }
  }

  private static Decomposition orthogonal(FiniteGroup group, int size, List<Matrix> generators) {
    Part part = requireSplit(group, Decomposer.decompose(group, size, maps(generators)));
    Matrix identity = Matrix.identity(size);
    return requireNear(
        certified(group, generators, part, part::at, identity, identity), generators, TOLERANCE);
  }

  /** The nearest orthogonal representation, where it is within the tolerance. */
  private static Optional<Decomposition> nearest(
      FiniteGroup group, int size, List<Matrix> generators, double tolerance) {
    Matrix identity = Matrix.identity(size);
    return Decomposer.decompose(group, size, maps(generators))
        .map(part -> NearestRepresentation.of(group, part, generators))
        .map(part -> certified(group, generators, part, part::at, identity, identity))
        .filter(found -> found.residual <= tolerance * largest(generators));
  }

  private static Decomposition oblique(
      FiniteGroup group, int size, List<Matrix> generators, double tolerance) {
    Part oblique = requireSplit(group, Decomposer.decomposeOblique(group, size, maps(generators)));
    Matrix inverse =
        requirePresent(
            oblique.basis().inverse().orElse(null),
            "the matrices of %s are so far from orthogonal that float64 cannot invert the change "
                + "of basis; rescale the coordinates",
            group);
    return requireNear(
        certified(
            group,
            generators,
            Part.of(group, oblique.irreps()),
            g -> oblique.timesBlocks(g).times(inverse),
            oblique.basis(),
            inverse),
        generators,
        tolerance);
  }

  private static List<LinearMap> maps(List<Matrix> matrices) {
    return matrices.stream().map(LinearMap::of).toList();
  }

  /** The largest product of the norms of a matrix and its inverse; 1 for a singular one. */
  private static double condition(List<Matrix> matrices) {
    double largest = 1;
    for (Matrix matrix : matrices) {
      Optional<Matrix> inverse = matrix.inverse();
      double beyond = isSingular(matrix) ? 1 : 1 / SINGULAR;
      largest = Math.max(largest, inverse.map(back -> norm(matrix) * norm(back)).orElse(beyond));
    }
    return largest;
  }

  /** The largest sum of a row. */
  private static double norm(Matrix matrix) {
    double[] entries = matrix.toArray();
    double largest = 0;
    for (int row = 0; row < matrix.rows(); row++) {
      double sum = 0;
      for (int i = 0; i < matrix.columns(); i++) {
        sum += Math.abs(entries[row * matrix.columns() + i]);
      }
      largest = Math.max(largest, sum);
    }
    return largest;
  }

  private static double largest(List<Matrix> matrices) {
    return Math.max(1, matrices.stream().mapToDouble(Decomposition::largestEntry).max().orElse(1));
  }

  private static Part requireSplit(FiniteGroup group, Optional<Part> part) {
    return part.orElseThrow(() -> notARepresentation(group, "they do not split into its irreps"));
  }

  private static Decomposition requireNear(
      Decomposition found, List<Matrix> given, double tolerance) {
    if (!(found.residual <= tolerance * largest(given))) {
      throw notARepresentation(
          found.representation.group(),
          String.format(
              Locale.ROOT, "the rebuilt matrices differ from them by %.3g", found.residual));
    }
    return found;
  }

  private static Decomposition certified(
      FiniteGroup group,
      List<Matrix> given,
      Part part,
      Function<FiniteElement, Matrix> rebuilt,
      Matrix basis,
      Matrix inverseBasis) {
    double residual = 0;
    for (int a = 0; a < given.size(); a++) {
      Matrix back = rebuilt.apply(group.element(group.generators().get(a)));
      double distance = back.distance(given.get(a));
      residual = distance <= residual ? residual : distance;
    }
    Representation representation =
        new Representation(group, Term.of("matrices(" + part.size() + ")"), List.of(part));
    return new Decomposition(representation, basis, inverseBasis, residual);
  }

  private static IllegalArgumentException notARepresentation(Group group, String reason) {
    return new IllegalArgumentException(
        "the matrices are no representation of " + group + ": " + reason);
  }

  private static int requireShapes(FiniteGroup group, List<Matrix> matrices) {
    int generators = group.generators().size();
    require(
        !matrices.isEmpty() && (matrices.size() == group.order() || matrices.size() == generators),
        "%s needs the matrices of its %d elements or of its %d generators, got %d",
        group,
        group.order(),
        generators,
        matrices.size());
    int size = matrices.get(0).rows();
    for (int i = 0; i < matrices.size(); i++) {
      Matrix matrix = matrices.get(i);
      require(
          matrix.rows() == size && matrix.columns() == size && size > 0,
          "the matrices must be square and of one size, got [%d, %d] and [%d, %d]",
          size,
          size,
          matrix.rows(),
          matrix.columns());
      require(
          matrix.isFinite(), "the entries must be finite, matrix %d holds NaN or an infinity", i);
    }
    return size;
  }

  /** Applies every product of a generator and an element to a vector in general position. */
  private static void requireHomomorphism(
      FiniteGroup group, int size, List<Matrix> generators, List<Matrix> all, double tolerance) {
    double[] vector = IntStream.range(0, size).mapToDouble(Decomposition::spread).toArray();
    List<LinearMap> maps = generators.stream().map(LinearMap::of).toList();
    DMatrixRMaj orbit = new Orbits(group, size, maps).of(DMatrixRMaj.wrap(1, size, vector));
    for (int g = 0; g < all.size(); g++) {
      double[] image = all.get(g).times(Matrix.of(size, 1, vector)).toArray();
      requireSame(
          group,
          all,
          orbit,
          g,
          image,
          0,
          tolerance,
          g + " is not the product of generators it must be");
    }
    DMatrixRMaj images = new DMatrixRMaj(group.order(), size);
    for (int a = 0; a < maps.size(); a++) {
      maps.get(a).apply(orbit, images);
      int letter = group.generators().get(a);
      for (int g = 0; g < group.order(); g++) {
        int product = group.multiply(letter, g);
        requireSame(
            group,
            generators,
            orbit,
            product,
            images.data,
            g * size,
            tolerance,
            String.format(Locale.ROOT, "rho(%d) rho(%d) differs from rho(%d)", letter, g, product));
      }
    }
  }

  private static void requireSame(
      FiniteGroup group,
      List<Matrix> matrices,
      DMatrixRMaj orbit,
      int g,
      double[] image,
      int offset,
      double tolerance,
      String reason) {
    double distance = 0;
    double largest = 1;
    for (int i = 0; i < orbit.numCols; i++) {
      double expected = orbit.get(g, i);
      distance = Math.max(distance, Math.abs(expected - image[offset + i]));
      largest = Math.max(largest, Math.abs(expected));
    }
    if (!(distance <= tolerance * largest)) {
      for (int i = 0; i < matrices.size(); i++) {
        require(!isSingular(matrices.get(i)), "matrix %d is singular", i);
      }
      throw notARepresentation(group, reason);
    }
  }

  /** The determinant of a representation is 1 or -1, also in units that differ much. */
  private static boolean isSingular(Matrix matrix) {
    return matrix.inverse().isEmpty()
        && !(Math.abs(
                CommonOps_DDRM.det(
                    DMatrixRMaj.wrap(matrix.rows(), matrix.columns(), matrix.toArray())))
            > 0.5);
  }

  /** Numbers from -1/2 to 1/2 without any pattern that a group could have. */
  private static double spread(int i) {
    double x = (i + 1) * 0.6180339887498949 + (i + 1.0) * (i + 1.0) * 0.4142135623730951;
    return x - Math.floor(x) - 0.5;
  }

  private static double largestEntry(Matrix matrix) {
    return Arrays.stream(matrix.toArray()).map(Math::abs).max().orElse(0);
  }

  /** {@return whether the matrices were orthogonal as they came, so that A is the identity} */
  public boolean isOrthogonal() {
    return basis.isIdentity();
  }

  /**
   * The matrix of an element in the user's basis, rebuilt from the irreps.
   *
   * @param element an element of the group
   * @return A representation(element) A^-1
   * @throws IllegalArgumentException if the element is of another group
   */
  public Matrix at(Element element) {
    Matrix orthogonal = representation.at(element);
    return isOrthogonal() ? orthogonal : basis.times(orthogonal).times(inverseBasis);
  }
}
