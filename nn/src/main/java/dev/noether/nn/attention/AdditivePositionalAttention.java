package dev.noether.nn.attention;

import dev.noether.nn.LayerType;
import dev.noether.nn.Parameter;

/**
 * Attention whose queries and keys get a learned vector of their absolute position added before the
 * projections; values do not. Positions are 0 to {@code max_len - 1}; others are refused.
 *
 * <p>Names in the state dict: {@code attn.*} and {@code pos_emb}, N(0, 0.02) at first.
 */
public final class AdditivePositionalAttention extends PlainAttention {
  /** How an architecture describes it. */
  public static final LayerType<AdditivePositionalAttention> TYPE =
      LayerType.independentOfBases(AdditivePositionalAttention.class)
          .setting("embed_dim", layer -> layer.core().heads().size())
          .setting("max_len", layer -> layer.maxLength)
          .settings(AttentionOptions.PLAIN_SETTINGS, PlainAttention::options)
          .builds(
              s ->
                  new AdditivePositionalAttention(
                      s.whole("embed_dim"), s.whole("max_len"), AttentionOptions.plain(s)));

  private final AttentionCore core;
  private final int maxLength;

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
    MultiheadAttention attention = registerChild("attn", new MultiheadAttention(size, options));
    Parameter table = registerWithoutDecay("pos_emb", PositionTable.draw(options, maxLength, size));
    core =
        attention
            .core()
            .under("attn")
            .with(new PositionTable.Embedding(table::value, attention.core().heads()));
  }

  @Override
  AttentionCore core() {
    return core;
  }
}
