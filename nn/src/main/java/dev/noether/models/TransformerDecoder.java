package dev.noether.models;

import dev.noether.nn.LayerType;
import java.util.List;

/**
 * A stack of {@link TransformerDecoderLayer}s, each with weights of its own from the start, and a
 * norm after the last where it is asked for, which layers with norms first need.
 *
 * <p>Names in the state dict: {@code layers.0.*} and so on, {@code norm.*}. Inputs by name: see
 * {@link SequenceDecoder}.
 */
public final class TransformerDecoder
    extends Decoding<Integer, LayerStack<TransformerDecoderLayer>> {
  /** How an architecture describes it. */
  public static final LayerType<TransformerDecoder> TYPE =
      TransformerTypes.PLAIN.stack(
          TransformerDecoder.class,
          TransformerDecoder::space,
          TransformerDecoder::body,
          TransformerDecoder::new);

  /**
   * A stack without a norm after the last layer, as PyTorch's.
   *
   * @param size the number of features of a token
   * @param layers how many layers
   * @param options how each is made: heads, widths, dropout, norms, positions, dtype
   * @throws IllegalArgumentException if there is no layer, or the heads do not divide the size
   */
  public TransformerDecoder(int size, int layers, TransformerLayerOptions options) {
    this(size, StackOptions.of(layers, options));
  }

  TransformerDecoder(int size, StackOptions options) {
    super(
        size,
        size,
        PlainParts::new,
        LayerStack.of(options, size, TransformerDecoderLayer::new, TransformerDecoderLayer::body));
  }

  /**
   * A stack with a norm of the layers' kind after the last layer.
   *
   * @param size the number of features of a token
   * @param layers how many layers
   * @param options how each is made: heads, widths, dropout, norms, positions, dtype
   * @return a new stack
   * @throws IllegalArgumentException if there is no layer, or the heads do not divide the size
   */
  public static TransformerDecoder withNorm(int size, int layers, TransformerLayerOptions options) {
    return new TransformerDecoder(size, StackOptions.of(layers, options).withNorm());
  }

  /**
   * The layers.
   *
   * @return first to last
   */
  public List<TransformerDecoderLayer> layers() {
    return body().layers();
  }
}
