package dev.noether.group;

/** An element of a finite or a compact group. */
public sealed interface Element permits FiniteElement, CompactElement {
  /**
   * The product: as transformations, first the other, then this.
   *
   * @param other an element of the same group
   * @return {@code this other}
   * @throws IllegalArgumentException if the two are elements of different kinds of groups
   */
  Element times(Element other);

  /** {@return the element whose product with this one is the identity} */
  Element inverse();
}
