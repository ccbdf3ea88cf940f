package dev.noether.nn.attention;

import dev.noether.nn.Layer;
import dev.noether.nn.LayerType;
import dev.noether.nn.linear.Linear;
import dev.noether.torch.Scopes;
import org.bytedeco.pytorch.Tensor;

/**
 * Attention whose projected queries and keys turn by angles of their positions, so that scores
 * depend on distances only: in each head, features (2i, 2i + 1) by p base^(-2i / width) at position
 * p. See Su et al., <em>RoFormer</em> (2021).
 *
 * <p>Names in the state dict: {@code q_proj.*}, {@code k_proj.*}, {@code v_proj.*} and {@code
 * out_proj.*}.
 */
public final class RotaryPositionalAttention extends Layer implements Attention {
  /** How an architecture describes it. */
  public static final LayerType<RotaryPositionalAttention> TYPE =
      LayerType.independentOfBases(RotaryPositionalAttention.class)
          .setting("embed_dim", layer -> layer.heads.size())
          .setting("rope_base", layer -> layer.base, 10000.0)
          .settings(AttentionOptions.PLAIN_SETTINGS, layer -> layer.options)
          .builds(
              s ->
                  new RotaryPositionalAttention(
                      s.whole("embed_dim"), s.number("rope_base"), AttentionOptions.plain(s)));

  private final AttentionOptions options;
  private final Heads heads;
  private final Linear queries;
  private final Linear keys;
  private final Linear values;
  private final Linear output;
  private final double base;
  private final Rotation rotation;

  /**
   * A layer.
   *
   * @param size the number of features
   * @param base the base of the frequencies, 10000 in RoFormer
   * @param options heads, dropout, layout, and how the projections are made
   * @throws IllegalArgumentException if the heads do not divide the size, or a part of a head has
   *     no partner to turn with
   */
  public RotaryPositionalAttention(int size, double base, AttentionOptions options) {
    this.base = base;
    this.options = options;
    MultiheadAttention.requireHeads(size, options.heads());
    heads = new Heads(size, options);
    queries = projection("q_proj", 0);
    keys = projection("k_proj", 1);
    values = projection("v_proj", 2);
    output = projection("out_proj", 3);
    rotation = Rotation.ofFeatures(heads, base);
    registerBuffers("rotation.", rotation.buffers());
  }

  private Linear projection(String name, int part) {
    return registerChild(
        name, new Linear(heads.size(), heads.size(), MultiheadAttention.dense(options, part)));
  }

  /**
   * How the layer was made.
   *
   * @return the options
   */
  public AttentionOptions options() {
    return options;
  }

  /**
   * Self-attention without masks, at positions 0, 1, 2, ...
   *
   * @param input {@code [batch, time, size]}, or as the layout says
   * @return a tensor of the same shape
   * @throws IllegalArgumentException if the shape, the dtype or the device does not fit
   */
  public Tensor forward(Tensor input) {
    return forward(input, input, input, AttentionMasks.none(), AttentionPositions.inOrder());
  }

  @Override
  public Tensor forward(
      Tensor query, Tensor key, Tensor value, AttentionMasks masks, AttentionPositions positions) {
    Heads.Shape shape = heads.shape(query, key, value, masks, this, queries.weight());
    return Scopes.compute(
        () -> {
          Tensor[] all = {queries.forward(query), keys.forward(key), values.forward(value)};
          double dropout = isTraining() ? options.dropout() : 0;
          PositionEffect effect = effect(positions, shape, query);
          return output.forward(heads.attend(all, shape, masks, effect, dropout));
        });
  }

  @Override
  public Tensor weights(
      Tensor query, Tensor key, AttentionMasks masks, AttentionPositions positions) {
    Heads.Shape shape = heads.shape(query, key, key, masks, this, queries.weight());
    return Scopes.compute(
        () ->
            heads.weights(
                queries.forward(query),
                keys.forward(key),
                shape,
                masks,
                effect(positions, shape, query)));
  }

  private PositionEffect effect(AttentionPositions positions, Heads.Shape shape, Tensor like) {
    return rotation.effect(positions.queries(shape, like), positions.keys(shape, like), shape);
  }

  @Override
  public String toString() {
    return "RotaryPositionalAttention(" + heads.size() + ", " + options().headCount() + ")";
  }
}
