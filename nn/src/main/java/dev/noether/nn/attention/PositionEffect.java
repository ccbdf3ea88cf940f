package dev.noether.nn.attention;

import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * What positions do: what queries and keys become before and after they are projected, and a number
 * added to each score.
 *
 * @param scores {@code [queries, keys]} or {@code [batch, queries, keys]}; null for none
 * @param query what they do to queries
 * @param key what they do to keys
 */
record PositionEffect(@Nullable Tensor scores, Change query, Change key) {
  static final PositionEffect NONE = adding(null);

  /**
   * What they do to features, as the inputs lie.
   *
   * @param embed before the projection
   * @param turn after it
   */
  record Change(UnaryOperator<Tensor> embed, UnaryOperator<Tensor> turn) {
    static final Change NONE = new Change(UnaryOperator.identity(), UnaryOperator.identity());

    Tensor before(Tensor features) {
      return embed.apply(features);
    }

    Tensor after(Tensor projected) {
      return turn.apply(projected);
    }
  }

  /** A number added to each score. */
  static PositionEffect adding(@Nullable Tensor scores) {
    return new PositionEffect(scores, Change.NONE, Change.NONE);
  }

  /** Vectors added to queries and keys before they are projected. */
  static PositionEffect embedding(Tensor query, Tensor key) {
    return new PositionEffect(
        null,
        new Change(x -> x.add(query), UnaryOperator.identity()),
        new Change(x -> x.add(key), UnaryOperator.identity()));
  }

  /** Turns of projected queries and keys. */
  static PositionEffect turning(UnaryOperator<Tensor> query, UnaryOperator<Tensor> key) {
    return new PositionEffect(
        null,
        new Change(UnaryOperator.identity(), query),
        new Change(UnaryOperator.identity(), key));
  }
}
