package dev.noether.nn.attention;

import dev.noether.nn.Layer;
import dev.noether.nn.LayerType;
import dev.noether.nn.Parameter;
import dev.noether.torch.Scopes;
import org.bytedeco.pytorch.Tensor;

/**
 * Attention whose queries and keys get a learned vector of their absolute position added before the
 * projections; values do not. Positions are 0 to {@code max_len - 1}; others are refused.
 *
 * <p>Names in the state dict: {@code attn.*} and {@code pos_emb}, N(0, 0.02) at first.
 */
public final class AdditivePositionalAttention extends Layer implements Attention {
  /** How an architecture describes it. */
  public static final LayerType<AdditivePositionalAttention> TYPE =
      LayerType.independentOfBases(AdditivePositionalAttention.class)
          .setting("embed_dim", layer -> layer.attention.heads().size())
          .setting("max_len", layer -> layer.maxLength)
          .settings(AttentionOptions.PLAIN_SETTINGS, layer -> layer.attention.options())
          .builds(
              s ->
                  new AdditivePositionalAttention(
                      s.whole("embed_dim"), s.whole("max_len"), AttentionOptions.plain(s)));

  private final MultiheadAttention attention;
  private final int maxLength;
  private final Parameter table;

  /**
   * A layer.
   *
   * @param size the number of features
   * @param maxLength the number of positions in the table: 0 to maxLength - 1
   * @param options heads, dropout, layout, and how the projections are made
   * @throws IllegalArgumentException if the heads do not divide the size, or a table of positions
   *     is empty
   */
  public AdditivePositionalAttention(int size, int maxLength, AttentionOptions options) {
    this.maxLength = PositionTable.requireLength(maxLength);
    attention = registerChild("attn", new MultiheadAttention(size, options));
    table = registerParameter("pos_emb", PositionTable.draw(options, maxLength, size));
  }

  /**
   * How the layer was made.
   *
   * @return the options
   */
  public AttentionOptions options() {
    return attention.options();
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
    Heads.Shape shape = attention.heads().shape(query, key, value, masks, this, attention.like());
    return Scopes.compute(
        () -> {
          Tensor all = table.value();
          return attention.forward(
              query.add(at(positions.queries(shape, query), all, shape)),
              key.add(at(positions.keys(shape, key), all, shape)),
              value,
              masks,
              PositionEffect.NONE);
        });
  }

  @Override
  public Tensor weights(
      Tensor query, Tensor key, AttentionMasks masks, AttentionPositions positions) {
    Heads.Shape shape = attention.heads().shape(query, key, key, masks, this, attention.like());
    return Scopes.compute(
        () -> {
          Tensor all = table.value();
          return attention.weights(
              query.add(at(positions.queries(shape, query), all, shape)),
              key.add(at(positions.keys(shape, key), all, shape)),
              masks,
              PositionEffect.NONE);
        });
  }

  private Tensor at(AttentionPositions.Places places, Tensor all, Heads.Shape shape) {
    return PositionTable.rows(all, places, attention.heads(), shape);
  }

  @Override
  public String toString() {
    return "AdditivePositionalAttention("
        + attention.heads().size()
        + ", "
        + options().headCount()
        + ")";
  }
}
