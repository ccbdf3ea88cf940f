package dev.noether.nn.attention;

import dev.noether.nn.Layer;
import org.bytedeco.pytorch.Tensor;

/** Attention over plain features: what its kinds share. */
abstract class PlainAttention extends Layer implements Attention {
  abstract AttentionCore core();

  /** What positions do; those that none is known of are refused. */
  PositionEffect effect(AttentionPositions positions, Heads.Shape shape, Tensor like) {
    positions.requireNone(this);
    return PositionEffect.NONE;
  }

  /**
   * How the layer was made.
   *
   * @return the options
   */
  public final AttentionOptions options() {
    return core().heads().options();
  }

  /**
   * Self-attention without masks, at positions 0, 1, 2, ...
   *
   * @param input {@code [batch, time, size]}, or as the layout says
   * @return a tensor of the same shape
   * @throws IllegalArgumentException if the shape, the dtype or the device does not fit
   */
  public final Tensor forward(Tensor input) {
    return forward(input, input, input, AttentionMasks.none(), AttentionPositions.inOrder());
  }

  @Override
  public final Tensor forward(
      Tensor query, Tensor key, Tensor value, AttentionMasks masks, AttentionPositions positions) {
    return core()
        .forward(query, key, value, new AttentionCore.Call(masks, positions, this::effect));
  }

  @Override
  public final Tensor weights(
      Tensor query, Tensor key, AttentionMasks masks, AttentionPositions positions) {
    return core().weights(query, key, new AttentionCore.Call(masks, positions, this::effect));
  }

  @Override
  public final String toString() {
    Heads heads = core().heads();
    return getClass().getSimpleName()
        + "("
        + heads.size()
        + ", "
        + heads.options().headCount()
        + ")";
  }
}
