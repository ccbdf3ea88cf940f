package dev.noether.group;

import dev.noether.algebra.Matrix;
import dev.noether.algebra.Sizes;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;

/**
 * The real irreps of a semidirect product of N and S whose restrictions to N are multiples of one
 * irrep theta that S leaves as it is.
 *
 * <p>For each s there is an orthogonal A(s) with A(s) theta(n) = theta(s(n)) A(s): unique up to a
 * sign for the real type, and for the quaternionic type where it commutes with the quaternions; up
 * to a phase for the complex type, where it is linear or antilinear. So A(s) A(t) is A(st) times a
 * root of unity. Where all these are 1, theta(n) A(s) is a representation, and the irreps sought
 * are its tensor products with the irreps of S, for the complex type over the complex numbers with
 * the semilinear ones. Otherwise the A(s) and the roots of unity form a larger group, which takes
 * the place of S, and those of its irreps are taken that undo the roots of unity in theta. See
 * Isaacs, <em>Character Theory of Finite Groups</em>, chapter 11.
 */
final class LittleGroup {
  private static final double TOLERANCE = 1e-6;

  private final TypedMatrices theta;
  private final FiniteGroup stabilizer;
  private final int[][] action;
  private final int d;
  private final int order;
  private final int roots;
  private final Matrix[] intertwiners;
  private final boolean[] antilinear;

  private LittleGroup(TypedMatrices theta, FiniteGroup stabilizer, int[][] action) {
    this.theta = theta;
    this.stabilizer = stabilizer;
    this.action = action;
    this.d = theta.dimension();
    this.order = stabilizer.order();
    // A(s) of degree m > 1 have determinants 1 and -1, so their phases are d-th roots of unity;
    // of degree 1 three roots are taken, from which i can be read off.
    this.roots = isComplex() ? Math.max(3, d) : 2;
    this.intertwiners =
        ShortWords.spread(
            stabilizer,
            ShortWords.letters(stabilizer),
            ShortWords.images(stabilizer, this::intertwiner),
            d);
    this.antilinear = new boolean[order];
    for (int s = 0; s < order; s++) {
      antilinear[s] = isAntilinear(intertwiners[s]);
    }
  }

  /**
   * The irreps over theta.
   *
   * @param theta the irrep of N
   * @param stabilizer the group S
   * @param action for each element of S the elements of N to which it moves those of N
   * @return the irreps; (n, s) has the number n |S| + s
   */
  static List<TypedMatrices> irreps(TypedMatrices theta, FiniteGroup stabilizer, int[][] action) {
    return new LittleGroup(theta, stabilizer, action).irreps();
  }

  private boolean isComplex() {
    return theta.type() == IrrepType.COMPLEX;
  }

  /** Whether it turns i into -i. */
  private boolean isAntilinear(Matrix matrix) {
    return isComplex() && matrix.times(turn()).distance(turn().times(matrix)) > TOLERANCE;
  }

  private Matrix turn() {
    return IrrepType.COMPLEX.endomorphismBasis(d).get(1);
  }

  /** The A(s) of a generator: its order's power is I where that can be, its trace the largest. */
  private Matrix intertwiner(int s) {
    TypedMatrices moved =
        TypedMatrices.of(theta.type(), theta.count(), n -> theta.at(action[s][n]));
    UnaryOperator<Matrix> part =
        isComplex() ? matrix -> matrix : matrix -> TypedMatrices.commuting(theta.type(), matrix);
    Matrix raw =
        Intertwiners.find(moved, theta, part)
            .orElseThrow(() -> new IllegalStateException("an irrep is moved by its stabilizer"));
    int power = ShortWords.order(stabilizer, s);
    Matrix best = raw;
    double largest = Double.NEGATIVE_INFINITY;
    for (Matrix candidate : multiples(raw)) {
      double score = candidate.trace() + (isIdentity(power(candidate, power)) ? 2 * d : 0);
      if (score > largest + TOLERANCE) {
        largest = score;
        best = candidate;
      }
    }
    return best;
  }

  private static Matrix power(Matrix matrix, int exponent) {
    if (exponent == 1) {
      return matrix;
    }
    Matrix half = power(matrix, exponent / 2);
    Matrix square = half.times(half);
    return exponent % 2 == 0 ? square : square.times(matrix);
  }

  private boolean isIdentity(Matrix matrix) {
    return matrix.distance(Matrix.identity(d)) < TOLERANCE;
  }

  /** The multiples of determinant 1 and -1; only 1 in odd real dimension, where no other helps. */
  private List<Matrix> multiples(Matrix raw) {
    if (!isComplex()) {
      boolean flip = d % 2 == 1 && CommonOps_DDRM.det(DMatrixRMaj.wrap(d, d, raw.toArray())) < 0;
      Matrix first = flip ? raw.scale(-1) : raw;
      return d % 2 == 1 ? List.of(first) : List.of(first, first.scale(-1));
    }
    int half = d / 2;
    double[][] re = new double[half][half];
    double[][] im = new double[half][half];
    for (int row = 0; row < half; row++) {
      for (int column = 0; column < half; column++) {
        re[row][column] = raw.get(row, column);
        im[row][column] = raw.get(half + row, column);
      }
    }
    double angle = -new ComplexDeterminant(re, im).angle();
    List<Matrix> multiples = new ArrayList<>();
    for (int k = 0; k < d; k++) {
      double turned = (angle + Math.PI * k) / half;
      multiples.add(
          raw.scale(StrictMath.cos(turned)).plus(turn().times(raw).scale(StrictMath.sin(turned))));
    }
    return multiples;
  }

