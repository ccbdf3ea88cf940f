package dev.noether.group;

import static dev.noether.algebra.Checks.require;

import dev.noether.algebra.Matrix;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * A real irreducible representation of a finite group, by the matrices of all its elements, which
 * are made when first asked for.
 */
public final class FiniteIrrep implements Irrep {
  private final FiniteGroup group;
  private final IrrepId id;
  private final IrrepType type;
  private final int dimension;
  private final Lazy<TypedMatrices> matrices;
  private final IrrepCharacter character;

  /** Takes ownership of {@code values}, the matrices of all elements one after another. */
  FiniteIrrep(FiniteGroup group, IrrepId id, int dimension, IrrepType type, double[] values) {
    this(group, id, new TypedMatrices(type, dimension, values));
  }

  /** The matrices of all elements. */
  FiniteIrrep(FiniteGroup group, IrrepId id, TypedMatrices matrices) {
    this(
        group,
        id,
        matrices.type(),
        matrices.dimension(),
        new Lazy<>(() -> matrices),
        IrrepCharacter.of(matrices));
  }

  /** The matrices of all elements, made when first asked for. */
  FiniteIrrep(
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

  private FiniteIrrep(
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
  FiniteIrrep of(FiniteGroup other) {
    return new FiniteIrrep(other, id, type, dimension, matrices, character);
  }

  /** The same matrices under another number. */
  FiniteIrrep of(FiniteGroup other, IrrepId number) {
    return new FiniteIrrep(other, number, type, dimension, matrices, character);
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

  @Override
  public FiniteGroup group() {
    return group;
  }

  @Override
  public IrrepId id() {
    return id;
  }

  @Override
  public int dimension() {
    return dimension;
  }

  @Override
  public IrrepType type() {
    return type;
  }

  @Override
  public boolean isTrivial() {
    return dimension == 1
        && IntStream.range(0, group.order()).allMatch(g -> character.real(g) == 1);
  }

  @Override
  public Matrix at(Element element) {
    return matrices().at(group.indexOf(element));
  }

  @Override
  public double character(Element element) {
    return character(group.indexOf(element));
  }

  /**
   * The matrix of an element.
   *
   * @param element the index of the element
   * @return an orthogonal matrix {@code [dimension, dimension]}
   */
  public Matrix at(int element) {
    return matrices().at(new FiniteElement(group, element).index());
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

  @Override
  public boolean equals(Object object) {
    return object instanceof FiniteIrrep other && id.equals(other.id) && group.equals(other.group);
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
