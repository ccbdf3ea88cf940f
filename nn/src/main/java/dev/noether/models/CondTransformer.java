package dev.noether.models;

import dev.noether.nn.LayerType;
import org.bytedeco.pytorch.Tensor;

/**
 * The plain conditional transformer whose attention knows positions: absolute, relative or rotary.
 * The step has none; with absolute positions conditioning counts on after it, with others the last
 * conditioning and the first input are at one time. Weights are N(0, 0.02) at first, biases zero.
 * {@link EquivariantCondTransformer} is its equivariant twin.
 *
 * <p>Names in the state dict: {@code input_emb.*}, {@code cond_emb.*}, {@code encoder.*}, {@code
 * decoder.layers.0.*} and so on, {@code layer_norm.*}, {@code head.*}.
 */
public final class CondTransformer extends ConditionalTransformer {
  /** How an architecture describes it. */
  public static final LayerType<CondTransformer> TYPE =
      LayerType.independentOfBases(CondTransformer.class)
          .setting("in_dim", layer -> layer.sizes().in())
          .setting("cond_dim", layer -> layer.sizes().cond())
          .setting("out_dim", layer -> layer.sizes().out())
          .settings(CondTransformerOptions.SETTINGS, CondTransformer::options)
          .settings(CondTransformerLayers.SETTINGS, layer -> layer.layers())
          .builds(
              s ->
                  new CondTransformer(
                      s.whole("in_dim"),
                      s.whole("cond_dim"),
                      s.whole("out_dim"),
                      CondTransformerOptions.plain(s),
                      CondTransformerLayers.of(s)));

  private final StepEmbedding step;

  /**
   * A network.
   *
   * @param in the features of X
   * @param cond the features of Z
   * @param out the features of the output
   * @param options horizons, layers, heads, widths, dropout, causality
   * @param layers positions and norms
   * @throws IllegalArgumentException if a size is below 1, or the heads do not divide the embedding
   */
  public CondTransformer(
      int in, int cond, int out, CondTransformerOptions options, CondTransformerLayers layers) {
    this(new Sizes(in, cond, out), options, layers);
  }

  private CondTransformer(
      Sizes sizes, CondTransformerOptions options, CondTransformerLayers layers) {
    super(
        PlainParts::new,
        PlainCondTransformer.spaces(sizes, options),
        sizes,
        options,
        layers,
        TransformerNames.V0_7);
    PlainCondTransformer.reset(namedParameters(), options);
    step = new StepEmbedding(options.embedding(), options.maps().dtype());
    registerBuffers("step.", step.buffers());
    registerMasks(options.condHorizon() + 1, () -> true);
  }

  @Override
  Tensor embedded(Tensor steps, long batch) {
    return step.apply(steps, batch);
  }
}
