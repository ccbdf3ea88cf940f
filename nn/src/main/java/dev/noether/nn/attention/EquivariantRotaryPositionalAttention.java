package dev.noether.nn.attention;

import dev.noether.nn.LayerType;
import dev.noether.nn.linear.MapOptions;
import dev.noether.plain.PlainGraph;
import dev.noether.rep.Representation;
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
public final class EquivariantRotaryPositionalAttention extends EquivariantAttention {
  /** How an architecture describes it. */
  public static final LayerType<EquivariantRotaryPositionalAttention> TYPE =
      LayerType.independentOfBases(EquivariantRotaryPositionalAttention.class)
          .representation("in", EquivariantAttention::whole)
          .setting("rope_base", layer -> layer.base, 10000.0)
          .settings(AttentionOptions.SETTINGS, EquivariantAttention::options)
          .settings(MapOptions.SETTINGS, layer -> layer.options().maps())
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
    super(representation, options);
    this.base = base;
    attention = registerChild("attn", new EquivariantMultiheadAttention(representation, options));
    rotation = Rotation.ofSummands(core().heads(), attention.inner(), base);
    registerBuffers("rotation.", rotation.buffers());
  }

  @Override
  AttentionCore core() {
    return attention.core();
  }

  @Override
  PositionEffect<Tensor> effect(AttentionPositions positions, Heads.Shape shape, Tensor like) {
    return rotation.effect(positions, shape, like);
  }

  @Override
  <V> PositionEffect<V> plainEffect(PlainGraph<V> graph, PlainLook<V> look, V query, V memory) {
    return rotation.plainEffect(graph, look, query, memory);
  }
}
