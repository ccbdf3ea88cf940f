package dev.noether.nn.attention;

import static dev.noether.algebra.Checks.require;

import dev.noether.torch.Tensors;
import java.util.Arrays;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Where queries and keys stand. Start from {@link #inOrder} and change what differs.
 *
 * @param query {@code [queries]} or {@code [batch, queries]}, 64-bit integers; null for 0, 1, 2,
 *     ...
 * @param key {@code [keys]} or {@code [batch, keys]}, 64-bit integers; null for 0, 1, 2, ...
 * @param hasQuery boolean, of the shape of {@code query}, false where a query has no position; null
 *     where all have
 * @param hasKey the same of keys
 */
public record AttentionPositions(
    @Nullable Tensor query,
    @Nullable Tensor key,
    @Nullable Tensor hasQuery,
    @Nullable Tensor hasKey) {
  private static final AttentionPositions IN_ORDER = new AttentionPositions(null, null, null, null);

  /**
   * Queries and keys stand at 0, 1, 2, ...
   *
   * @return the positions
   */
  public static AttentionPositions inOrder() {
    return IN_ORDER;
  }

  /**
   * The same with positions of the queries.
   *
   * @param positions {@code [queries]} or {@code [batch, queries]}, 64-bit integers
   * @return new positions
   */
  public AttentionPositions withQueries(Tensor positions) {
    return new AttentionPositions(positions, key, hasQuery, hasKey);
  }

  /**
   * The same with positions of the keys.
   *
   * @param positions {@code [keys]} or {@code [batch, keys]}, 64-bit integers
   * @return new positions
   */
  public AttentionPositions withKeys(Tensor positions) {
    return new AttentionPositions(query, positions, hasQuery, hasKey);
  }

  /**
   * The same with some queries without a position.
   *
   * @param mask boolean, true where a query has a position
   * @return new positions
   */
  public AttentionPositions withQueryMask(Tensor mask) {
    return new AttentionPositions(query, key, mask, hasKey);
  }

  /**
   * The same with some keys without a position.
   *
   * @param mask boolean, true where a key has a position
   * @return new positions
   */
  public AttentionPositions withKeyMask(Tensor mask) {
    return new AttentionPositions(query, key, hasQuery, mask);
  }

  /** Refuses positions given to attention that has none. */
  void requireNone(Object layer) {
    require(
        query == null && key == null && hasQuery == null && hasKey == null,
        "%s knows no positions, got some; use additive, relative or rotary attention",
        layer);
  }

  Places queries(Heads.Shape shape, Tensor like) {
    return places("queries", query, hasQuery, shape.queries(), shape, like);
  }

  Places keys(Heads.Shape shape, Tensor like) {
    return places("keys", key, hasKey, shape.keys(), shape, like);
  }

  private static Places places(
      String of,
      @Nullable Tensor given,
      @Nullable Tensor has,
      long count,
      Heads.Shape shape,
      Tensor like) {
    if (given != null) {
      requireFits("positions of " + of, given, "int64", count, shape);
    }
    if (has != null) {
      requireFits("mask of positions of " + of, has, "bool", count, shape);
    }
    long[] order = new long[given == null ? Math.toIntExact(count) : 0];
    Arrays.setAll(order, i -> i);
    Tensor at = given == null ? Tensors.of(order, order.length) : given;
    return new Places(at.to(like.device(), at.scalar_type()), has, given != null);
  }

  private static void requireFits(
      String what, Tensor given, String dtype, long count, Heads.Shape shape) {
    long[] actual = Tensors.shape(given);
    require(
        Arrays.equals(actual, new long[] {count})
            || Arrays.equals(actual, new long[] {shape.batch(), count}),
        "the %s must be [%d] or [%d, %d], got %s",
        what,
        count,
        shape.batch(),
        count,
        Arrays.toString(actual));
    require(
        Tensors.dtypeName(given).equals(dtype),
        "the %s must be %s, got %s",
        what,
        dtype,
        Tensors.dtypeName(given));
  }

  /**
   * Positions, checked.
   *
   * @param at {@code [time]} or {@code [batch, time]}
   * @param has true where there is a position; null where all have
   * @param given whether the caller gave them
   */
  record Places(Tensor at, @Nullable Tensor has, boolean given) {}
}
