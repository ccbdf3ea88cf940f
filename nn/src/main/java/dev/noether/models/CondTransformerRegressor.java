package dev.noether.models;

import dev.noether.nn.LayerType;
import dev.noether.nn.Parameter;
import dev.noether.nn.attention.PositionEncoding;
import dev.noether.torch.Scopes;
import dev.noether.torch.Seeds;
import org.bytedeco.pytorch.GeneratorOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * The plain conditional transformer with learned positions added to its tokens, and layer norms
 * after each sum. Weights and positions are N(0, 0.02) at first, biases zero. {@link
 * EquivariantCondTransformerRegressor} is its equivariant twin.
 *
 * <p>Names in the state dict: {@code pos_emb} {@code [1, inHorizon, embedding]}, {@code
 * cond_pos_emb} {@code [1, condHorizon + 1, embedding]}, {@code input_emb.*}, {@code cond_emb.*},
 * {@code encoder.*}, {@code decoder.layers.0.*} and so on, {@code layer_norm.*}, {@code head.*}.
 */
public final class CondTransformerRegressor extends PlainConditionalTransformer {
  /** How an architecture describes it. */
  public static final LayerType<CondTransformerRegressor> TYPE =
      type(CondTransformerRegressor.class)
          .builds(s -> new CondTransformerRegressor(sizes(s), CondTransformerOptions.plain(s)));

  private static final CondTransformerLayers LAYERS =
      CondTransformerLayers.defaults()
          .with(PositionEncoding.Kind.NONE)
          .withNormFirst(false)
          .with(TransformerNorm.LAYERNORM);

  private final Parameter inputPositions;
  private final Parameter memoryPositions;

  /**
   * A network.
   *
   * @param in the features of X
   * @param cond the features of Z
   * @param out the features of the output
   * @param options horizons, layers, heads, widths, dropout, causality
   * @throws IllegalArgumentException if a size is below 1, or the heads do not divide the embedding
   */
  public CondTransformerRegressor(int in, int cond, int out, CondTransformerOptions options) {
    this(new Widths(in, cond, out), options);
  }

  private CondTransformerRegressor(Widths sizes, CondTransformerOptions options) {
    super(sizes, options, LAYERS, TransformerNames.V0_4);
    inputPositions = registerWithoutDecay("pos_emb", draw(options.inHorizon(), 1));
    memoryPositions = registerWithoutDecay("cond_pos_emb", draw(options.condHorizon() + 1, 2));
  }

  private Tensor draw(int places, int part) {
    GeneratorOptional generator = Seeds.generator(Seeds.next(options().maps().seed(), part));
    return Scopes.compute(
        () ->
            torch
                .zeros(1, places, options().embedding())
                .to(options().maps().dtype().scalarType())
                .normal_(0, DEVIATION, generator));
  }

  @Override
  Tensor places(Tokens which) {
    Parameter table = which == Tokens.INPUTS ? inputPositions : memoryPositions;
    return table.value().select(0, 0);
  }
}
