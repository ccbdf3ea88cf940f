package dev.noether.plain;

import static dev.noether.algebra.Checks.requirePresent;

import dev.noether.grid.FieldGroups;
import java.util.function.BiFunction;

/**
 * Fields inside a graph, those of one kind together: what {@link FieldGroups} does.
 *
 * @param <V> a value inside the graph
 * @param <K> what tells kinds of fields apart
 * @param graph the graph
 * @param groups the fields
 */
public record PlainFields<V, K extends Comparable<K>>(PlainGraph<V> graph, FieldGroups<K> groups) {
  /**
   * Groups of fields, one after the other, back in order.
   *
   * @param x {@code [..., channels]}
   * @param reduces whether the function leaves one number for each field
   * @param function from {@code [..., fields, size]} to the same, or to {@code [..., fields, 1]}
   * @return {@code [..., channels]}, or {@code [..., fields]}
   */
  public V map(V x, boolean reduces, BiFunction<FieldGroups.Group<K>, V, V> function) {
    V joined = null;
    for (FieldGroups.Group<K> group : groups.groups()) {
      long[] places = group.channels().stream().mapToLong(Integer::longValue).toArray();
      boolean all = places.length == groups.owners().length;
      V own = all && groups.isInOrder() ? x : graph.select(x, places);
      V result = function.apply(group, graph.split(own, group.count(), group.size()));
      long size = reduces ? group.count() : (long) group.count() * group.size();
      V part = graph.join(result, 2, size);
      joined = joined == null ? part : graph.concatenate(joined, part);
    }
    V whole = requirePresent(joined, "fields of no kind");
    return groups.isInOrder()
        ? whole
        : graph.select(whole, reduces ? groups.fieldPlaces() : groups.channelPlaces());
  }

  /**
   * One number for each field, for each of its channels.
   *
   * @param numbers {@code [..., fields]}
   * @return {@code [..., channels]}
   */
  public V spread(V numbers) {
    long[] owners = groups.owners();
    return owners.length == groups.fieldPlaces().length ? numbers : graph.select(numbers, owners);
  }

  /**
   * Numbers of fields group by group, in the order of fields.
   *
   * @param numbers {@code [..., fields]}
   * @return {@code [..., fields]}
   */
  public V inOrder(V numbers) {
    return groups.isInOrder() ? numbers : graph.select(numbers, groups.fieldPlaces());
  }
}
