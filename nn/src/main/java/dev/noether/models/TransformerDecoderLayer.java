package dev.noether.models;

import dev.noether.nn.LayerType;

/**
 * The plain transformer decoder layer, as PyTorch's {@code TransformerDecoderLayer} with its
 * initialization: self-attention, attention to a memory and a feed-forward part, each with a norm
 * and its input added. {@link EquivariantTransformerDecoderLayer} is its equivariant twin.
 *
 * <p>Names in the state dict: {@code self_attn.*}, {@code multihead_attn.*}, {@code linear1.*},
 * {@code linear2.*}, {@code norm1.*} to {@code norm3.*}. Inputs by name: see {@link
 * SequenceDecoder}.
 */
public final class TransformerDecoderLayer extends Decoding<Integer, TransformerBlock> {
  /** How an architecture describes it. */
  public static final LayerType<TransformerDecoderLayer> TYPE =
      TransformerTypes.PLAIN.layer(
          TransformerDecoderLayer.class,
          TransformerDecoderLayer::space,
          TransformerDecoderLayer::body,
          TransformerDecoderLayer::new);

  /**
   * A layer.
   *
   * @param size the number of features of a token
   * @param options heads, widths, dropout, norms, positions, dtype
   * @throws IllegalArgumentException if the heads do not divide the size
   */
  public TransformerDecoderLayer(int size, TransformerLayerOptions options) {
    this(size, options, TransformerNames.V0_4);
  }

  TransformerDecoderLayer(int size, TransformerLayerOptions options, TransformerNames names) {
    super(
        size,
        size,
        PlainParts::new,
        parts -> TransformerBlock.decodes(parts, size, options, names));
  }

  /**
   * How the layer was made.
   *
   * @return the options
   */
  public TransformerLayerOptions options() {
    return body().options();
  }
}
