package dev.noether.models;

import dev.noether.nn.LayerType;
import dev.noether.nn.Parameter;
import dev.noether.nn.attention.PositionEncoding;
import dev.noether.nn.linear.FixedVectors;
import dev.noether.rep.Representation;
import dev.noether.torch.Dtype;
import dev.noether.torch.Tensors;
import org.bytedeco.pytorch.Tensor;

/**
 * A conditional transformer that commutes with a group, with learned invariant positions added to
 * its tokens, which are zero at first, and RMS norms before each part. Features inside are copies
 * of the regular representation; inputs, conditioning and outputs transform in any way.
 *
 * <p>The step is invariant: it shows in the invariant vector of each copy, {@link #stepRule} tells
 * how. A state dict of the Python package selects its rule by itself, because it holds {@code
 * invariant_projector}.
 *
 * <p>Names in the state dict: {@code pos_emb}, {@code cond_pos_emb}, {@code input_emb.*}, {@code
 * cond_emb.*}, {@code encoder.*}, {@code decoder.layers.0.*} and so on, {@code layer_norm.*},
 * {@code head.*}.
 */
public final class EquivariantCondTransformerRegressor extends EquivariantConditionalTransformer {
  /** How an architecture describes it. */
  public static final LayerType<EquivariantCondTransformerRegressor> TYPE =
      mapsAndRule(type(EquivariantCondTransformerRegressor.class))
          .builds(s -> new EquivariantCondTransformerRegressor(spaces(s), options(s), rule(s)));

  private static final CondTransformerLayers LAYERS =
      CondTransformerLayers.defaults().with(PositionEncoding.Kind.NONE);

  private final Parameter.Derived inputPositions;
  private final Parameter.Derived memoryPositions;

  /**
   * A network.
   *
   * @param in how X transforms
   * @param cond how Z transforms
   * @param out how the output transforms
   * @param options horizons, layers, heads, widths, dropout, causality
   * @throws IllegalArgumentException if the groups differ, the embedding is no whole number of
   *     copies of the regular representation, or a head would split one
   */
  public EquivariantCondTransformerRegressor(
      Representation in, Representation cond, Representation out, CondTransformerOptions options) {
    this(new EquivariantSpaces(in, cond, out), options, StepRule.SPREAD);
  }

  private EquivariantCondTransformerRegressor(
      EquivariantSpaces spaces, CondTransformerOptions options, StepRule rule) {
    super(spaces, options, LAYERS, TransformerNames.V0_4, rule, options.condHorizon());
    Dtype dtype = options.maps().dtype();
    int size = hidden().size();
    Parameter inputs = registerWithoutDecay("pos_emb", zeros(dtype, options.inHorizon(), size));
    Parameter memory =
        registerWithoutDecay("cond_pos_emb", zeros(dtype, options.condHorizon() + 1, size));
    FixedVectors fixed = new FixedVectors(hidden(), dtype);
    registerBuffers("", fixed.buffers());
    inputPositions = inputs.derived(table -> fixed.project(table.select(0, 0)));
    memoryPositions = memory.derived(table -> fixed.project(table.select(0, 0)));
  }

  private static Tensor zeros(Dtype dtype, int places, int size) {
    return Tensors.of(dtype, new double[places * size], 1, places, size);
  }

  @Override
  Tensor places(Tokens which) {
    return (which == Tokens.INPUTS ? inputPositions : memoryPositions).get(isTraining());
  }
}
