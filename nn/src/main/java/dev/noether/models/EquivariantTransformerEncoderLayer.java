package dev.noether.models;

import dev.noether.nn.EquivariantLayer;
import dev.noether.nn.LayerType;
import dev.noether.nn.attention.AttentionMasks;
import dev.noether.nn.attention.AttentionPositions;
import dev.noether.nn.linear.MapOptions;
import dev.noether.plain.Axes;
import dev.noether.plain.PlainGraph;
import dev.noether.rep.Representation;
import dev.noether.torch.Scopes;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * A transformer encoder layer that commutes with a group: self-attention and a feed-forward part,
 * each with a norm and its input added. Between the two linear maps features are copies of the
 * regular representation, on which a function of every coordinate commutes with the group. Dropout
 * takes whole copies.
 *
 * <p>Names in the state dict: {@code self_attn.*}, {@code linear1.*}, {@code linear2.*}, {@code
 * norm1.*}, {@code norm2.*}. Inputs by name: see {@link SequenceEncoder}.
 */
public final class EquivariantTransformerEncoderLayer extends EquivariantLayer
    implements SequenceEncoder {
  /** How an architecture describes it. */
  public static final LayerType<EquivariantTransformerEncoderLayer> TYPE =
      LayerType.independentOfBases(EquivariantTransformerEncoderLayer.class)
          .representation("in", EquivariantTransformerEncoderLayer::in)
          .settings(TransformerOptions.EQUIVARIANT, EquivariantTransformerEncoderLayer::options)
          .settings(MapOptions.SETTINGS, layer -> layer.options().maps())
          .setting("names", layer -> layer.block.names(), TransformerNames.V0_4)
          .builds(
              s ->
                  new EquivariantTransformerEncoderLayer(
                      s.representation("in"),
                      TransformerOptions.equivariant(s),
                      s.constant(TransformerNames.class, "names")));

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
    this(representation, options, TransformerNames.V0_4);
  }

  EquivariantTransformerEncoderLayer(
      Representation representation, TransformerOptions options, TransformerNames names) {
    super(representation, representation, options.batchFirst() ? Axes.SEQUENCE : Axes.TIME_FIRST);
    block =
        TransformerBlock.encodes(
            new EquivariantParts(this::registerChild), representation, options, names);
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

  @Override
  public Tensor forward(Tensor src, AttentionMasks masks, AttentionPositions positions) {
    return Scopes.compute(() -> block.encode(src, masks, positions));
  }

  /** Without masks, at positions 0, 1, 2, ... */
  @Override
  public <V> V plain(PlainGraph<V> graph, V x) {
    return block.plain(graph, List.of(x));
  }

  @Override
  public String toString() {
    return "EquivariantTransformerEncoderLayer(" + in() + ", " + options().words() + ")";
  }
}
