package dev.noether.models;

import static dev.noether.algebra.Checks.require;

import dev.noether.nn.EquivariantFunction;
import dev.noether.nn.Layer;
import dev.noether.nn.LayerType;
import dev.noether.nn.attention.AttentionMasks;
import dev.noether.nn.attention.AttentionPositions;
import dev.noether.nn.linear.MapOptions;
import dev.noether.plain.PlainGraph;
import dev.noether.plain.Port;
import dev.noether.rep.Representation;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/**
 * A stack of {@link EquivariantTransformerDecoderLayer}s, each with weights of its own from the
 * start, and a norm after the last where it is asked for, which layers with norms first need.
 *
 * <p>Names in the state dict: {@code layers.0.*} and so on, {@code norm.*}. Inputs by name: see
 * {@link SequenceDecoder}.
 */
public final class EquivariantTransformerDecoder extends Layer implements SequenceDecoder {
  /** How an architecture describes it. */
  public static final LayerType<EquivariantTransformerDecoder> TYPE =
      LayerType.independentOfBases(EquivariantTransformerDecoder.class)
          .representation("in", EquivariantTransformerDecoder::in)
          .settings(StackOptions.SETTINGS, layer -> layer.options)
          .settings(TransformerOptions.EQUIVARIANT, layer -> layer.options.layer())
          .settings(MapOptions.SETTINGS, layer -> layer.options.layer().maps())
          .setting("names", layer -> layer.options.names(), TransformerNames.V0_4)
          .builds(
              s ->
                  new EquivariantTransformerDecoder(
                      s.representation("in"),
                      StackOptions.of(s, TransformerOptions.equivariant(s))));

  private final Representation representation;
  private final StackOptions options;
  private final LayerStack<EquivariantTransformerDecoderLayer> stack;

  /**
   * A stack without a norm after the last layer, as PyTorch's.
   *
   * @param representation how tokens and memory transform
   * @param layers how many layers
   * @param options how each is made: heads, widths, dropout, norms, positions, dtype
   * @throws IllegalArgumentException if there is no layer, a head would split a summand, or the
   *     activation breaks the symmetry
   */
  public EquivariantTransformerDecoder(
      Representation representation, int layers, TransformerOptions options) {
    this(representation, StackOptions.of(layers, options));
  }

  EquivariantTransformerDecoder(Representation representation, StackOptions options) {
    this.representation = representation;
    this.options = options;
    stack =
        new LayerStack<>(
            options,
            this::registerChild,
            i ->
                new EquivariantTransformerDecoderLayer(
                    representation, options.layer(i), options.names()),
            new EquivariantParts(this::registerChild),
            representation);
  }

  /**
   * A stack with a norm of the layers' kind after the last layer.
   *
   * @param representation how tokens and memory transform
   * @param layers how many layers
   * @param options how each is made: heads, widths, dropout, norms, positions, dtype
   * @return a new stack
   * @throws IllegalArgumentException if there is no layer, a head would split a summand, or the
   *     activation breaks the symmetry
   */
  public static EquivariantTransformerDecoder withNorm(
      Representation representation, int layers, TransformerOptions options) {
    return new EquivariantTransformerDecoder(
        representation, StackOptions.of(layers, options).withNorm());
  }

  /**
   * How tokens, memory and outputs transform.
   *
   * @return the representation
   */
  public Representation in() {
    return representation;
  }

  /**
   * The layers.
   *
   * @return first to last
   */
  public List<EquivariantTransformerDecoderLayer> layers() {
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

  /** With three tokens and five of memory, in four samples. */
  @Override
  public Optional<EquivariantFunction> equivariance() {
    return Optional.of(DecoderClaim.of(this, representation, options.layer().batchFirst()));
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
    return TransformerBlock.port(name, options.layer(), representation.size());
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
    return options.words("EquivariantTransformerDecoder", representation);
  }
}
