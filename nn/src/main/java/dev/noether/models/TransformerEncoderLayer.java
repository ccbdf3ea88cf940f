package dev.noether.models;

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
 * The plain transformer encoder layer, as PyTorch's {@code TransformerEncoderLayer} with its
 * initialization: self-attention and a feed-forward part, each with a norm and its input added.
 * {@link EquivariantTransformerEncoderLayer} is its equivariant twin.
 *
 * <p>Names in the state dict: {@code self_attn.*}, {@code linear1.*}, {@code linear2.*}, {@code
 * norm1.*}, {@code norm2.*}. Inputs by name: see {@link SequenceEncoder}.
 */
public final class TransformerEncoderLayer extends Layer implements SequenceEncoder {
  /** How an architecture describes it. */
  public static final LayerType<TransformerEncoderLayer> TYPE =
      LayerType.independentOfBases(TransformerEncoderLayer.class)
          .setting("d_model", layer -> layer.size)
          .settings(TransformerOptions.PLAIN, TransformerEncoderLayer::options)
          .setting("names", layer -> layer.block.names(), TransformerNames.V0_4)
          .builds(
              s ->
                  new TransformerEncoderLayer(
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
  public TransformerEncoderLayer(int size, TransformerOptions options) {
    this(size, options, TransformerNames.V0_4);
  }

  TransformerEncoderLayer(int size, TransformerOptions options, TransformerNames names) {
    this.size = size;
    block = TransformerBlock.encodes(new PlainParts(this::registerChild), size, options, names);
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
  public Tensor forward(Tensor src, AttentionMasks masks, AttentionPositions positions) {
    return Scopes.compute(() -> block.encode(src, masks, positions));
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
    return TransformerBlock.port(name, options(), size);
  }

  /** Without masks, at positions 0, 1, 2, ... */
  @Override
  public <V> V plain(PlainGraph<V> graph, V x) {
    return block.plain(graph, List.of(x));
  }

  @Override
  public String toString() {
    return "TransformerEncoderLayer(" + size + ", " + options().words() + ")";
  }
}
