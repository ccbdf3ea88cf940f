package dev.noether.nn.attention;

import dev.noether.nn.LayerType;
import dev.noether.nn.Parameter;
import dev.noether.nn.linear.MapOptions;
import dev.noether.plain.PlainGraph;
import dev.noether.rep.Representation;
import org.bytedeco.pytorch.Tensor;

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
      LayerType.independentOfBases(EquivariantRelativePositionalAttention.class)
          .representation("in", EquivariantAttention::whole)
          .setting("max_distance", layer -> layer.maxDistance)
          .settings(AttentionOptions.SETTINGS, EquivariantAttention::options)
          .settings(MapOptions.SETTINGS, layer -> layer.options().maps())
          .builds(
              s ->
                  new EquivariantRelativePositionalAttention(
                      s.representation("in"), s.whole("max_distance"), AttentionOptions.of(s)));

  private final EquivariantMultiheadAttention attention;
  private final int maxDistance;
  private final Parameter table;

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
    attention = registerChild("attn", new EquivariantMultiheadAttention(representation, options));
    table = registerParameter("rel_bias", PositionTable.draw(options, 2L * maxDistance + 1));
  }

  @Override
  AttentionCore core() {
    return attention.core();
  }

  @Override
  PositionEffect<Tensor> effect(AttentionPositions positions, Heads.Shape shape, Tensor like) {
    return PositionTable.biasing(table.value(), positions, shape, like);
  }

  @Override
  <V> PositionEffect<V> plainEffect(PlainGraph<V> graph, PlainLook<V> look, V query, V memory) {
    return PositionTable.biasing(graph, table.value(), look, query, memory);
  }
}
