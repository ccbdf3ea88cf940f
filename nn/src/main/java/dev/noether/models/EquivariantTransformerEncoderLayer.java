package dev.noether.models;

import dev.noether.nn.LayerType;
import dev.noether.rep.Representation;

/**
 * A transformer encoder layer that commutes with a group: self-attention and a feed-forward part,
 * each with a norm and its input added. Between the two linear maps features are copies of the
 * regular representation, on which a function of every coordinate commutes with the group. Dropout
 * takes whole copies.
 *
 * <p>Names in the state dict: {@code self_attn.*}, {@code linear1.*}, {@code linear2.*}, {@code
 * norm1.*}, {@code norm2.*}. Inputs by name: see {@link SequenceEncoder}.
 */
public final class EquivariantTransformerEncoderLayer
    extends EquivariantEncoding<TransformerBlock> {
  /** How an architecture describes it. */
  public static final LayerType<EquivariantTransformerEncoderLayer> TYPE =
      TransformerTypes.EQUIVARIANT.layer(
          EquivariantTransformerEncoderLayer.class,
          EquivariantEncoding::whole,
          EquivariantTransformerEncoderLayer::body,
          EquivariantTransformerEncoderLayer::new);

  /**
   * A layer.
   *
   * @param representation how tokens transform
   * @param options heads, widths, dropout, norms, positions, dtype
   * @throws IllegalArgumentException if a head would split a summand, or the activation breaks the
   *     symmetry
   */
  public EquivariantTransformerEncoderLayer(
      Representation representation, TransformerLayerOptions options) {
    this(representation, options, TransformerNames.V0_4);
  }

  EquivariantTransformerEncoderLayer(
      Representation representation, TransformerLayerOptions options, TransformerNames names) {
    super(
        representation,
        options,
        parts -> TransformerBlock.encodes(parts, representation, options, names));
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
