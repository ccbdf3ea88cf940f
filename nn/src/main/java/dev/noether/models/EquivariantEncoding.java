package dev.noether.models;

import dev.noether.models.TransformerBody.Look;
import dev.noether.nn.EquivariantLayer;
import dev.noether.nn.attention.AttentionMasks;
import dev.noether.nn.attention.AttentionPositions;
import dev.noether.nn.attention.PlainLook;
import dev.noether.plain.PlainGraph;
import dev.noether.rep.Representation;
import dev.noether.torch.Scopes;
import java.util.List;
import java.util.function.Function;
import org.bytedeco.pytorch.Tensor;

/**
 * A transformer encoder that commutes with a group: a layer or a stack of them.
 *
 * @param <B> what it computes
 */
abstract sealed class EquivariantEncoding<B extends TransformerBody> extends EquivariantLayer
    implements SequenceEncoder
    permits EquivariantTransformerEncoderLayer, EquivariantTransformerEncoder {
  private final Representation whole;
  private final B body;

  EquivariantEncoding(
      Representation representation,
      TransformerLayerOptions options,
      Function<LayerParts<Representation>, B> making) {
    super(
        options.maps().restricted(representation),
        options.maps().restricted(representation),
        options.axes());
    whole = representation;
    body = making.apply(new EquivariantParts(this::registerChild));
  }

  B body() {
    return body;
  }

  /** How tokens transform under the whole group, where maps know a subgroup. */
  final Representation whole() {
    return whole;
  }

  /** Without masks, at positions 0, 1, 2, ... */
  @Override
  protected Tensor compute(Tensor input) {
    return forward(input, AttentionMasks.none(), AttentionPositions.inOrder());
  }

  @Override
  public Tensor forward(Tensor src, AttentionMasks masks, AttentionPositions positions) {
    return Scopes.compute(() -> body.apply(src, List.of(new Look(src, masks, positions))));
  }

  @Override
  public <V> V plain(PlainGraph<V> graph, V x, PlainLook<V> look) {
    return body.plain(graph, List.of(x), List.of(look));
  }

  @Override
  public String toString() {
    return getClass().getSimpleName() + "(" + body.words(whole) + ")";
  }

  @Override
  protected long exampleSamples() {
    return EquivariantDecoding.steps(this, super.exampleSamples());
  }
}
