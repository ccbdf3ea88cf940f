package dev.noether.models;

import dev.noether.models.TransformerBlock.Look;
import dev.noether.nn.Layer;
import dev.noether.nn.LayerType;
import dev.noether.nn.attention.AttentionMasks;
import dev.noether.nn.attention.AttentionPositions;
import dev.noether.plain.PlainGraph;
import dev.noether.plain.Port;
import dev.noether.torch.Scopes;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * The plain transformer decoder layer, as PyTorch's {@code TransformerDecoderLayer} with its
 * initialization: self-attention, attention to a memory and a feed-forward part, each with a norm
 * and its input added. {@link EquivariantTransformerDecoderLayer} is its equivariant twin.
 *
 * <p>Names in the state dict: {@code self_attn.*}, {@code multihead_attn.*}, {@code linear1.*},
 * {@code linear2.*}, {@code norm1.*} to {@code norm3.*}. Inputs by name: see {@link
 * SequenceDecoder}.
 */
public final class TransformerDecoderLayer extends Layer implements SequenceDecoder {
  /** How an architecture describes it. */
  public static final LayerType<TransformerDecoderLayer> TYPE =
      LayerType.independentOfBases(TransformerDecoderLayer.class)
          .setting("d_model", layer -> layer.size)
          .settings(TransformerOptions.PLAIN, TransformerDecoderLayer::options)
          .setting("names", layer -> layer.block.names(), TransformerNames.V0_4)
          .builds(
              s ->
                  new TransformerDecoderLayer(
                      s.whole("d_model"),
                      TransformerOptions.plain(s),
                      s.constant(TransformerNames.class, "names")));

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
    this(size, options, TransformerNames.V0_4);
  }

  TransformerDecoderLayer(int size, TransformerOptions options, TransformerNames names) {
    this.size = size;
    block = TransformerBlock.decodes(new PlainParts(this::registerChild), size, options, names);
  }

  /**
   * How the layer was made.
   *
   * @return the options
   */
  public TransformerOptions options() {
    return block.options();
  }

  @Override
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
  public List<Port> inputs() {
    return List.of(port("tgt"), port("memory"));
  }

  @Override
  public Port output() {
    return port("output");
  }

  private Port port(String name) {
    return TransformerBlock.port(name, options(), size);
  }

  /** From tokens and memory, without masks, both at positions 0, 1, 2, ... */
  @Override
  public <V> V plain(PlainGraph<V> graph, List<V> inputs) {
    return block.plain(graph, inputs);
  }

  @Override
  public String toString() {
    return "TransformerDecoderLayer(" + size + ", " + options().words() + ")";
  }
}
