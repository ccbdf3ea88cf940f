package dev.noether.nn.attention;

import dev.noether.nn.Layer;
import dev.noether.nn.LayerType;
import dev.noether.nn.Parameter;
import dev.noether.torch.Scopes;
import org.bytedeco.pytorch.Tensor;

/**
 * Attention whose scores have a learned number of the distance of query and key taken away, one
 * table for all heads. It does not change when all positions are shifted.
 *
 * <p>Names in the state dict: {@code attn.*} and {@code rel_bias} {@code [2 * max_distance + 1]},
 * N(0, 0.02) at first.
 */
public final class RelativePositionalAttention extends Layer implements Attention {
  /** How an architecture describes it. */
  public static final LayerType<RelativePositionalAttention> TYPE =
      LayerType.independentOfBases(RelativePositionalAttention.class)
          .setting("embed_dim", layer -> layer.attention.heads().size())
          .setting("max_distance", layer -> layer.maxDistance)
          .settings(AttentionOptions.PLAIN_SETTINGS, layer -> layer.attention.options())
          .builds(
              s ->
                  new RelativePositionalAttention(
                      s.whole("embed_dim"), s.whole("max_distance"), AttentionOptions.plain(s)));

  private final MultiheadAttention attention;
  private final int maxDistance;
  private final Parameter table;

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
    attention = registerChild("attn", new MultiheadAttention(size, options));
    table = registerParameter("rel_bias", PositionTable.draw(options, 2L * maxDistance + 1));
  }

  /**
   * How the layer was made.
   *
   * @return the options
   */
  public AttentionOptions options() {
    return attention.options();
  }

  /**
   * Self-attention without masks, at positions 0, 1, 2, ...
   *
   * @param input {@code [batch, time, size]}, or as the layout says
   * @return a tensor of the same shape
   * @throws IllegalArgumentException if the shape, the dtype or the device does not fit
   */
  public Tensor forward(Tensor input) {
    return forward(input, input, input, AttentionMasks.none(), AttentionPositions.inOrder());
  }

  @Override
  public Tensor forward(
      Tensor query, Tensor key, Tensor value, AttentionMasks masks, AttentionPositions positions) {
    Heads.Shape shape = attention.heads().shape(query, key, value, masks, this, attention.like());
    return Scopes.compute(
        () -> attention.forward(query, key, value, masks, effect(positions, shape, query)));
  }

  @Override
  public Tensor weights(
      Tensor query, Tensor key, AttentionMasks masks, AttentionPositions positions) {
    Heads.Shape shape = attention.heads().shape(query, key, key, masks, this, attention.like());
    return Scopes.compute(
        () -> attention.weights(query, key, masks, effect(positions, shape, query)));
  }

  private PositionEffect effect(AttentionPositions positions, Heads.Shape shape, Tensor like) {
    return PositionEffect.adding(
        PositionTable.distances(
            table.value(), positions.queries(shape, like), positions.keys(shape, like)));
  }

  @Override
  public String toString() {
    return "RelativePositionalAttention("
        + attention.heads().size()
        + ", "
        + options().headCount()
        + ")";
  }
}
