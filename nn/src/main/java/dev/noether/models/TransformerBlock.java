package dev.noether.models;

import static dev.noether.algebra.Checks.require;

import dev.noether.nn.attention.Attention;
import dev.noether.nn.attention.AttentionMasks;
import dev.noether.nn.attention.AttentionPositions;
import dev.noether.plain.PlainGraph;
import dev.noether.plain.PlainLayer;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;

/**
 * The formula of transformer layers, equivariant or not: attention to itself, attention to a memory
 * in a decoder, feed-forward, each with a norm and the input added.
 *
 * @param options how the layer was made
 * @param attentions to itself, and to the memory in a decoder, with their names
 * @param norms one for each attention, and that of the feed-forward part
 * @param linear1 from the features to the hidden ones
 * @param linear2 back
 * @param dropout of hidden features
 * @param residualDropout of what is added to the input
 */
record TransformerBlock(
    TransformerOptions options,
    List<Named<Attention>> attentions,
    List<Part> norms,
    Part linear1,
    Part linear2,
    UnaryOperator<Tensor> dropout,
    UnaryOperator<Tensor> residualDropout) {
  /** A part with its name in the layer. */
  record Named<T>(String name, T part) {}

  /** A layer of one input, as a function and as its plain form. */
  record Part(String name, UnaryOperator<Tensor> function, PlainLayer form) {
    <V> V plain(PlainGraph<V> graph, V x) {
      return form.plain(graph.at(name), x);
    }
  }

  /** What an attention looks at besides its query. */
  record Look(Tensor memory, AttentionMasks masks, AttentionPositions positions) {}

  Tensor encode(Tensor x, AttentionMasks masks, AttentionPositions positions) {
    return feedForward(attend(0, x, new Look(x, masks, positions), true));
  }

  Tensor decode(Tensor x, Look self, Look cross) {
    return feedForward(attend(1, attend(0, x, self, true), cross, false));
  }

  private Tensor attend(int place, Tensor x, Look look, boolean self) {
    Attention attention = attentions.get(place).part();
    return residual(
        x,
        norms.get(place),
        query -> {
          Tensor memory = self ? query : look.memory;
          return attention.forward(query, memory, memory, look.masks, look.positions);
        });
  }

  private Tensor feedForward(Tensor x) {
    return residual(
        x,
        norms.get(norms.size() - 1),
        input -> {
          Tensor hidden = options.activation().apply(linear1.function.apply(input));
          return linear2.function.apply(dropout.apply(hidden));
        });
  }

  private Tensor residual(Tensor x, Part norm, UnaryOperator<Tensor> part) {
    if (options.normFirst()) {
      return x.add(residualDropout.apply(part.apply(norm.function.apply(x))));
    }
    return norm.function.apply(x.add(residualDropout.apply(part.apply(x))));
  }

  /** The plain form: of an encoder layer from one input, of a decoder layer from two. */
  <V> V plain(PlainGraph<V> graph, List<V> inputs) {
    require(
        inputs.size() == attentions.size(),
        "the layer takes %d inputs, got %d",
        attentions.size(),
        inputs.size());
    V x = inputs.get(0);
    for (int i = 0; i < attentions.size(); i++) {
      Named<Attention> attention = attentions.get(i);
      PlainGraph<V> inside = graph.at(attention.name);
      boolean self = i == 0;
      x =
          plainResidual(
              graph,
              x,
              norms.get(i),
              query ->
                  attention.part.plainFrom(
                      inside, self ? List.of(query) : Arrays.asList(query, inputs.get(1))));
    }
    return plainResidual(
        graph,
        x,
        norms.get(norms.size() - 1),
        input ->
            linear2.plain(graph, graph.apply(options.activation(), linear1.plain(graph, input))));
  }

  private <V> V plainResidual(PlainGraph<V> graph, V x, Part norm, UnaryOperator<V> part) {
    if (options.normFirst()) {
      return graph.add(x, part.apply(norm.plain(graph, x)));
    }
    return norm.plain(graph, graph.add(x, part.apply(x)));
  }
}
