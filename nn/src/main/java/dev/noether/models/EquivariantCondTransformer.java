package dev.noether.models;

import dev.noether.nn.LayerType;
import dev.noether.rep.Representation;

/**
 * A conditional transformer that commutes with a group, whose attention knows positions: absolute,
 * relative or rotary, as those of {@link CondTransformer}. Features inside are copies of the
 * regular representation; inputs, conditioning and outputs transform in any way.
 *
 * <p>The step is invariant: it shows in the invariant vector of each copy, {@link #stepRule} tells
 * how. A state dict of the Python package selects its rule by itself, because it holds {@code
 * invariant_projector}.
 *
 * <p>Names in the state dict: {@code input_emb.*}, {@code cond_emb.*}, {@code encoder.*}, {@code
 * decoder.layers.0.*} and so on, {@code layer_norm.*}, {@code head.*}.
 */
public final class EquivariantCondTransformer extends EquivariantConditionalTransformer {
  /** How an architecture describes it. */
  public static final LayerType<EquivariantCondTransformer> TYPE =
      mapsAndRule(
              type(EquivariantCondTransformer.class)
                  .settings(CondTransformerLayers.SETTINGS, layer -> layer.layers()))
          .builds(
              s ->
                  new EquivariantCondTransformer(
                      spaces(s), options(s), CondTransformerLayers.of(s), rule(s)));

  /**
   * A network.
   *
   * @param in how X transforms
   * @param cond how Z transforms
   * @param out how the output transforms
   * @param options horizons, layers, heads, widths, dropout, causality
   * @param layers positions and norms
   * @throws IllegalArgumentException if the groups differ, the embedding is no whole number of
   *     copies of the regular representation, or a head would split one
   */
  public EquivariantCondTransformer(
      Representation in,
      Representation cond,
      Representation out,
      CondTransformerOptions options,
      CondTransformerLayers layers) {
    this(new EquivariantSpaces(in, cond, out), options, layers, StepRule.SPREAD);
  }

  private EquivariantCondTransformer(
      EquivariantSpaces spaces,
      CondTransformerOptions options,
      CondTransformerLayers layers,
      StepRule rule) {
    super(spaces, options, layers, TransformerNames.V0_7, rule, options.condHorizon() + 1);
  }
}
