package dev.noether.nn.attention;

import dev.noether.nn.EquivariantLayer;
import dev.noether.nn.LayerType;
import dev.noether.nn.linear.MapOptions;
import dev.noether.plain.Axes;
import dev.noether.rep.Representation;
import dev.noether.torch.Scopes;
import org.bytedeco.pytorch.Tensor;

/**
 * Attention that commutes with a group, whose projected queries and keys turn by angles of their
 * positions, so that scores depend on distances only: {@link EquivariantMultiheadAttention} with
 * pairs of equal summands (a, b) of each head turned to (a cos t - b sin t, a sin t + b cos t). A
 * turn of whole copies into each other commutes with the group, which a turn of single coordinates
 * does not. Pair i of n summands in a head turns by t = p base^(-2i / n) at position p.
 *
 * <p>Names in the state dict: {@code attn.*}.
 */
public final class EquivariantRotaryPositionalAttention extends EquivariantLayer
    implements Attention {
  /** How an architecture describes it. */
  public static final LayerType<EquivariantRotaryPositionalAttention> TYPE =
      LayerType.independentOfBases(EquivariantRotaryPositionalAttention.class)
          .representation("in", EquivariantRotaryPositionalAttention::in)
          .setting("rope_base", layer -> layer.base, 10000.0)
          .settings(AttentionOptions.SETTINGS, layer -> layer.attention.options())
          .settings(MapOptions.SETTINGS, layer -> layer.attention.options().maps())
          .builds(
              s ->
                  new EquivariantRotaryPositionalAttention(
                      s.representation("in"), s.number("rope_base"), AttentionOptions.of(s)));

  private final EquivariantMultiheadAttention attention;
  private final double base;
  private final Rotation rotation;

  /**
   * A layer.
   *
   * @param representation how inputs and outputs transform
   * @param base the base of the frequencies, 10000 in RoFormer
   * @param options heads, dropout, layout, and how the projections are made
   * @throws IllegalArgumentException if a head would split a summand, or a part of a head has no
   *     partner to turn with
   */
  public EquivariantRotaryPositionalAttention(
      Representation representation, double base, AttentionOptions options) {
    super(representation, representation, options.batchFirst() ? Axes.SEQUENCE : Axes.TIME_FIRST);
    this.base = base;
    attention = registerChild("attn", new EquivariantMultiheadAttention(representation, options));
    rotation = Rotation.ofSummands(attention.heads(), attention.inner(), base);
    registerBuffers("rotation.", rotation.buffers());
  }

  /**
   * How the layer was made.
   *
   * @return the options
   */
  public AttentionOptions options() {
    return attention.options();
  }

  /** Self-attention without masks, at positions 0, 1, 2, ... */
  @Override
  protected Tensor compute(Tensor input) {
    return forward(input, input, input, AttentionMasks.none(), AttentionPositions.inOrder());
  }

  @Override
  public Tensor forward(
      Tensor query, Tensor key, Tensor value, AttentionMasks masks, AttentionPositions positions) {
    Heads.Shape shape = attention.heads().shape(query, key, value, masks, in(), attention.like());
    return Scopes.compute(
        () -> attention.forward(query, key, value, masks, effect(positions, shape, query)));
  }

  @Override
  public Tensor weights(
      Tensor query, Tensor key, AttentionMasks masks, AttentionPositions positions) {
    Heads.Shape shape = attention.heads().shape(query, key, key, masks, in(), attention.like());
    return Scopes.compute(
        () -> attention.weights(query, key, masks, effect(positions, shape, query)));
  }

  private PositionEffect effect(AttentionPositions positions, Heads.Shape shape, Tensor like) {
    return rotation.effect(positions.queries(shape, like), positions.keys(shape, like), shape);
  }

  @Override
  public String toString() {
    return "EquivariantRotaryPositionalAttention(" + in() + ", " + options().headCount() + ")";
  }
}
