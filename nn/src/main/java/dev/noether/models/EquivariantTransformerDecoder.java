package dev.noether.models;

import dev.noether.nn.LayerType;
import dev.noether.rep.Representation;
import java.util.List;

/**
 * A stack of {@link EquivariantTransformerDecoderLayer}s, each with weights of its own from the
 * start, and a norm after the last where it is asked for, which layers with norms first need.
 *
 * <p>Names in the state dict: {@code layers.0.*} and so on, {@code norm.*}. Inputs by name: see
 * {@link SequenceDecoder}.
 */
public final class EquivariantTransformerDecoder
    extends EquivariantDecoding<LayerStack<EquivariantTransformerDecoderLayer>> {
  /** How an architecture describes it. */
  public static final LayerType<EquivariantTransformerDecoder> TYPE =
      TransformerTypes.EQUIVARIANT.stack(
          EquivariantTransformerDecoder.class,
          EquivariantTransformerDecoder::space,
          EquivariantTransformerDecoder::body,
          EquivariantTransformerDecoder::new);

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
      Representation representation, int layers, TransformerLayerOptions options) {
    this(representation, StackOptions.of(layers, options));
  }

  EquivariantTransformerDecoder(Representation representation, StackOptions options) {
    super(
        representation,
        LayerStack.of(
            options,
            representation,
            EquivariantTransformerDecoderLayer::new,
            EquivariantTransformerDecoderLayer::body));
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
      Representation representation, int layers, TransformerLayerOptions options) {
    return new EquivariantTransformerDecoder(
        representation, StackOptions.of(layers, options).withNorm());
  }

  /**
   * The layers.
   *
   * @return first to last
   */
  public List<EquivariantTransformerDecoderLayer> layers() {
    return body().layers();
  }
}
