package dev.noether.group;

import dev.noether.algebra.Matrix;
import java.util.List;

/**
 * A real irreducible representation of a finite or a compact group: orthogonal matrices that cannot
 * be split.
 *
 * <p>Its {@linkplain #type() Frobenius-Schur type} says which matrices commute with it, and {@link
 * #endomorphismBasis()} lists a basis of them. Two irreps are equal when their groups and ids are.
 */
public sealed interface Irrep permits FiniteIrrep, CompactIrrep {
  /** {@return the group it represents} */
  Group group();

  /** {@return its name inside the group} */
  IrrepId id();

  /** {@return the real dimension d, the number of rows of its matrices} */
  int dimension();

  /** {@return the Frobenius-Schur type: real, complex or quaternionic} */
  IrrepType type();

  /** {@return whether every element acts as the identity on a line} */
  boolean isTrivial();

  /**
   * The matrix of an element.
   *
   * @param element an element of the group
   * @return an orthogonal matrix {@code [dimension, dimension]}
   * @throws IllegalArgumentException if it is no element of the group
   */
  Matrix at(Element element);

  /**
   * The character: the trace of the matrix of an element.
   *
   * @param element an element of the group
   * @return the trace
   * @throws IllegalArgumentException if it is no element of the group
   */
  double character(Element element);

  /**
   * A basis of the matrices that commute with this irrep, as {@link IrrepType#endomorphismBasis}
   * gives it.
   *
   * @return 1, 2 or 4 matrices {@code [dimension, dimension]}
   */
  default List<Matrix> endomorphismBasis() {
    return type().endomorphismBasis(dimension());
  }

  /**
   * The small factors of the endomorphism basis: its elements are {@code unit (x) I} with the
   * identity of {@link #rows()} rows.
   *
   * @return S matrices {@code [S, S]}, where S is the dimension of the endomorphism algebra
   */
  default List<Matrix> units() {
    return type().endomorphismBasis(type().endomorphismDimension());
  }

  /**
   * The rows of one unit: an equivariant map treats each of them alike.
   *
   * @return d / S
   */
  default int rows() {
    return dimension() / type().endomorphismDimension();
  }
}
