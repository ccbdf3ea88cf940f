package dev.noether.models;

import dev.noether.nn.Layer;
import dev.noether.plain.PlainGraph;
import dev.noether.torch.Scopes;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.IntFunction;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The layers of a stack, one after the other, and the norm that may come last: what encoders and
 * decoders, plain and equivariant, share.
 *
 * @param <L> the type of a layer
 */
final class LayerStack<L extends Layer> {
  /** What one layer makes of the features. */
  @FunctionalInterface
  interface Step<L> {
    /** Features after the layer. */
    Tensor of(L layer, Tensor x);
  }

  /** What one layer's plain form makes of the features. */
  @FunctionalInterface
  interface PlainStep<L, V> {
    /** Features after the layer, written into the graph under the layer's name. */
    V of(L layer, PlainGraph<V> graph, V x);
  }

  private final List<L> layers = new ArrayList<>();
  private final @Nullable Part norm;

  /** Makes the layers and the norm, which become children in their order. */
  <S> LayerStack(
      StackOptions options,
      LayerParts.Registrar registrar,
      IntFunction<L> layer,
      LayerParts<S> parts,
      S space) {
    for (int i = 0; i < options.layers(); i++) {
      L made = layer.apply(i);
      registrar.register(name(i), made);
      layers.add(made);
    }
    norm = options.norm(parts, space);
  }

  private static String name(int place) {
    return "layers." + place;
  }

  List<L> layers() {
    return Collections.unmodifiableList(layers);
  }

  Tensor forward(Tensor input, Step<? super L> step) {
    return Scopes.compute(
        () -> {
          Tensor x = input;
          for (L layer : layers) {
            x = step.of(layer, x);
          }
          return norm == null ? x : norm.apply(x);
        });
  }

  <V> V plain(PlainGraph<V> graph, V input, PlainStep<? super L, V> step) {
    V x = input;
    for (int i = 0; i < layers.size(); i++) {
      x = step.of(layers.get(i), graph.at(name(i)), x);
    }
    return norm == null ? x : norm.plain(graph, x);
  }
}
