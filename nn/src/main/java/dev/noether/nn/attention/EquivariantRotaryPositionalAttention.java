package dev.noether.nn.attention;

import dev.noether.nn.LayerType;
import dev.noether.rep.Representation;

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
      type(
          LayerType.independentOfBases(EquivariantRotaryPositionalAttention.class),
          own -> own.setting("rope_base", layer -> layer.base, 10000.0),
          (rho, s, options) ->
              new EquivariantRotaryPositionalAttention(rho, s.number("rope_base"), options));

  private final AttentionCore core;
  private final double base;

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
    EquivariantMultiheadAttention attention = inner(options);
    Rotation rotation = Rotation.ofSummands(attention.core().heads(), attention.inner(), base);
    registerBuffers("rotation.", rotation.buffers());
    core = attention.core().under("attn").with(rotation);
  }

  @Override
  AttentionCore core() {
    return core;
  }
}
