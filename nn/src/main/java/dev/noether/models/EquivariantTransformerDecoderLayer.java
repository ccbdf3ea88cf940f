package dev.noether.models;

import dev.noether.models.TransformerBlock.Look;
import dev.noether.nn.EquivariantFunction;
import dev.noether.nn.Layer;
import dev.noether.nn.LayerType;
import dev.noether.nn.attention.AttentionMasks;
import dev.noether.nn.attention.AttentionPositions;
import dev.noether.nn.linear.MapOptions;
import dev.noether.plain.PlainGraph;
import dev.noether.plain.Port;
import dev.noether.rep.Representation;
import dev.noether.torch.Scopes;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/**
 * A transformer decoder layer that commutes with a group: self-attention, attention to a memory
 * that transforms as the input does, and a feed-forward part, each with a norm and its input added.
 *
 * <p>Names in the state dict: {@code self_attn.*}, {@code cross_attn.*}, {@code linear1.*}, {@code
 * linear2.*}, {@code norm1.*} to {@code norm3.*}. Inputs by name: see {@link SequenceDecoder}.
 */
public final class EquivariantTransformerDecoderLayer extends Layer implements SequenceDecoder {
  /** How an architecture describes it. */
  public static final LayerType<EquivariantTransformerDecoderLayer> TYPE =
      LayerType.independentOfBases(EquivariantTransformerDecoderLayer.class)
          .representation("in", EquivariantTransformerDecoderLayer::in)
          .settings(TransformerOptions.EQUIVARIANT, EquivariantTransformerDecoderLayer::options)
          .settings(MapOptions.SETTINGS, layer -> layer.options().maps())
          .setting("names", layer -> layer.block.names(), TransformerNames.V0_4)
          .builds(
              s ->
                  new EquivariantTransformerDecoderLayer(
                      s.representation("in"),
                      TransformerOptions.equivariant(s),
                      s.constant(TransformerNames.class, "names")));

  private final Representation representation;
  private final TransformerBlock block;

  /**
   * A layer.
   *
   * @param representation how tokens and memory transform
   * @param options heads, widths, dropout, norms, positions, dtype
   * @throws IllegalArgumentException if a head would split a summand, or the activation breaks the
   *     symmetry
   */
  public EquivariantTransformerDecoderLayer(
      Representation representation, TransformerOptions options) {
    this(representation, options, TransformerNames.V0_4);
  }

  EquivariantTransformerDecoderLayer(
      Representation representation, TransformerOptions options, TransformerNames names) {
    this.representation = representation;
    block =
        TransformerBlock.decodes(
            new EquivariantParts(this::registerChild), representation, options, names);
  }

  /**
   * How tokens, memory and outputs transform.
   *
   * @return the representation
   */
  public Representation in() {
    return representation;
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

  /** With three tokens and five of memory, in four samples. */
  @Override
  public Optional<EquivariantFunction> equivariance() {
    return Optional.of(DecoderClaim.of(this, representation, options().batchFirst()));
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
    return TransformerBlock.port(name, options(), representation.size());
  }

  /** From tokens and memory, without masks, both at positions 0, 1, 2, ... */
  @Override
  public <V> V plain(PlainGraph<V> graph, List<V> inputs) {
    return block.plain(graph, inputs);
  }

  @Override
  public String toString() {
    return "EquivariantTransformerDecoderLayer(" + representation + ", " + options().words() + ")";
  }
}
