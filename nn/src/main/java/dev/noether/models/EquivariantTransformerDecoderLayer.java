package dev.noether.models;

import dev.noether.nn.LayerType;
import dev.noether.rep.Representation;

/**
 * A transformer decoder layer that commutes with a group: self-attention, attention to a memory
 * that transforms as the input does, and a feed-forward part, each with a norm and its input added.
 *
 * <p>Names in the state dict: {@code self_attn.*}, {@code cross_attn.*}, {@code linear1.*}, {@code
 * linear2.*}, {@code norm1.*} to {@code norm3.*}. Inputs by name: see {@link SequenceDecoder}.
 */
public final class EquivariantTransformerDecoderLayer
    extends EquivariantDecoding<TransformerBlock> {
  /** How an architecture describes it. */
  public static final LayerType<EquivariantTransformerDecoderLayer> TYPE =
      TransformerTypes.EQUIVARIANT.layer(
          EquivariantTransformerDecoderLayer.class,
          EquivariantTransformerDecoderLayer::space,
          EquivariantTransformerDecoderLayer::body,
          EquivariantTransformerDecoderLayer::new);

  /**
   * A layer.
   *
   * @param representation how tokens and memory transform
   * @param options heads, widths, dropout, norms, positions, dtype
   * @throws IllegalArgumentException if a head would split a summand, or the activation breaks the
   *     symmetry
   */
  public EquivariantTransformerDecoderLayer(
      Representation representation, TransformerLayerOptions options) {
    this(representation, options, TransformerNames.V0_4);
  }

  EquivariantTransformerDecoderLayer(
      Representation representation, TransformerLayerOptions options, TransformerNames names) {
    super(representation, parts -> TransformerBlock.decodes(parts, representation, options, names));
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
