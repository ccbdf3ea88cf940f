package dev.noether.group;

import static dev.noether.algebra.Checks.require;

import dev.noether.algebra.Matrix;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * A real irreducible representation of a finite group: orthogonal matrices that cannot be split.
 *
 * <p>Its {@linkplain #type() Frobenius-Schur type} says which matrices commute with it, and {@link
 * #endomorphismBasis()} lists a basis of them.
 */
public final class Irrep {
  private final FiniteGroup group;
  private final IrrepId id;
  private final IrrepType type;
  private final int dimension;
  private final Lazy<TypedMatrices> matrices;
  private final IrrepCharacter character;

  /** Takes ownership of {@code values}, the matrices of all elements one after another. */
  Irrep(FiniteGroup group, IrrepId id, int dimension, IrrepType type, double[] values) {
    this(group, id, new TypedMatrices(type, dimension, values));
  }

  /** The matrices of all elements. */
  Irrep(FiniteGroup group, IrrepId id, TypedMatrices matrices) {
    this(
        group,
        id,
        matrices.type(),
        matrices.dimension(),
        new Lazy<>(() -> matrices),
        IrrepCharacter.of(matrices));
  }

  /** The matrices of all elements, made when first asked for. */
  Irrep(
      FiniteGroup group,
      IrrepId id,
      IrrepType type,
      int dimension,
      IrrepCharacter character,
      Supplier<TypedMatrices> matrices) {
    this(
        group,
        id,
        type,
        dimension,
        new Lazy<>(
            () -> {
              requireRoom(group, id, dimension);
              return matrices.get();
            }),
        character);
  }

  private Irrep(
      FiniteGroup group,
      IrrepId id,
      IrrepType type,
      int dimension,
      Lazy<TypedMatrices> matrices,
      IrrepCharacter character) {
    this.group = group;
    this.id = id;
    this.type = type;
    this.dimension = dimension;
    this.matrices = matrices;
    this.character = character;
  }

  private static void requireRoom(FiniteGroup group, IrrepId id, int dimension) {
    long numbers = (long) group.order() * dimension * dimension;
    require(
        numbers <= Integer.MAX_VALUE - 8,
        "irrep(%s) of %s has dimension %d: its %d matrices would hold %d numbers, and 2^31 - 1 are "
            + "the most",
        id,
        group,
        dimension,
        group.order(),
        numbers);
  }

  /** The same matrices for an equal group, or for one with the same table under another name. */
  Irrep of(FiniteGroup other) {
    return new Irrep(other, id, type, dimension, matrices, character);
  }

  /** The same matrices under another number. */
  Irrep of(FiniteGroup other, IrrepId number) {
    return new Irrep(other, number, type, dimension, matrices, character);
  }

  IrrepCharacter character() {
    return character;
  }

  /** The matrices for one use, not kept where the group is large and nobody else needs them. */
  TypedMatrices matricesOnce() {
    return group.order() > Multiplication.LARGEST_WRITTEN_OUT ? matrices.once() : matrices();
  }

  TypedMatrices matrices() {
    return matrices.get();
  }

  /**
   * The group it represents.
   *
   * @return the group
   */
  public FiniteGroup group() {
    return group;
  }

  /**
   * Its name inside the group.
   *
   * @return the id
   */
  public IrrepId id() {
    return id;
  }

  /**
   * The real dimension d.
   *
   * @return the number of rows of its matrices
   */
  public int dimension() {
    return dimension;
  }

  /**
   * The Frobenius-Schur type.
   *
   * @return real, complex or quaternionic
   */
  public IrrepType type() {
    return type;
  }

  /**
   * Whether every element acts as the identity on a line.
   *
   * @return true for the trivial irrep
   */
  public boolean isTrivial() {
    return dimension == 1
        && IntStream.range(0, group.order()).allMatch(g -> character.real(g) == 1);
  }

  /**
   * The matrix of an element.
   *
   * @param element the index of the element
   * @return an orthogonal matrix {@code [dimension, dimension]}
   */
  public Matrix at(int element) {
    return matrices().at(new Element(group, element).index());
  }

  /**
   * One entry of the matrix of an element, without a copy.
   *
   * @param element the index of the element
   * @param row the row, from 0
   * @param column the column, from 0
   * @return the entry
   */
  public double entry(int element, int row, int column) {
    return matrices().entry(element, row, column);
  }

  /**
   * The character: the trace of the matrix of an element, without making the matrices.
   *
   * @param element the index of the element
   * @return the trace
   */
  public double character(int element) {
    return type == IrrepType.COMPLEX ? 2 * character.real(element) : character.real(element);
  }

  /**
   * A basis of the matrices that commute with this irrep.
   *
   * <p>Real: {I}. Complex: {I, J} with J = [[0, -1], [1, 0]] (x) I. Quaternionic: {I, i, j, k} (x)
   * I, with i, j, k the left multiplications of the quaternions. The elements are orthogonal to
   * each other, each of squared Frobenius norm {@code dimension}.
   *
   * @return 1, 2 or 4 matrices {@code [dimension, dimension]}
   */
  public List<Matrix> endomorphismBasis() {
    return endomorphismBasis(type(), dimension());
  }

  /**
   * The small factors of the endomorphism basis: its elements are {@code unit (x) I} with the
   * identity of {@link #rows()} rows.
   *
   * @return S matrices {@code [S, S]}, where S is the dimension of the endomorphism algebra
   */
  public List<Matrix> units() {
    return endomorphismBasis(type(), type().endomorphismDimension());
  }

  /**
   * The rows of one unit: an equivariant map treats each of them alike.
   *
   * @return d / S
   */
  public int rows() {
    return dimension() / type().endomorphismDimension();
  }

  /** The basis for every irrep of a type and a dimension. */
  static List<Matrix> endomorphismBasis(IrrepType type, int dimension) {
    return switch (type) {
      case REAL -> List.of(Matrix.identity(dimension));
      case COMPLEX -> timesIdentity(dimension, List.of(signed(1, 2), signed(-2, 1)));
      case QUATERNIONIC ->
          timesIdentity(
              dimension,
              List.of(
                  signed(1, 2, 3, 4),
                  signed(-2, 1, -4, 3),
                  signed(-3, 4, 1, -2),
                  signed(-4, -3, 2, 1)));
    };
  }

  /** The signed permutation matrix whose row r has the sign of {@code c} in column {@code |c|}. */
  private static Matrix signed(int... columns) {
    int n = columns.length;
    double[] entries = new double[n * n];
    for (int row = 0; row < n; row++) {
      entries[row * n + Math.abs(columns[row]) - 1] = Math.signum(columns[row]);
    }
    return Matrix.of(n, n, entries);
  }

  private static List<Matrix> timesIdentity(int dimension, List<Matrix> small) {
    List<Matrix> basis = new ArrayList<>();
    for (Matrix factor : small) {
      int copies = dimension / factor.rows();
      double[] entries = new double[dimension * dimension];
      for (int row = 0; row < dimension; row++) {
        for (int column = 0; column < dimension; column++) {
          entries[row * dimension + column] =
              row % copies == column % copies ? factor.get(row / copies, column / copies) : 0;
        }
      }
      basis.add(Matrix.of(dimension, dimension, entries));
    }
    return List.copyOf(basis);
  }

  @Override
  public boolean equals(Object object) {
    return object instanceof Irrep other && id.equals(other.id) && group.equals(other.group);
  }

  @Override
  public int hashCode() {
    return 31 * group.hashCode() + id.hashCode();
  }

  /** The irrep as text: {@code irrep(1)}. */
  @Override
  public String toString() {
    return "irrep(" + id + ")";
  }
}
