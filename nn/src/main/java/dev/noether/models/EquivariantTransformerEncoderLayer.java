package dev.noether.models;

import dev.noether.nn.EquivariantLayer;
import dev.noether.nn.LayerType;
import dev.noether.nn.attention.AttentionMasks;
import dev.noether.nn.attention.AttentionPositions;
import dev.noether.nn.attention.NamedInputs;
import dev.noether.nn.linear.MapOptions;
import dev.noether.plain.Axes;
import dev.noether.plain.PlainGraph;
import dev.noether.plain.PlainLayer;
import dev.noether.rep.Representation;
import dev.noether.torch.Scopes;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/**
 * A transformer encoder layer that commutes with a group: self-attention and a feed-forward part,
 * each with a norm and its input added. Between the two linear maps features are copies of the
 * regular representation, on which a function of every coordinate commutes with the group. Dropout
 * takes whole copies.
 *
 * <p>Names in the state dict: {@code self_attn.*}, {@code linear1.*}, {@code linear2.*}, {@code
 * norm1.*}, {@code norm2.*}. Inputs by name: {@code src}, {@code src_mask}, {@code
 * src_key_padding_mask}, {@code src_positions}, {@code src_position_mask}.
 */
public final class EquivariantTransformerEncoderLayer extends EquivariantLayer
    implements NamedInputs, PlainLayer {
  /** How an architecture describes it. */
  public static final LayerType<EquivariantTransformerEncoderLayer> TYPE =
      LayerType.independentOfBases(EquivariantTransformerEncoderLayer.class)
          .representation("in", EquivariantTransformerEncoderLayer::in)
          .settings(TransformerOptions.EQUIVARIANT, EquivariantTransformerEncoderLayer::options)
          .settings(MapOptions.SETTINGS, layer -> layer.options().maps())
          .builds(
              s ->
                  new EquivariantTransformerEncoderLayer(
                      s.representation("in"), TransformerOptions.equivariant(s)));

  private final TransformerBlock block;

  /**
   * A layer.
   *
   * @param representation how tokens transform
   * @param options heads, widths, dropout, norms, positions, dtype
   * @throws IllegalArgumentException if a head would split a summand, or the activation breaks the
   *     symmetry
   */
  public EquivariantTransformerEncoderLayer(
      Representation representation, TransformerOptions options) {
    super(representation, representation, options.batchFirst() ? Axes.SEQUENCE : Axes.TIME_FIRST);
    block = TransformerParts.equivariant(representation, false, options, this::registerChild);
  }

  /**
   * How the layer was made.
   *
   * @return the options
   */
  public TransformerOptions options() {
    return block.options();
  }

  /** Without masks, at positions 0, 1, 2, ... */
  @Override
  protected Tensor compute(Tensor input) {
    return block.encode(input, AttentionMasks.none(), AttentionPositions.inOrder());
  }

  /**
   * Applies the layer, at positions 0, 1, 2, ...
   *
   * @param src {@code [batch, time, size]}, or as the layout says
   * @param masks what may not be looked at
   * @return a tensor of the same shape
   * @throws IllegalArgumentException if a shape, a dtype or a device does not fit
   */
  public Tensor forward(Tensor src, AttentionMasks masks) {
    return forward(src, masks, AttentionPositions.inOrder());
  }

  /**
   * Applies the layer.
   *
   * @param src {@code [batch, time, size]}, or as the layout says
   * @param masks what may not be looked at
   * @param positions where the tokens stand
   * @return a tensor of the same shape
   * @throws IllegalArgumentException if a shape, a dtype or a device does not fit
   */
  public Tensor forward(Tensor src, AttentionMasks masks, AttentionPositions positions) {
    return Scopes.compute(() -> block.encode(src, masks, positions));
  }

  @Override
  public List<String> requiredInputs() {
    return List.of("src");
  }

  @Override
  public List<String> optionalInputs() {
    return List.of("src_mask", "src_key_padding_mask", "src_positions", "src_position_mask");
  }

  @Override
  public Tensor applyNamed(Map<String, Tensor> inputs) {
    return forward(
        inputs.getOrDefault("src", new Tensor()),
        new AttentionMasks(inputs.get("src_mask"), inputs.get("src_key_padding_mask"), false),
        new AttentionPositions(
            inputs.get("src_positions"),
            inputs.get("src_positions"),
            inputs.get("src_position_mask"),
            inputs.get("src_position_mask")));
  }

  /** Without masks; a layer with positions has no plain form. */
  @Override
  public <V> V plain(PlainGraph<V> graph, V x) {
    return block.plain(graph, List.of(x));
  }

  @Override
  public String toString() {
    return "EquivariantTransformerEncoderLayer(" + in() + ", " + options().words() + ")";
  }
}
