package dev.noether.nn.attention;

import dev.noether.plain.PlainGraph;
import org.jspecify.annotations.Nullable;

/**
 * What attention's plain form is told besides its inputs: what may not be looked at, and where
 * queries and keys stand.
 *
 * @param <V> a value inside the graph
 * @param added {@code [queries, keys]}, added to each score: {@link #HIDDEN} where a key may not be
 *     looked at; null where all may
 * @param queries where queries stand
 * @param keys where keys stand
 */
public record PlainLook<V>(@Nullable V added, Places<V> queries, Places<V> keys) {
  /** What makes a weight zero, and is finite, so that a mask may be a product. */
  public static final double HIDDEN = -1e30;

  /**
   * Where queries or keys stand.
   *
   * @param <V> a value inside the graph
   * @param at a column {@code [time, 1]}; null for 0, 1, 2, ...
   * @param has a column, 1 where there is a position, else 0; null where all have one
   */
  public record Places<V>(@Nullable V at, @Nullable V has) {
    /**
     * At 0, 1, 2, ...
     *
     * @param <V> a value inside the graph
     * @return the places
     */
    public static <V> Places<V> inOrder() {
      return new Places<>(null, null);
    }

    /** A column of whole numbers, 0 where there is no position. */
    V column(PlainGraph<V> graph, V ordered) {
      V column = at == null ? graph.places(ordered, 2, false) : at;
      return has == null ? column : graph.multiply(column, has);
    }
  }

  /**
   * Everything may be looked at, and stands at 0, 1, 2, ...
   *
   * @param <V> a value inside the graph
   * @return the look
   */
  public static <V> PlainLook<V> inOrder() {
    return new PlainLook<>(null, Places.inOrder(), Places.inOrder());
  }
}
