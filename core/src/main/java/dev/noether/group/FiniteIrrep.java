package dev.noether.group;

import static dev.noether.algebra.Checks.require;

import dev.noether.algebra.Matrix;
import java.util.stream.IntStream;

/** A real irreducible representation of a finite group, by the matrices of all its elements. */
public final class FiniteIrrep implements Irrep {
  private final FiniteGroup group;
  private final IrrepId id;
  private final TypedMatrices matrices;

  /** Takes ownership of {@code values}, the matrices of all elements one after another. */
  FiniteIrrep(FiniteGroup group, IrrepId id, int dimension, IrrepType type, double[] values) {
    this(group, id, new TypedMatrices(type, dimension, values));
  }

  /** The matrices of all elements. */
  FiniteIrrep(FiniteGroup group, IrrepId id, TypedMatrices matrices) {
    require(
        matrices.count() == group.order(),
        "irrep %s of %s needs %d matrices, got %d",
        id,
        group,
        group.order(),
        matrices.count());
    this.group = group;
    this.id = id;
    this.matrices = matrices;
  }

  /** The same matrices for an equal group, or for one with the same table under another name. */
  FiniteIrrep of(FiniteGroup other) {
    return new FiniteIrrep(other, id, matrices);
  }

  /** The same matrices under another number. */
  FiniteIrrep of(FiniteGroup other, IrrepId number) {
    return new FiniteIrrep(other, number, matrices);
  }

  TypedMatrices matrices() {
    return matrices;
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
    return matrices.dimension();
  }

  @Override
  public IrrepType type() {
    return matrices.type();
  }

  @Override
  public boolean isTrivial() {
    return dimension() == 1
        && IntStream.range(0, group.order()).allMatch(g -> matrices.entry(g, 0, 0) == 1);
  }

  @Override
  public Matrix at(Element element) {
    return matrices.at(group.indexOf(element));
  }

  @Override
  public double character(Element element) {
    return matrices.trace(group.indexOf(element));
  }

  /**
   * The matrix of an element.
   *
   * @param element the index of the element
   * @return an orthogonal matrix {@code [dimension, dimension]}
   */
  public Matrix at(int element) {
    return matrices.at(new FiniteElement(group, element).index());
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
    return matrices.entry(element, row, column);
  }

  /**
   * The character: the trace of the matrix of an element.
   *
   * @param element the index of the element
   * @return the trace
   */
  public double character(int element) {
    return matrices.trace(element);
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
