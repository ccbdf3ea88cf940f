package dev.noether.nn.attention;

import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * What positions do after the projections: a number added to each score, and how queries and keys
 * turn.
 *
 * @param scores {@code [queries, keys]} or {@code [batch, queries, keys]}; null for none
 * @param query turns projected queries, as the inputs lie
 * @param key turns projected keys, as the inputs lie
 */
record PositionEffect(
    @Nullable Tensor scores, UnaryOperator<Tensor> query, UnaryOperator<Tensor> key) {
  static final PositionEffect NONE = adding(null);

  static PositionEffect adding(@Nullable Tensor scores) {
    return new PositionEffect(scores, UnaryOperator.identity(), UnaryOperator.identity());
  }
}
