package dev.noether.nn.attention;

import dev.noether.nn.LayerType;

/**
 * Attention whose scores have a learned number of the distance of query and key taken away, one
 * table for all heads. It does not change when all positions are shifted.
 *
 * <p>Names in the state dict: {@code attn.*} and {@code rel_bias} {@code [2 * max_distance + 1]},
 * N(0, 0.02) at first.
 */
public final class RelativePositionalAttention extends PlainAttention {
  /** How an architecture describes it. */
  public static final LayerType<RelativePositionalAttention> TYPE =
      LayerType.independentOfBases(RelativePositionalAttention.class)
          .setting("embed_dim", layer -> layer.core().heads().size())
          .setting("max_distance", layer -> layer.maxDistance)
          .settings(AttentionOptions.PLAIN_SETTINGS, PlainAttention::options)
          .builds(
              s ->
                  new RelativePositionalAttention(
                      s.whole("embed_dim"), s.whole("max_distance"), AttentionOptions.plain(s)));

  private final AttentionCore core;
  private final int maxDistance;

  /**
   * A layer.
   *
   * @param size the number of features
   * @param maxDistance the distance from which on all are alike
   * @param options heads, dropout, layout, and how the projections are made
   * @throws IllegalArgumentException if the heads do not divide the size, or the largest distance
   *     is negative
   */
  public RelativePositionalAttention(int size, int maxDistance, AttentionOptions options) {
    this.maxDistance = PositionTable.requireDistance(maxDistance);
    MultiheadAttention attention = registerChild("attn", new MultiheadAttention(size, options));
    core = PositionTable.biased(attention.core(), options, maxDistance, this::registerParameter);
  }

  @Override
  AttentionCore core() {
    return core;
  }
}