  private List<TypedMatrices> irreps() {
    boolean isRepresentation =
        stabilizer.generators().stream()
            .allMatch(s -> IntStream.range(0, order).allMatch(t -> exponent(s, t) == 0));
    return isRepresentation
        ? tensor(stabilizer.irreps().stream().map(FiniteIrrep::matrices).toList(), 1)
        : tensor(inverting(cover()), roots);
  }

  /** The k for which A(s) A(t) is A(st) times the k-th power of the root of unity. */
  private int exponent(int s, int t) {
    Matrix a = intertwiners[s];
    Matrix b = intertwiners[t];
    Matrix product = intertwiners[stabilizer.multiply(s, t)];
    double cosine = 0;
    double sine = 0;
    for (int column = 0; column < d; column++) {
      double entry = 0;
      for (int k = 0; k < d; k++) {
        entry += a.get(0, k) * b.get(k, column);
      }
      cosine += entry * product.get(0, column);
      sine -= isComplex() ? entry * product.get(d / 2, column) : 0;
    }
    long steps = Math.round(StrictMath.atan2(sine, cosine) * roots / (2 * Math.PI));
    return Math.floorMod(steps, roots);
  }

  /** The A(s) times the a-th powers of the root of unity, numbered s times their number plus a. */
  private FiniteGroup cover() {
    int n = order * roots;
    int[][] exponents = new int[order][order];
    for (int s = 0; s < order; s++) {
      for (int t = 0; t < order; t++) {
        exponents[s][t] = exponent(s, t);
      }
    }
    Multiplication table =
        Multiplication.table(
            n,
            (g, h) -> {
              int s = g / roots;
              int t = h / roots;
              int turn = antilinear[s] ? -(h % roots) : h % roots;
              int sum = Math.floorMod(g % roots + turn + exponents[s][t], roots);
              return stabilizer.multiply(s, t) * roots + sum;
            });
    List<Integer> generators = new ArrayList<>(List.of(root()));
    stabilizer.generators().forEach(s -> generators.add(s * roots));
    List<String> labels = IntStream.range(0, n).mapToObj(String::valueOf).toList();
    return new FiniteGroup(
        "the cover of " + stabilizer,
        table,
        labels,
        generators,
        new Origin.Table(),
        RealIrreps::of);
  }

  private int root() {
    return stabilizer.identity() * roots + 1;
  }

  /** The irreps in which the root of unity has no other eigenvalues than itself and its inverse. */
  private List<TypedMatrices> inverting(FiniteGroup cover) {
    double cosine = StrictMath.cos(2 * Math.PI / roots);
    int place = cover.classes().of(root());
    return RealIrreps.where(
        cover,
        character -> Math.abs(character.value(place) - cosine * character.dimension()) < TOLERANCE);
  }

  /** The tensor products with irreps of S (one lift of each element) or of its cover. */
  private List<TypedMatrices> tensor(List<TypedMatrices> irreps, int lifts) {
    int count = theta.count() * order;
    double[] values = new double[Sizes.entries("the matrices of an irrep", count, d, d)];
    for (int g = 0; g < count; g++) {
      double[] matrix = theta.at(g / order).times(intertwiners[g % order]).toArray();
      System.arraycopy(matrix, 0, values, g * d * d, d * d);
    }
    TypedMatrices extended = new TypedMatrices(theta.type(), d, values);
    if (isComplex()) {
      return overComplexNumbers(extended, irreps, lifts);
    }
    return irreps.stream()
        .flatMap(
            irrep ->
                TypedTensor.of(extended, irrep, count, g -> g, g -> g % order * lifts).stream())
        .toList();
  }

  /** With the matrix A + i B of theta, extended, and a semilinear W: A (x) W + B (x) j W. */
  private List<TypedMatrices> overComplexNumbers(
      TypedMatrices extended, List<TypedMatrices> irreps, int lifts) {
    boolean[] isAntilinear = new boolean[order * lifts];
    for (int x = 0; x < isAntilinear.length; x++) {
      isAntilinear[x] = antilinear[x / lifts];
    }
    TypedMatrices real = quarter(extended, 0);
    TypedMatrices imaginary = quarter(extended, d / 2);
    List<TypedMatrices> found = new ArrayList<>();
    for (SemilinearIrreps.Semilinear semilinear : SemilinearIrreps.of(irreps, isAntilinear)) {
      TypedMatrices w = semilinear.matrices();
      Matrix j = semilinear.structure();
      if (lifts == 1 || j.timesTranspose(w.at(root())).trace() < 0) {
        TypedMatrices turned = TypedMatrices.of(w.type(), w.count(), x -> j.times(w.at(x)));
        found.add(product(real, w, lifts).plus(product(imaginary, turned, lifts)));
      }
    }
    return found;
  }

  private TypedMatrices product(TypedMatrices left, TypedMatrices right, int lifts) {
    return TypedTensor.of(left, right, left.count(), g -> g, g -> g % order * lifts).get(0);
  }

  /** The rows from {@code start} of the first half of the columns. */
  private TypedMatrices quarter(TypedMatrices matrices, int start) {
    int half = d / 2;
    double[] values =
        new double[Sizes.entries("the matrices of an irrep", matrices.count(), half, half)];
    for (int at = 0; at < values.length; at++) {
      int row = start + at / half % half;
      values[at] = matrices.entry(at / (half * half), row, at % half);
    }
    return new TypedMatrices(IrrepType.REAL, half, values);
  }
}
