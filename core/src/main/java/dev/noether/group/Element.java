package dev.noether.group;

import static dev.noether.algebra.Checks.require;

/**
 * An element of a finite group.
 *
 * @param group the group it belongs to
 * @param index its place in {@link FiniteGroup#elements()}, from 0
 */
public record Element(FiniteGroup group, int index) {
  /**
   * Checks the index.
   *
   * @param group the group it belongs to
   * @param index its place in the group
   * @throws IllegalArgumentException if the index is outside the group
   */
  public Element {
    require(
        index >= 0 && index < group.order(),
        "elements of %s are numbered 0 to %d, got %d",
        group,
        group.order() - 1,
        index);
  }

  /**
   * The product.
   *
   * @param other an element of the same group
   * @return {@code this other}
   * @throws IllegalArgumentException if the groups differ
   */
  public Element times(Element other) {
    require(
        group.equals(other.group),
        "elements must be of one group, got %s and %s",
        group,
        other.group);
    return new Element(group, group.multiply(index, other.index));
  }

  /**
   * The inverse.
   *
   * @return the element whose product with this one is the identity
   */
  public Element inverse() {
    return new Element(group, group.inverse(index));
  }

  /** The label that the group gives this element. */
  @Override
  public String toString() {
    return group.label(index);
  }
}
