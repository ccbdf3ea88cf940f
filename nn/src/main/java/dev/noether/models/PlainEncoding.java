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
 * A plain transformer encoder: a layer or a stack of them.
 *
 * @param <B> what it computes
 */
abstract sealed class PlainEncoding<B extends TransformerBody> extends Layer
    implements SequenceEncoder permits TransformerEncoderLayer, TransformerEncoder {
  private final int size;
  private final B body;

  PlainEncoding(int size, Function<LayerParts<Integer>, B> making) {
    this.size = size;
    body = making.apply(new PlainParts(this::registerChild));
  }

  int size() {
    return size;
  }

  B body() {
    return body;
  }

  @Override
  public Tensor forward(Tensor src, AttentionMasks masks, AttentionPositions positions) {
    return Scopes.compute(() -> body.apply(src, List.of(new Look(src, masks, positions))));
  }

  @Override
  public List<Port> inputs() {
    return List.of(body.options().port("input", size));
  }

  @Override
  public Port output() {
    return body.options().port("output", size);
  }

  @Override
  public <V> V plain(PlainGraph<V> graph, V x, PlainLook<V> look) {
    return body.plain(graph, List.of(x), List.of(look));
  }

  @Override
  public String toString() {
    return getClass().getSimpleName() + "(" + body.words(size) + ")";
  }
}
