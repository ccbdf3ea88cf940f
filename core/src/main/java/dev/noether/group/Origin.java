package dev.noether.group;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * How a group was made, as far as its irreps and labels follow from it: what a {@link
 * GroupDescription} tells, so that the same group can be made again.
 */
sealed interface Origin {
  /** A family known by name, with irreps of its own. */
  record Family() implements Origin {}

  /** A table, from which all follows. */
  record Table() implements Origin {}

  /** Generators that were multiplied out, in their order. */
  @SuppressWarnings("ArrayRecordComponent") // compared by value below
  record Generators(int[][] images, boolean labelledByWords) implements Origin {}

  /** A direct product. */
  record Direct(FiniteGroup left, FiniteGroup right) implements Origin {}

  /** A semidirect product; for each generator of the acting group where it moves the elements. */
  @SuppressWarnings("ArrayRecordComponent") // compared by value below
  record Semidirect(FiniteGroup normal, FiniteGroup acting, int[][] action) implements Origin {}

  /** Another group with labels of the user's own. */
  record Relabelled(FiniteGroup group) implements Origin {}

  /** The factors of a direct product, where the name of the group shows them; else none. */
  default List<FiniteGroup> factors(String name) {
    if (this instanceof Relabelled relabelled) {
      return relabelled.group.origin().factors(name);
    }
    return this instanceof Direct direct
            && name.equals(GroupProducts.nameOfDirect(direct.left, direct.right))
        ? Stream.of(direct.left, direct.right).flatMap(side -> side.factors().stream()).toList()
        : List.of();
  }

  /** Whether two groups, of one name and table, were made alike, labels included. */
  static boolean areAlike(FiniteGroup a, FiniteGroup b) {
    if (!a.equals(b) || !a.labels().equals(b.labels()) || !a.generators().equals(b.generators())) {
      return false;
    }
    Origin left = a.origin();
    Origin right = b.origin();
    if (left instanceof Direct x && right instanceof Direct y) {
      return areAlike(x.left, y.left) && areAlike(x.right, y.right);
    }
    if (left instanceof Semidirect x && right instanceof Semidirect y) {
      return areAlike(x.normal, y.normal)
          && areAlike(x.acting, y.acting)
          && Arrays.deepEquals(x.action, y.action);
    }
    if (left instanceof Relabelled x && right instanceof Relabelled y) {
      return areAlike(x.group, y.group);
    }
    if (left instanceof Generators x && right instanceof Generators y) {
      return x.labelledByWords == y.labelledByWords && Arrays.deepEquals(x.images, y.images);
    }
    return left.getClass() == right.getClass();
  }
}
