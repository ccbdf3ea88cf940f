package dev.noether.group;

import static dev.noether.algebra.Checks.require;

/**
 * An element of a finite group.
 *
 * @param group the group it belongs to
 * @param index its place in {@link FiniteGroup#elements()}, from 0
 */
public record FiniteElement(FiniteGroup group, int index) implements Element {
  /**
   * Checks the index.
   *
   * @param group the group it belongs to
   * @param index its place in the group
   * @throws IllegalArgumentException if the index is outside the group
   */
  public FiniteElement {
    require(
        index >= 0 && index < group.order(),
        "elements of %s are numbered 0 to %d, got %d",
        group,
        group.order() - 1,
        index);
  }

  @Override
  public FiniteElement times(Element other) {
    require(
        other instanceof FiniteElement finite && group.equals(finite.group),
        "elements must be of one group, got %s and %s",
        group,
        other instanceof FiniteElement finite ? finite.group : other);
    return new FiniteElement(group, group.multiply(index, ((FiniteElement) other).index));
  }

  @Override
  public FiniteElement inverse() {
    return new FiniteElement(group, group.inverse(index));
  }

  /** The label that the group gives this element. */
  @Override
  public String toString() {
    return group.label(index);
  }
}
