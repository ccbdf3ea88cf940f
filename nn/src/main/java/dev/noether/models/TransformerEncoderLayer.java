package dev.noether.models;

import dev.noether.nn.Layer;
import dev.noether.nn.LayerType;
import dev.noether.nn.attention.AttentionMasks;
import dev.noether.nn.attention.AttentionPositions;
import dev.noether.nn.attention.NamedInputs;
import dev.noether.plain.Axes;
import dev.noether.plain.PlainGraph;
import dev.noether.plain.PlainLayer;
import dev.noether.plain.Port;
import dev.noether.torch.Scopes;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/**
 * The plain transformer encoder layer, as PyTorch's {@code TransformerEncoderLayer} with its
 * initialization: self-attention and a feed-forward part, each with a norm and its input added.
 * {@link EquivariantTransformerEncoderLayer} is its equivariant twin.
 *
 * <p>Names in the state dict: {@code self_attn.*}, {@code linear1.*}, {@code linear2.*}, {@code
 * norm1.*}, {@code norm2.*}. Inputs by name: {@code src}, {@code src_mask}, {@code
 * src_key_padding_mask}, {@code src_positions}, {@code src_position_mask}.
 */
public final class TransformerEncoderLayer extends Layer implements NamedInputs, PlainLayer {
  /** How an architecture describes it. */
  public static final LayerType<TransformerEncoderLayer> TYPE =
      LayerType.independentOfBases(TransformerEncoderLayer.class)
          .setting("d_model", layer -> layer.size)
          .settings(TransformerOptions.PLAIN, TransformerEncoderLayer::options)
          .builds(
              s -> new TransformerEncoderLayer(s.whole("d_model"), TransformerOptions.plain(s)));

  private final int size;
  private final TransformerBlock block;

  /**
   * A layer.
   *
   * @param size the number of features of a token
   * @param options heads, widths, dropout, norms, positions, dtype
   * @throws IllegalArgumentException if the heads do not divide the size
   */
  public TransformerEncoderLayer(int size, TransformerOptions options) {
    this.size = size;
    block = TransformerParts.plain(size, false, options, this::registerChild, this::isTraining);
  }

  /**
   * How the layer was made.
   *
   * @return the options
   */
  public TransformerOptions options() {
    return block.options();
  }

  /**
   * Applies the layer without masks, at positions 0, 1, 2, ...
   *
   * @param src {@code [batch, time, size]}, or as the layout says
   * @return a tensor of the same shape
   * @throws IllegalArgumentException if the shape, the dtype or the device does not fit
   */
  public Tensor forward(Tensor src) {
    return forward(src, AttentionMasks.none());
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

  @Override
  public List<Port> inputs() {
    return List.of(port("input"));
  }

  @Override
  public Port output() {
    return port("output");
  }

  private Port port(String name) {
    return new Port(name, options().batchFirst() ? Axes.SEQUENCE : Axes.TIME_FIRST, size);
  }

  /** Without masks; a layer with positions has no plain form. */
  @Override
  public <V> V plain(PlainGraph<V> graph, V x) {
    return block.plain(graph, List.of(x));
  }

  @Override
  public String toString() {
    return "TransformerEncoderLayer(" + size + ", " + options().words() + ")";
  }
}
