package dev.noether.nn.attention;

import dev.noether.nn.LayerType;
import dev.noether.rep.Representation;

/**
 * Attention that commutes with a group, whose scores have a learned number of the distance of query
 * and key taken away, one table for all heads. It does not change when all positions are shifted.
 *
 * <p>Names in the state dict: {@code attn.*} and {@code rel_bias} {@code [2 * max_distance + 1]},
 * N(0, 0.02) at first.
 */
public final class EquivariantRelativePositionalAttention extends EquivariantAttention {
  /** How an architecture describes it. */
  public static final LayerType<EquivariantRelativePositionalAttention> TYPE =
      type(
          LayerType.independentOfBases(EquivariantRelativePositionalAttention.class),
          own -> own.setting("max_distance", layer -> layer.maxDistance),
          (rho, s, options) ->
              new EquivariantRelativePositionalAttention(rho, s.whole("max_distance"), options));

  private final AttentionCore core;
  private final int maxDistance;

  /**
   * A layer.
   *
   * @param representation how inputs and outputs transform
   * @param maxDistance the distance from which on all are alike
   * @param options heads, dropout, layout, and how the projections are made
   * @throws IllegalArgumentException if a head would split a summand, or the largest distance is
   *     negative
   */
  public EquivariantRelativePositionalAttention(
      Representation representation, int maxDistance, AttentionOptions options) {
    super(representation, options);
    this.maxDistance = PositionTable.requireDistance(maxDistance);
    EquivariantMultiheadAttention attention = inner(options);
    core = PositionTable.biased(attention.core(), options, maxDistance, this::registerParameter);
  }

  @Override
  AttentionCore core() {
    return core;
  }
}
