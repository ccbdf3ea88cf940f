package dev.noether.models;

import dev.noether.nn.LayerType;
import java.util.List;

/**
 * A stack of {@link TransformerEncoderLayer}s, each with weights of its own from the start, and a
 * norm after the last where it is asked for, which layers with norms first need.
 *
 * <p>Names in the state dict: {@code layers.0.*} and so on, {@code norm.*}. Inputs by name: see
 * {@link SequenceEncoder}.
 */
public final class TransformerEncoder extends PlainEncoding<LayerStack<TransformerEncoderLayer>> {
  /** How an architecture describes it. */
  public static final LayerType<TransformerEncoder> TYPE =
      TransformerTypes.PLAIN.stack(
          TransformerEncoder.class,
          TransformerEncoder::size,
          TransformerEncoder::body,
          TransformerEncoder::new);

  /**
   * A stack without a norm after the last layer, as PyTorch's.
   *
   * @param size the number of features of a token
   * @param layers how many layers
   * @param options how each is made: heads, widths, dropout, norms, positions, dtype
   * @throws IllegalArgumentException if there is no layer, or the heads do not divide the size
   */
  public TransformerEncoder(int size, int layers, TransformerLayerOptions options) {
    this(size, StackOptions.of(layers, options));
  }

  TransformerEncoder(int size, StackOptions options) {
    super(
        size,
        LayerStack.of(options, size, TransformerEncoderLayer::new, TransformerEncoderLayer::body));
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
  public static TransformerEncoder withNorm(int size, int layers, TransformerLayerOptions options) {
    return new TransformerEncoder(size, StackOptions.of(layers, options).withNorm());
  }

  /**
   * The layers.
   *
   * @return first to last
   */
  public List<TransformerEncoderLayer> layers() {
    return body().layers();
  }
}
