package dev.noether.rep;

import static dev.noether.algebra.Checks.require;
import static dev.noether.algebra.Checks.requirePresent;

import dev.noether.algebra.Matrix;
import dev.noether.group.Element;
import dev.noether.group.FiniteElement;
import dev.noether.group.FiniteGroup;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.ejml.data.DMatrixRMaj;

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

  /** How far from orthogonal matrices may be without a change of basis. */
  static final double ORTHOGONAL = 1e-9;

  /**
   * Decomposes the matrices of a representation.
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
    int size = requireShapes(group, matrices);
    boolean all = matrices.size() == group.order();
    List<Matrix> generators =
        all ? group.generators().stream().map(matrices::get).toList() : matrices;
    requireHomomorphism(group, size, generators, all ? matrices : List.of());
    List<LinearMap> maps = generators.stream().map(LinearMap::of).toList();
    if (generators.stream().allMatch(m -> m.orthogonalityDefect() <= ORTHOGONAL)) {
      Part part = requireSplit(group, Decomposer.decompose(group, size, maps));
      Matrix identity = Matrix.identity(size);
      return certified(group, generators, part, part::at, identity, identity);
    }
    Part oblique = requireSplit(group, Decomposer.decomposeOblique(group, size, maps));
    Matrix inverse =
        requirePresent(
            oblique.basis().inverse().orElse(null),
            "the matrices of %s are so far from orthogonal that float64 cannot invert the change "
                + "of basis; rescale the coordinates",
            group);
    return certified(
        group,
        generators,
        Part.of(group, oblique.irreps()),
        g -> oblique.timesBlocks(g).times(inverse),
        oblique.basis(),
        inverse);
  }

  private static Part requireSplit(FiniteGroup group, Optional<Part> part) {
    return part.orElseThrow(() -> notARepresentation(group, "they do not split into its irreps"));
  }

  private static Decomposition certified(
      FiniteGroup group,
      List<Matrix> given,
      Part part,
      Function<FiniteElement, Matrix> rebuilt,
      Matrix basis,
      Matrix inverseBasis) {
    double residual = 0;
    double largest = 1;
    for (int a = 0; a < given.size(); a++) {
      Matrix back = rebuilt.apply(group.element(group.generators().get(a)));
      residual = Math.max(residual, back.distance(given.get(a)));
      largest = Math.max(largest, largestEntry(given.get(a)));
    }
    if (!(residual <= TOLERANCE * largest)) {
      throw notARepresentation(
          group, String.format("the rebuilt matrices differ from them by %.3g", residual));
    }
    Representation representation =
        new Representation(group, Term.of("matrices(" + part.size() + ")"), List.of(part));
    return new Decomposition(representation, basis, inverseBasis, residual);
  }

  private static IllegalArgumentException notARepresentation(FiniteGroup group, String reason) {
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
      FiniteGroup group, int size, List<Matrix> generators, List<Matrix> all) {
    double[] vector = IntStream.range(0, size).mapToDouble(Decomposition::spread).toArray();
    List<LinearMap> maps = generators.stream().map(LinearMap::of).toList();
    DMatrixRMaj orbit = new Orbits(group, size, maps).of(DMatrixRMaj.wrap(1, size, vector));
    for (int g = 0; g < all.size(); g++) {
      double[] image = all.get(g).times(Matrix.of(size, 1, vector)).toArray();
      requireSame(
          group, all, orbit, g, image, 0, g + " is not the product of generators it must be");
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
            String.format("rho(%d) rho(%d) differs from rho(%d)", letter, g, product));
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
      String reason) {
    double distance = 0;
    double largest = 1;
    for (int i = 0; i < orbit.numCols; i++) {
      double expected = orbit.get(g, i);
      distance = Math.max(distance, Math.abs(expected - image[offset + i]));
      largest = Math.max(largest, Math.abs(expected));
    }
    if (!(distance <= TOLERANCE * largest)) {
      for (int i = 0; i < matrices.size(); i++) {
        require(!isSingular(matrices.get(i)), "matrix %d is singular", i);
      }
      throw notARepresentation(group, reason);
    }
  }

  private static boolean isSingular(Matrix matrix) {
    return matrix.inverse().isEmpty();
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
    return basis.equals(Matrix.identity(basis.rows()));
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
