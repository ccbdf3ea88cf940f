package dev.noether.group;

import static dev.noether.algebra.Checks.require;

import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.function.IntFunction;
import java.util.function.IntPredicate;
import java.util.function.IntUnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A row of the table {@link Families}: all that is known of a family by its name.
 *
 * @param names what text calls it, the group's own name first; {@code #} stands for the number n
 * @param smallest the smallest n; 0 for a single group
 * @param largest the largest n
 * @param beyond what to do about a larger n
 * @param builder makes the group of a number
 * @param order the order of the group of a number, which does not fall as n grows
 * @param named the numbers whose name a subgroup or quotient bears that is isomorphic to the group
 * @param permutes whether that name is rather given inside permutation groups
 * @param points how the group of a number acts on points: the image of each for every element; null
 *     where it has no points of its own
 * @param plane where the elements lie in O(2); null where nowhere
 * @param space where the elements lie in O(3); null where nowhere
 */
record Family(
    List<String> names,
    int smallest,
    int largest,
    String beyond,
    IntFunction<FiniteGroup> builder,
    IntUnaryOperator order,
    IntPredicate named,
    boolean permutes,
    @Nullable IntFunction<int[][]> points,
    @Nullable Place plane,
    @Nullable Place space) {
  private static final Pattern NUMBER = Pattern.compile("[0-9]{1,9}");

  /** Where an element of the group of a number lies in a compact group. */
  interface Place {
    CompactElement of(FiniteGroup group, int n, int element);
  }

  /** A family with a group for every n from the smallest to the largest. */
  static Family numbered(
      int smallest,
      int largest,
      IntFunction<FiniteGroup> builder,
      IntUnaryOperator order,
      String... names) {
    return new Family(
        List.of(names),
        smallest,
        largest,
        ": " + GroupOptions.TOO_LARGE,
        builder,
        order,
        n -> false,
        false,
        null,
        null,
        null);
  }

  /** A single group. */
  static Family single(int order, IntFunction<FiniteGroup> builder, String... names) {
    return numbered(0, 0, builder, n -> order, names);
  }

  /** With something else to do about a larger n than to take a smaller group. */
  Family beyond(String words) {
    return new Family(
        names, smallest, largest, words, builder, order, named, permutes, points, plane, space);
  }

  /** With a name for subgroups and quotients. */
  Family naming(IntPredicate which) {
    return new Family(
        names, smallest, largest, beyond, builder, order, which, permutes, points, plane, space);
  }

  /** With a name for subgroups and quotients of permutation groups first of all. */
  Family namingPermutations(IntPredicate which) {
    return new Family(
        names, smallest, largest, beyond, builder, order, which, true, points, plane, space);
  }

  /** With points that it permutes. */
  Family acting(IntFunction<int[][]> action) {
    return new Family(
        names, smallest, largest, beyond, builder, order, named, permutes, action, plane, space);
  }

  /** With a place in the plane. */
  Family inPlane(Place place) {
    return new Family(
        names, smallest, largest, beyond, builder, order, named, permutes, points, place, space);
  }

  /** With a place in space. */
  Family inSpace(Place place) {
    return new Family(
        names, smallest, largest, beyond, builder, order, named, permutes, points, plane, place);
  }

  /** The name of the group of a number. */
  String name(int n) {
    return names.get(0).replace("#", String.valueOf(n));
  }

  /** The single group. */
  FiniteGroup build() {
    return build(0);
  }

  /** The group of a number; refused where there is none. */
  FiniteGroup build(int n) {
    require(
        n >= smallest && n <= largest,
        "%s needs n from %d to %d, got %d%s",
        names.get(0).replace("#", "_n"),
        smallest,
        largest,
        n,
        n > largest ? beyond : "");
    return builder.apply(n);
  }

  /** The number in a name of this family, in lower case; empty where it is none. */
  OptionalInt number(String word) {
    for (String name : names) {
      String template = name.toLowerCase(Locale.ROOT);
      int place = template.indexOf('#');
      if (place < 0 && template.equals(word)) {
        return OptionalInt.of(0);
      }
      int end = word.length() - (template.length() - place - 1);
      if (place >= 0
          && end > place
          && word.startsWith(template.substring(0, place))
          && word.endsWith(template.substring(place + 1))
          && NUMBER.matcher(word.substring(place, end)).matches()) {
        return OptionalInt.of(Integer.parseInt(word.substring(place, end)));
      }
    }
    return OptionalInt.empty();
  }

  /**
   * The number of the group of an order whose name such a group bears; empty where there is none.
   */
  OptionalInt naming(int wanted) {
    for (int n = smallest; n <= largest && order.applyAsInt(n) <= wanted; n++) {
      if (order.applyAsInt(n) == wanted && named.test(n)) {
        return OptionalInt.of(n);
      }
    }
    return OptionalInt.empty();
  }

  /** The names as a message shows them, with the number of a word where it has one. */
  List<String> namesLike(String word) {
    Matcher number = NUMBER.matcher(word);
    String digits = number.find() ? number.group() : "n";
    return names.stream().map(name -> name.replace("#", digits)).toList();
  }
}
