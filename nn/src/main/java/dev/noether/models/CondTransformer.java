package dev.noether.models;

import dev.noether.nn.LayerType;

/**
 * The plain conditional transformer whose attention knows positions: absolute, relative or rotary.
 * The step has none; with absolute positions conditioning counts on after it, with others the last
 * conditioning and the first input are at one time. Weights are N(0, 0.02) at first, biases zero.
 * {@link EquivariantCondTransformer} is its equivariant twin.
 *
 * <p>Names in the state dict: {@code input_emb.*}, {@code cond_emb.*}, {@code encoder.*}, {@code
 * decoder.layers.0.*} and so on, {@code layer_norm.*}, {@code head.*}.
 */
public final class CondTransformer extends PlainConditionalTransformer {
  /** How an architecture describes it. */
  public static final LayerType<CondTransformer> TYPE =
      type(CondTransformer.class)
          .settings(CondTransformerLayers.SETTINGS, layer -> layer.layers())
          .builds(
              s ->
                  new CondTransformer(
                      sizes(s), CondTransformerOptions.plain(s), CondTransformerLayers.of(s)));

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
    this(new Widths(in, cond, out), options, layers);
  }

  private CondTransformer(
      Widths sizes, CondTransformerOptions options, CondTransformerLayers layers) {
    super(sizes, options, layers, TransformerNames.V0_7);
  }
}
