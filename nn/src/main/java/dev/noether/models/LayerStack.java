package dev.noether.models;

import dev.noether.nn.Layer;
import dev.noether.nn.attention.PlainLook;
import dev.noether.plain.PlainGraph;
import dev.noether.torch.Scopes;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Function;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The layers of a stack, one after the other, and the norm that may come last: what encoders and
 * decoders, plain and equivariant, share.
 *
 * @param <L> the type of a layer
 */
final class LayerStack<L extends Layer> implements TransformerBody {
  private final StackOptions stack;
  private final List<L> layers = new ArrayList<>();
  private final List<TransformerBody> bodies = new ArrayList<>();
  private final @Nullable Part norm;

  /** Makes the layers and the norm, which become children in their order. */
  private <S> LayerStack(
      StackOptions stack,
      LayerParts<S> parts,
      S space,
      TransformerTypes.Making<S, L> layer,
      Function<L, ? extends TransformerBody> body) {
    this.stack = stack;
    for (int i = 0; i < stack.layers(); i++) {
      L made = parts.registered(name(i), layer.of(space, stack.layer(i), stack.names()));
      layers.add(made);
      bodies.add(body.apply(made));
    }
    norm = stack.norm(parts, space);
  }

  /** The same once the parts of a model are known. */
  static <S, L extends Layer> Function<LayerParts<S>, LayerStack<L>> of(
      StackOptions stack,
      S space,
      TransformerTypes.Making<S, L> layer,
      Function<L, ? extends TransformerBody> body) {
    return parts -> new LayerStack<>(stack, parts, space, layer, body);
  }

  private static String name(int place) {
    return "layers." + place;
  }

  StackOptions stack() {
    return stack;
  }

  List<L> layers() {
    return Collections.unmodifiableList(layers);
  }

  @Override
  public TransformerLayerOptions options() {
    return stack.layer();
  }

  @Override
  public TransformerNames names() {
    return stack.names();
  }

  @Override
  public Tensor apply(Tensor input, List<Look> looks) {
    Tensor x = input;
    for (TransformerBody body : bodies) {
      Tensor entering = x;
      x = Scopes.compute(() -> body.apply(entering, looks));
    }
    return norm == null ? x : norm.apply(x);
  }

  @Override
  public <V> V plain(PlainGraph<V> graph, List<V> inputs, List<PlainLook<V>> looks) {
    List<V> current = new ArrayList<>(inputs);
    for (int i = 0; i < bodies.size(); i++) {
      current.set(0, bodies.get(i).plain(graph.at(name(i)), current, looks));
    }
    V x = current.get(0);
    return norm == null ? x : norm.plain(graph, x);
  }

  @Override
  public String words(Object space) {
    return stack.words(space);
  }
}
