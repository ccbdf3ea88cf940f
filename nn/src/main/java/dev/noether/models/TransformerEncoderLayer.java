package dev.noether.models;

import dev.noether.nn.LayerType;

/**
 * The plain transformer encoder layer, as PyTorch's {@code TransformerEncoderLayer} with its
 * initialization: self-attention and a feed-forward part, each with a norm and its input added.
 * {@link EquivariantTransformerEncoderLayer} is its equivariant twin.
 *
 * <p>Names in the state dict: {@code self_attn.*}, {@code linear1.*}, {@code linear2.*}, {@code
 * norm1.*}, {@code norm2.*}. Inputs by name: see {@link SequenceEncoder}.
 */
public final class TransformerEncoderLayer extends PlainEncoding<TransformerBlock> {
  /** How an architecture describes it. */
  public static final LayerType<TransformerEncoderLayer> TYPE =
      TransformerTypes.PLAIN.layer(
          TransformerEncoderLayer.class,
          TransformerEncoderLayer::size,
          TransformerEncoderLayer::body,
          TransformerEncoderLayer::new);

  /**
   * A layer.
   *
   * @param size the number of features of a token
   * @param options heads, widths, dropout, norms, positions, dtype
   * @throws IllegalArgumentException if the heads do not divide the size
   */
  public TransformerEncoderLayer(int size, TransformerLayerOptions options) {
    this(size, options, TransformerNames.V0_4);
  }

  TransformerEncoderLayer(int size, TransformerLayerOptions options, TransformerNames names) {
    super(size, parts -> TransformerBlock.encodes(parts, size, options, names));
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
