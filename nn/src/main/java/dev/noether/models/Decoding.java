package dev.noether.models;

import dev.noether.models.TransformerBody.Look;
import dev.noether.nn.Layer;
import dev.noether.nn.attention.AttentionMasks;
import dev.noether.nn.attention.AttentionPositions;
import dev.noether.nn.attention.PlainLook;
import dev.noether.plain.PlainGraph;
import dev.noether.plain.Port;
import dev.noether.torch.Scopes;
import java.util.List;
import java.util.function.Function;
import org.bytedeco.pytorch.Tensor;

/**
 * A transformer decoder: a layer or a stack of them, plain or equivariant.
 *
 * @param <S> what features are: a number of them, or a representation
 * @param <B> what it computes
 */
abstract sealed class Decoding<S, B extends TransformerBody> extends Layer
    implements SequenceDecoder
    permits TransformerDecoderLayer, TransformerDecoder, EquivariantDecoding {
  private final S space;
  private final int size;
  private final B body;

  Decoding(
      S space,
      int size,
      Function<LayerParts.Registrar, LayerParts<S>> kind,
      Function<LayerParts<S>, B> making) {
    this.space = space;
    this.size = size;
    body = making.apply(kind.apply(this::registerChild));
  }

  S space() {
    return space;
  }

  B body() {
    return body;
  }

  @Override
  public Tensor forward(
      Tensor tgt,
      Tensor memory,
      AttentionMasks selfMasks,
      AttentionMasks memoryMasks,
      AttentionPositions selfPositions,
      AttentionPositions memoryPositions) {
    List<Look> looks =
        List.of(
            new Look(tgt, selfMasks, selfPositions),
            new Look(memory, memoryMasks, memoryPositions));
    return Scopes.compute(() -> body.apply(tgt, looks));
  }

  @Override
  public List<Port> inputs() {
    return List.of(body.options().port("tgt", size), body.options().port("memory", size));
  }

  @Override
  public Port output() {
    return body.options().port("output", size);
  }

  @Override
  public <V> V plain(PlainGraph<V> graph, List<V> inputs, PlainLook<V> self, PlainLook<V> memory) {
    return body.plain(graph, inputs, List.of(self, memory));
  }

  @Override
  public String toString() {
    return getClass().getSimpleName() + "(" + body.words(space) + ")";
  }
}
