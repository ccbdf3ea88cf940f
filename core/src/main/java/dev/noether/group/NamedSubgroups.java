package dev.noether.group;

import static dev.noether.algebra.Checks.require;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Subgroups of a group that are called by the names of groups; what was found is kept. */
final class NamedSubgroups {
  /** Elements of a group all of whose subgroups a message lists. */
  private static final int ALL_LISTED = 200;

  /** Elements of subgroups that are found without listing larger ones. */
  private static final int SMALL = 4;

  private final FiniteGroup group;
  private final Map<String, Subgroup> found = new ConcurrentHashMap<>();
  private final Map<Integer, List<Subgroup>> small = new ConcurrentHashMap<>();

  NamedSubgroups(FiniteGroup group) {
    this.group = group;
  }

  /** The first class of subgroups isomorphic to a named group. */
  Subgroup get(String name) {
    Subgroup known = found.get(name);
    if (known == null) {
      known = find(name, FiniteGroup.named(name));
      found.put(name, known);
    }
    return known;
  }

  private Subgroup find(String name, FiniteGroup wanted) {
    boolean few = group.order() <= ALL_LISTED;
    require(
        few || group.order() % wanted.order() == 0,
        "%s has no subgroup %s: its order %d is no multiple of %d",
        group,
        name,
        group.order(),
        wanted.order());
    List<Subgroup> candidates = ofOrder(wanted.order());
    long[] prints = prints(wanted, IntStream.range(0, wanted.order()).boxed().toList());
    for (Subgroup subgroup : candidates) {
      // What costs little tells most groups apart.
      if (Arrays.equals(prints(group, subgroup.elements()), prints)
          && Isomorphism.find(wanted, subgroup.asGroup()).isPresent()) {
        return subgroup;
      }
    }
    String begins = few ? "; it has " : candidates.isEmpty() ? "" : "; of its order it has ";
    throw new IllegalArgumentException(
        group
            + " has no subgroup "
            + name
            + begins
            + (few ? group.subgroups() : candidates)
                .stream()
                    .map(subgroup -> subgroup.name().orElse("one of order " + subgroup.order()))
                    .distinct()
                    .collect(Collectors.joining(", ")));
  }

  private List<Subgroup> ofOrder(int order) {
    return order <= SMALL
        ? small.computeIfAbsent(order, own -> SubgroupLattice.ofOrder(group, own))
        : group.subgroups().stream().filter(subgroup -> subgroup.order() == order).toList();
  }

  /** The orders of elements, each with the number of its square roots, sorted. */
  private static long[] prints(FiniteGroup group, List<Integer> elements) {
    int[] roots = new int[group.order()];
    elements.forEach(g -> roots[group.multiply(g, g)]++);
    return elements.stream()
        .mapToLong(g -> (long) group.elementOrder(g) << Integer.SIZE | roots[g])
        .sorted()
        .toArray();
  }
}
