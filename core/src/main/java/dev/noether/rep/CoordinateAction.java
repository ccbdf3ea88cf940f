package dev.noether.rep;

import static dev.noether.algebra.Checks.require;

import dev.noether.group.FiniteGroup;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * How one symmetry of a robot moves its coordinates, told by their names: which change places, and
 * which change sign.
 *
 * <pre>{@code
 * List<String> joints = List.of("left_hip", "left_knee", "right_hip", "right_knee", "torso_yaw");
 * CoordinateAction mirror = CoordinateAction.on(joints)
 *     .swapPrefixes("left_", "right_")                        // the legs change places
 *     .negate("left_hip", "right_hip", "torso_yaw");          // these axes point the other way
 * Representation q = CoordinateAction.representation(Groups.cyclic(2), mirror);
 * }</pre>
 *
 * <p>Immutable: each method gives a new action. It is a signed permutation of the unit vectors, the
 * matrix of one generator of the group.
 */
public final class CoordinateAction {
  private final List<String> names;
  private final int[] images;
  private final boolean[] negative;

  private CoordinateAction(List<String> names, int[] images, boolean[] negative) {
    this.names = names;
    this.images = images;
    this.negative = negative;
  }

  /**
   * The action that moves nothing, to begin with.
   *
   * @param names the names of the coordinates in the order in which data hold them, each once, at
   *     least one
   * @return the identity on them
   * @throws IllegalArgumentException if there is no name, or one stands twice
   */
  public static CoordinateAction on(List<String> names) {
    require(!names.isEmpty(), "coordinates need names, got none");
    LinkedHashSet<String> seen = new LinkedHashSet<>();
    for (String name : names) {
      require(
          seen.add(name), "each coordinate needs a name of its own, and '%s' stands twice", name);
    }
    int[] images = new int[names.size()];
    Arrays.setAll(images, i -> i);
    return new CoordinateAction(List.copyOf(names), images, new boolean[names.size()]);
  }

  /**
   * The representation in which each generator of the group acts as told.
   *
   * @param group the group
   * @param generators one action for each of {@link FiniteGroup#generators}, in their order, all on
   *     the same names
   * @return the representation on the coordinates; it prints as {@code permutation(...)}
   * @throws IllegalArgumentException if the number of actions is not that of the generators, their
   *     names differ, or they do not multiply as the generators do
   */
  public static Representation representation(FiniteGroup group, CoordinateAction... generators) {
    require(
        generators.length == group.generators().size() && generators.length > 0,
        "%s has %d generators, %s: it needs one action for each, got %d",
        group,
        group.generators().size(),
        group.generators().stream().map(g -> group.element(g).toString()).toList(),
        generators.length);
    for (CoordinateAction action : generators) {
      require(
          action.names.equals(generators[0].names),
          "the actions must be on the same coordinates, got %s and %s",
          generators[0].names,
          action.names);
    }
    return Representation.signedPermutation(
        group, Arrays.stream(generators).map(CoordinateAction::images).toList());
  }

  /**
   * Two coordinates change places.
   *
   * @param first the name of one
   * @param second the name of the other
   * @return this action with the exchange
   * @throws IllegalArgumentException if a name is unknown, the two are one, or one is moved already
   */
  public CoordinateAction swap(String first, String second) {
    return cycle(first, second);
  }

  /**
   * Coordinates move in a ring: the first to the place of the second, and so on, the last to the
   * place of the first; as the legs of a robot with three equal ones do.
   *
   * @param ring the names, at least two
   * @return this action with the ring
   * @throws IllegalArgumentException if a name is unknown, stands twice, or is moved already
   */
  public CoordinateAction cycle(String... ring) {
    require(
        ring.length >= 2, "a ring needs at least two coordinates, got %s", Arrays.toString(ring));
    int[] places = new int[ring.length];
    LinkedHashSet<String> seen = new LinkedHashSet<>();
    for (int i = 0; i < ring.length; i++) {
      places[i] = place(ring[i]);
      require(seen.add(ring[i]), "'%s' stands twice in %s", ring[i], Arrays.toString(ring));
      require(
          images[places[i]] == places[i],
          "'%s' already moves to '%s'",
          ring[i],
          names.get(images[places[i]]));
    }
    int[] moved = images.clone();
    for (int i = 0; i < ring.length; i++) {
      moved[places[i]] = places[(i + 1) % ring.length];
    }
    return new CoordinateAction(names, moved, negative);
  }

  /**
   * All coordinates whose names begin alike change places with their partners: {@code left_hip}
   * with {@code right_hip}, and so on.
   *
   * @param first how the names on one side begin
   * @param second how those on the other side begin
   * @return this action with the exchanges
   * @throws IllegalArgumentException if no name begins so, a partner is missing, or one is moved
   *     already
   */
  public CoordinateAction swapPrefixes(String first, String second) {
    CoordinateAction result = this;
    Set<String> partners =
        names.stream()
            .filter(name -> name.startsWith(second))
            .collect(Collectors.toCollection(LinkedHashSet::new));
    boolean any = false;
    for (String name : names) {
      if (name.startsWith(first)) {
        String wanted = second + name.substring(first.length());
        require(
            partners.remove(wanted),
            "'%s' has no partner '%s'; the coordinates are %s",
            name,
            wanted,
            names);
        result = result.swap(name, wanted);
        any = true;
      }
    }
    require(any, "no coordinate begins with '%s'; they are %s", first, names);
    require(partners.isEmpty(), "%s has no partner that begins with '%s'", partners, first);
    return result;
  }

  /**
   * Coordinates change sign, wherever they move: e_i goes to -e_j instead of e_j.
   *
   * @param changed the names
   * @return this action with the signs
   * @throws IllegalArgumentException if a name is unknown, or changes sign already
   */
  public CoordinateAction negate(String... changed) {
    boolean[] signs = negative.clone();
    for (String name : changed) {
      int place = place(name);
      require(!signs[place], "'%s' changes its sign already", name);
      signs[place] = true;
    }
    return new CoordinateAction(names, images, signs);
  }

  /**
   * Where each coordinate goes.
   *
   * @return the places, counted from 1, negative where the sign changes; what {@link
   *     Representation#signedPermutation} takes
   */
  public int[] images() {
    int[] result = new int[names.size()];
    Arrays.setAll(result, i -> negative[i] ? -images[i] - 1 : images[i] + 1);
    return result;
  }

  private int place(String name) {
    int place = names.indexOf(name);
    require(place >= 0, "no coordinate is called '%s'; they are %s", name, names);
    return place;
  }

  /** The moves as {@code left_hip -> -right_hip}, those of coordinates that change. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < names.size(); i++) {
      if (images[i] != i || negative[i]) {
        text.append(text.isEmpty() ? "" : ", ")
            .append(names.get(i))
            .append(" -> ")
            .append(negative[i] ? "-" : "")
            .append(names.get(images[i]));
      }
    }
    return text.isEmpty() ? "nothing moves" : text.toString();
  }
}
