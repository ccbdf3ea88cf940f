package dev.noether.models;

import dev.noether.nn.EquivariantLayer;
import dev.noether.nn.LayerType;
import dev.noether.nn.attention.AttentionMasks;
import dev.noether.nn.attention.AttentionPositions;
import dev.noether.nn.linear.MapOptions;
import dev.noether.plain.Axes;
import dev.noether.plain.PlainGraph;
import dev.noether.rep.Representation;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * A stack of {@link EquivariantTransformerEncoderLayer}s, each with weights of its own from the
 * start, and a norm after the last where it is asked for, which layers with norms first need.
 *
 * <p>Names in the state dict: {@code layers.0.*} and so on, {@code norm.*}. Inputs by name: see
 * {@link SequenceEncoder}.
 */
public final class EquivariantTransformerEncoder extends EquivariantLayer
    implements SequenceEncoder {
  /** How an architecture describes it. */
  public static final LayerType<EquivariantTransformerEncoder> TYPE =
      LayerType.independentOfBases(EquivariantTransformerEncoder.class)
          .representation("in", EquivariantTransformerEncoder::in)
          .settings(StackOptions.SETTINGS, layer -> layer.options)
          .settings(TransformerOptions.EQUIVARIANT, layer -> layer.options.layer())
          .settings(MapOptions.SETTINGS, layer -> layer.options.layer().maps())
          .setting("names", layer -> layer.options.names(), TransformerNames.V0_4)
          .builds(
              s ->
                  new EquivariantTransformerEncoder(
                      s.representation("in"),
                      StackOptions.of(s, TransformerOptions.equivariant(s))));

  private final StackOptions options;
  private final LayerStack<EquivariantTransformerEncoderLayer> stack;

  /**
   * A stack without a norm after the last layer, as PyTorch's.
   *
   * @param representation how tokens transform
   * @param layers how many layers
   * @param options how each is made: heads, widths, dropout, norms, positions, dtype
   * @throws IllegalArgumentException if there is no layer, a head would split a summand, or the
   *     activation breaks the symmetry
   */
  public EquivariantTransformerEncoder(
      Representation representation, int layers, TransformerOptions options) {
    this(representation, StackOptions.of(layers, options));
  }

  EquivariantTransformerEncoder(Representation representation, StackOptions options) {
    super(
        representation,
        representation,
        options.layer().batchFirst() ? Axes.SEQUENCE : Axes.TIME_FIRST);
    this.options = options;
    stack =
        new LayerStack<>(
            options,
            this::registerChild,
            i ->
                new EquivariantTransformerEncoderLayer(
                    representation, options.layer(i), options.names()),
            new EquivariantParts(this::registerChild),
            representation);
  }

  /**
   * A stack with a norm of the layers' kind after the last layer.
   *
   * @param representation how tokens transform
   * @param layers how many layers
   * @param options how each is made: heads, widths, dropout, norms, positions, dtype
   * @return a new stack
   * @throws IllegalArgumentException if there is no layer, a head would split a summand, or the
   *     activation breaks the symmetry
   */
  public static EquivariantTransformerEncoder withNorm(
      Representation representation, int layers, TransformerOptions options) {
    return new EquivariantTransformerEncoder(
        representation, StackOptions.of(layers, options).withNorm());
  }

  /**
   * The layers.
   *
   * @return first to last
   */
  public List<EquivariantTransformerEncoderLayer> layers() {
    return stack.layers();
  }

  /** Without masks, at positions 0, 1, 2, ... */
  @Override
  protected Tensor compute(Tensor input) {
    return forward(input, AttentionMasks.none(), AttentionPositions.inOrder());
  }

  @Override
  public Tensor forward(Tensor src, AttentionMasks masks, AttentionPositions positions) {
    return stack.forward(src, (layer, x) -> layer.forward(x, masks, positions));
  }

  /** Without masks, at positions 0, 1, 2, ... */
  @Override
  public <V> V plain(PlainGraph<V> graph, V x) {
    return stack.plain(graph, x, (layer, at, y) -> layer.plain(at, y));
  }

  @Override
  public String toString() {
    return options.words("EquivariantTransformerEncoder", in());
  }
}
