package dev.noether.models;

import static dev.noether.algebra.Checks.require;

import dev.noether.nn.Layer;
import dev.noether.nn.LayerType;
import dev.noether.nn.attention.AttentionMasks;
import dev.noether.nn.attention.AttentionPositions;
import dev.noether.plain.PlainGraph;
import dev.noether.plain.Port;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * A stack of {@link TransformerDecoderLayer}s, each with weights of its own from the start, and a
 * norm after the last where it is asked for, which layers with norms first need.
 *
 * <p>Names in the state dict: {@code layers.0.*} and so on, {@code norm.*}. Inputs by name: see
 * {@link SequenceDecoder}.
 */
public final class TransformerDecoder extends Layer implements SequenceDecoder {
  /** How an architecture describes it. */
  public static final LayerType<TransformerDecoder> TYPE =
      LayerType.independentOfBases(TransformerDecoder.class)
          .setting("d_model", layer -> layer.size)
          .settings(StackOptions.SETTINGS, layer -> layer.options)
          .settings(TransformerOptions.PLAIN, layer -> layer.options.layer())
          .setting("names", layer -> layer.options.names(), TransformerNames.V0_4)
          .builds(
              s ->
                  new TransformerDecoder(
                      s.whole("d_model"), StackOptions.of(s, TransformerOptions.plain(s))));

  private final int size;
  private final StackOptions options;
  private final LayerStack<TransformerDecoderLayer> stack;

  /**
   * A stack without a norm after the last layer, as PyTorch's.
   *
   * @param size the number of features of a token
   * @param layers how many layers
   * @param options how each is made: heads, widths, dropout, norms, positions, dtype
   * @throws IllegalArgumentException if there is no layer, or the heads do not divide the size
   */
  public TransformerDecoder(int size, int layers, TransformerOptions options) {
    this(size, StackOptions.of(layers, options));
  }

  TransformerDecoder(int size, StackOptions options) {
    this.size = size;
    this.options = options;
    stack =
        new LayerStack<>(
            options,
            this::registerChild,
            i -> new TransformerDecoderLayer(size, options.layer(i), options.names()),
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
  public static TransformerDecoder withNorm(int size, int layers, TransformerOptions options) {
    return new TransformerDecoder(size, StackOptions.of(layers, options).withNorm());
  }

  /**
   * The layers.
   *
   * @return first to last
   */
  public List<TransformerDecoderLayer> layers() {
    return stack.layers();
  }

  @Override
  public Tensor forward(
      Tensor tgt,
      Tensor memory,
      AttentionMasks selfMasks,
      AttentionMasks memoryMasks,
      AttentionPositions selfPositions,
      AttentionPositions memoryPositions) {
    return stack.forward(
        tgt,
        (layer, x) ->
            layer.forward(x, memory, selfMasks, memoryMasks, selfPositions, memoryPositions));
  }

  @Override
  public List<Port> inputs() {
    return List.of(port("tgt"), port("memory"));
  }

  @Override
  public Port output() {
    return port("output");
  }

  private Port port(String name) {
    return TransformerBlock.port(name, options.layer(), size);
  }

  /** From tokens and memory, without masks, both at positions 0, 1, 2, ... */
  @Override
  public <V> V plain(PlainGraph<V> graph, List<V> inputs) {
    require(inputs.size() == 2, "the layer takes 2 inputs, got %d", inputs.size());
    return stack.plain(
        graph, inputs.get(0), (layer, at, y) -> layer.plain(at, Arrays.asList(y, inputs.get(1))));
  }

  @Override
  public String toString() {
    return options.words("TransformerDecoder", size);
  }
}
