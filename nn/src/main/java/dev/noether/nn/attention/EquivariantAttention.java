package dev.noether.nn.attention;

import dev.noether.nn.EquivariantLayer;
import dev.noether.plain.Axes;
import dev.noether.rep.Representation;
import org.bytedeco.pytorch.Tensor;

/** Attention that commutes with a group: what its kinds share. */
abstract class EquivariantAttention extends EquivariantLayer implements Attention {
  EquivariantAttention(Representation representation, AttentionOptions options) {
    super(representation, representation, options.batchFirst() ? Axes.SEQUENCE : Axes.TIME_FIRST);
  }

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

  /** Self-attention without masks, at positions 0, 1, 2, ... */
  @Override
  protected final Tensor compute(Tensor input) {
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
    return getClass().getSimpleName() + "(" + in() + ", " + options().headCount() + ")";
  }
}
