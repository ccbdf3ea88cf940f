package dev.noether.group;

import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * A group whose representations are sums of irreps: finite, with a table of its elements, or
 * compact, with a continuum of them.
 *
 * <p>What a representation, an equivariant map or a layer needs of its group is here. What needs a
 * list of elements takes a {@link FiniteGroup}.
 */
public sealed interface Group permits FiniteGroup, CompactGroup {
  /**
   * The group of a name.
   *
   * @param name a compact group, as {@code SO(3)}, or a finite one, as {@link FiniteGroup#named}
   *     reads it
   * @return the group
   * @throws IllegalArgumentException if no group has that name; the message lists those that exist
   */
  static Group named(String name) {
    Optional<CompactGroup> compact = CompactGroup.named(name);
    return compact.isPresent() ? compact.get() : FiniteGroup.named(name);
  }

  /** {@return the name, as {@link #named} reads it} */
  String name();

  /**
   * The irrep of an id.
   *
   * @param id the id
   * @return the irrep
   * @throws IllegalArgumentException if there is none; the message says which there are
   */
  Irrep irrep(IrrepId id);

  /**
   * The irrep of an id given by its integers.
   *
   * @param first the first integer
   * @param rest the others
   * @return the irrep
   * @throws IllegalArgumentException if there is none; the message says which there are
   */
  Irrep irrep(int first, int... rest);

  /** {@return the irrep that sends every element to 1} */
  Irrep trivialIrrep();

  /**
   * Some irreps, each once, in the order of the group: the trivial one first, the others as the
   * group numbers them.
   *
   * @param irreps irreps of this group, in any order, equal ones allowed
   * @return the different ones among them
   */
  List<Irrep> inOrder(Collection<? extends Irrep> irreps);

  /**
   * Checks that an element belongs to this group.
   *
   * @param element an element of any group
   * @throws IllegalArgumentException if it does not
   */
  void requireElement(Element element);

  /**
   * Independent elements, uniform in the group's invariant (Haar) measure: for a finite group each
   * element is equally likely.
   *
   * @param count how many
   * @param seed the same seed gives the same elements everywhere
   * @return the elements
   * @throws IllegalArgumentException if the count is negative
   */
  List<? extends Element> sample(int count, long seed);
}
