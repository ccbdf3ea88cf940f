package dev.noether.models;

import dev.noether.models.TransformerBlock.Look;
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
 * The plain transformer decoder layer, as PyTorch's {@code TransformerDecoderLayer} with its
 * initialization: self-attention, attention to a memory and a feed-forward part, each with a norm
 * and its input added. {@link EquivariantTransformerDecoderLayer} is its equivariant twin.
 *
 * <p>Names in the state dict: {@code self_attn.*}, {@code multihead_attn.*}, {@code linear1.*},
 * {@code linear2.*}, {@code norm1.*} to {@code norm3.*}. Inputs by name: {@code tgt}, {@code
 * memory}, {@code tgt_mask}, {@code memory_mask}, {@code tgt_key_padding_mask}, {@code
 * memory_key_padding_mask}, {@code tgt_positions}, {@code memory_positions}, {@code
 * tgt_position_mask}, {@code memory_position_mask}.
 */
public final class TransformerDecoderLayer extends Layer implements NamedInputs, PlainLayer {
  /** How an architecture describes it. */
  public static final LayerType<TransformerDecoderLayer> TYPE =
      LayerType.independentOfBases(TransformerDecoderLayer.class)
          .setting("d_model", layer -> layer.size)
          .settings(TransformerOptions.PLAIN, TransformerDecoderLayer::options)
          .builds(
              s -> new TransformerDecoderLayer(s.whole("d_model"), TransformerOptions.plain(s)));

  private final int size;
  private final TransformerBlock block;

  /**
   * A layer.
   *
   * @param size the number of features of a token
   * @param options heads, widths, dropout, norms, positions, dtype
   * @throws IllegalArgumentException if the heads do not divide the size
   */
  public TransformerDecoderLayer(int size, TransformerOptions options) {
    this.size = size;
    block = TransformerParts.plain(size, true, options, this::registerChild, this::isTraining);
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
   * @param tgt {@code [batch, time, size]}, or as the layout says
   * @param memory {@code [batch, memory time, size]}
   * @return a tensor of the shape of {@code tgt}
   * @throws IllegalArgumentException if a shape, a dtype or a device does not fit
   */
  public Tensor forward(Tensor tgt, Tensor memory) {
    return forward(tgt, memory, AttentionMasks.none(), AttentionMasks.none());
  }

  /**
   * Applies the layer, at positions 0, 1, 2, ...
   *
   * @param tgt {@code [batch, time, size]}, or as the layout says
   * @param memory {@code [batch, memory time, size]}
   * @param selfMasks what tokens may not look at among themselves
   * @param memoryMasks what tokens may not look at in the memory
   * @return a tensor of the shape of {@code tgt}
   * @throws IllegalArgumentException if a shape, a dtype or a device does not fit
   */
  public Tensor forward(
      Tensor tgt, Tensor memory, AttentionMasks selfMasks, AttentionMasks memoryMasks) {
    AttentionPositions inOrder = AttentionPositions.inOrder();
    return forward(tgt, memory, selfMasks, memoryMasks, inOrder, inOrder);
  }

  /**
   * Applies the layer.
   *
   * @param tgt {@code [batch, time, size]}, or as the layout says
   * @param memory {@code [batch, memory time, size]}
   * @param selfMasks what tokens may not look at among themselves
   * @param memoryMasks what tokens may not look at in the memory
   * @param selfPositions where the tokens stand
   * @param memoryPositions where the tokens (as queries) and the memory (as keys) stand
   * @return a tensor of the shape of {@code tgt}
   * @throws IllegalArgumentException if a shape, a dtype or a device does not fit
   */
  public Tensor forward(
      Tensor tgt,
      Tensor memory,
      AttentionMasks selfMasks,
      AttentionMasks memoryMasks,
      AttentionPositions selfPositions,
      AttentionPositions memoryPositions) {
    return Scopes.compute(
        () ->
            block.decode(
                tgt,
                new Look(tgt, selfMasks, selfPositions),
                new Look(memory, memoryMasks, memoryPositions)));
  }

  @Override
  public List<String> requiredInputs() {
    return List.of("tgt", "memory");
  }

  @Override
  public List<String> optionalInputs() {
    return List.of(
        "tgt_mask",
        "memory_mask",
        "tgt_key_padding_mask",
        "memory_key_padding_mask",
        "tgt_positions",
        "memory_positions",
        "tgt_position_mask",
        "memory_position_mask");
  }

  @Override
  public Tensor applyNamed(Map<String, Tensor> inputs) {
    AttentionPositions cross =
        new AttentionPositions(
            inputs.get("tgt_positions"),
            inputs.get("memory_positions"),
            inputs.get("tgt_position_mask"),
            inputs.get("memory_position_mask"));
    return forward(
        inputs.getOrDefault("tgt", new Tensor()),
        inputs.getOrDefault("memory", new Tensor()),
        new AttentionMasks(inputs.get("tgt_mask"), inputs.get("tgt_key_padding_mask"), false),
        new AttentionMasks(inputs.get("memory_mask"), inputs.get("memory_key_padding_mask"), false),
        new AttentionPositions(cross.query(), cross.query(), cross.hasQuery(), cross.hasQuery()),
        cross);
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
    return new Port(name, options().batchFirst() ? Axes.SEQUENCE : Axes.TIME_FIRST, size);
  }

  /** Always refused: the layer takes two inputs. */
  @Override
  public <V> V plain(PlainGraph<V> graph, V x) {
    return plain(graph, List.of(x));
  }

  /** From tokens and memory, without masks; a layer with positions has no plain form. */
  @Override
  public <V> V plain(PlainGraph<V> graph, List<V> inputs) {
    return block.plain(graph, inputs);
  }

  @Override
  public String toString() {
    return "TransformerDecoderLayer(" + size + ", " + options().words() + ")";
  }
}
