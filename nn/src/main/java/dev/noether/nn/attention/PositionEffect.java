package dev.noether.nn.attention;

import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * What positions do: what queries and keys become before and after they are projected, and a number
 * added to each score.
 *
 * @param <V> a tensor, or a value inside a graph
 * @param scores {@code [queries, keys]} or {@code [batch, queries, keys]}; null for none
 * @param query what they do to queries
 * @param key what they do to keys
 */
record PositionEffect<V>(@Nullable V scores, Change<V> query, Change<V> key) {
  /**
   * What they do to features, as the inputs lie.
   *
   * @param <V> a tensor, or a value inside a graph
   * @param embed before the projection
   * @param turn after it
   */
  record Change<V>(UnaryOperator<V> embed, UnaryOperator<V> turn) {
    static <V> Change<V> none() {
      return new Change<>(UnaryOperator.identity(), UnaryOperator.identity());
    }

    V before(V features) {
      return embed.apply(features);
    }

    V after(V projected) {
      return turn.apply(projected);
    }
  }

  /** Whether queries and keys are projected as they are. */
  boolean leavesInputs() {
    UnaryOperator<V> same = UnaryOperator.identity();
    return query.embed.equals(same) && key.embed.equals(same);
  }

  /** Nothing. */
  static <V> PositionEffect<V> none() {
    return adding(null);
  }

  /** A number added to each score. */
  static <V> PositionEffect<V> adding(@Nullable V scores) {
    return new PositionEffect<>(scores, Change.none(), Change.none());
  }

  /** Vectors added to queries and keys before they are projected. */
  static PositionEffect<Tensor> embedding(Tensor query, Tensor key) {
    return embedding(x -> x.add(query), x -> x.add(key));
  }

  /** Changes of queries and keys before they are projected. */
  static <V> PositionEffect<V> embedding(UnaryOperator<V> query, UnaryOperator<V> key) {
    return new PositionEffect<>(
        null,
        new Change<>(query, UnaryOperator.identity()),
        new Change<>(key, UnaryOperator.identity()));
  }

  /** Turns of projected queries and keys. */
  static <V> PositionEffect<V> turning(UnaryOperator<V> query, UnaryOperator<V> key) {
    return new PositionEffect<>(
        null,
        new Change<>(UnaryOperator.identity(), query),
        new Change<>(UnaryOperator.identity(), key));
  }
}
