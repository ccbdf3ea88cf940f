package dev.noether.models;

import dev.noether.nn.Layer;
import dev.noether.nn.LayerType;
import dev.noether.nn.attention.AttentionMasks;
import dev.noether.nn.attention.AttentionPositions;
import dev.noether.plain.PlainGraph;
import dev.noether.plain.Port;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * A stack of {@link TransformerEncoderLayer}s, each with weights of its own from the start, and a
 * norm after the last where it is asked for, which layers with norms first need.
 *
 * <p>Names in the state dict: {@code layers.0.*} and so on, {@code norm.*}. Inputs by name: see
 * {@link SequenceEncoder}.
 */
public final class TransformerEncoder extends Layer implements SequenceEncoder {
  /** How an architecture describes it. */
  public static final LayerType<TransformerEncoder> TYPE =
      LayerType.independentOfBases(TransformerEncoder.class)
          .setting("d_model", layer -> layer.size)
          .settings(StackOptions.SETTINGS, layer -> layer.options)
          .settings(TransformerOptions.PLAIN, layer -> layer.options.layer())
          .setting("names", layer -> layer.options.names(), TransformerNames.V0_4)
          .builds(
              s ->
                  new TransformerEncoder(
                      s.whole("d_model"), StackOptions.of(s, TransformerOptions.plain(s))));

  private final int size;
  private final StackOptions options;
  private final LayerStack<TransformerEncoderLayer> stack;

  /**
   * A stack without a norm after the last layer, as PyTorch's.
   *
   * @param size the number of features of a token
   * @param layers how many layers
   * @param options how each is made: heads, widths, dropout, norms, positions, dtype
   * @throws IllegalArgumentException if there is no layer, or the heads do not divide the size
   */
  public TransformerEncoder(int size, int layers, TransformerOptions options) {
    this(size, StackOptions.of(layers, options));
  }

  TransformerEncoder(int size, StackOptions options) {
    this.size = size;
    this.options = options;
    stack =
        new LayerStack<>(
            options,
            this::registerChild,
            i -> new TransformerEncoderLayer(size, options.layer(i), options.names()),
            new PlainParts(this::registerChild),
            size);
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
  public static TransformerEncoder withNorm(int size, int layers, TransformerOptions options) {
    return new TransformerEncoder(size, StackOptions.of(layers, options).withNorm());
  }

  /**
   * The layers.
   *
   * @return first to last
   */
  public List<TransformerEncoderLayer> layers() {
    return stack.layers();
  }

  @Override
  public Tensor forward(Tensor src, AttentionMasks masks, AttentionPositions positions) {
    return stack.forward(src, (layer, x) -> layer.forward(x, masks, positions));
  }

  @Override
  public List<Port> inputs() {
    return List.of(port("input"));
  }

  @Override
  public Port output() {
    return port("output");
  }

  private Port port(String name) {
    return TransformerBlock.port(name, options.layer(), size);
  }

  /** Without masks, at positions 0, 1, 2, ... */
  @Override
  public <V> V plain(PlainGraph<V> graph, V x) {
    return stack.plain(graph, x, (layer, at, y) -> layer.plain(at, y));
  }

  @Override
  public String toString() {
    return options.words("TransformerEncoder", size);
  }
}
