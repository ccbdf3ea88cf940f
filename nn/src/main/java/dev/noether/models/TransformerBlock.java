package dev.noether.models;

import dev.noether.nn.attention.Attention;
import dev.noether.nn.attention.PlainLook;
import dev.noether.nn.linear.EquivariantAffine;
import dev.noether.nn.linear.MapOptions;
import dev.noether.nn.norm.EquivariantRmsNorm;
import dev.noether.nn.norm.NormOptions;
import dev.noether.plain.Activation;
import dev.noether.plain.PlainGraph;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The formula of transformer layers, equivariant or not: attention to itself, attention to a memory
 * in a decoder, feed-forward, each with a norm and the input added.
 *
 * @param options how the layer was made
 * @param names the names of its parts
 * @param attentions to itself, and to the memory in a decoder, with their names
 * @param norms one for each attention, and that of the feed-forward part
 * @param linear1 from the features to the hidden ones
 * @param linear2 back
 * @param dropout of hidden features
 * @param residualDropout of what is added to the input
 */
record TransformerBlock(
    TransformerLayerOptions options,
    TransformerNames names,
    List<Named> attentions,
    List<Part> norms,
    Part linear1,
    Part linear2,
    UnaryOperator<Tensor> dropout,
    UnaryOperator<Tensor> residualDropout)
    implements TransformerBody {
  /** Parts of one layer draw their weights from seeds this far apart. */
  private static final int SEEDS = 10;

  /** An attention with its name in the layer. */
  record Named(String name, Attention part) {}

  /** The parts of an encoder layer. */
  static <S> TransformerBlock encodes(
      LayerParts<S> parts, S space, TransformerLayerOptions options, TransformerNames names) {
    return of(parts, space, options, names, List.of("self_attn"));
  }

  /** The parts of a decoder layer. */
  static <S> TransformerBlock decodes(
      LayerParts<S> parts, S space, TransformerLayerOptions options, TransformerNames names) {
    String cross = names.cross(parts.isEquivariant());
    return of(parts, space, options, names, List.of("self_attn", cross));
  }

  private static <S> TransformerBlock of(
      LayerParts<S> parts,
      S space,
      TransformerLayerOptions options,
      TransformerNames names,
      List<String> attentions) {
    boolean equivariant = parts.isEquivariant();
    MapOptions maps = options.maps();
    S hidden = parts.hidden(space, options.feedForward(), options.activation());
    List<Named> all = new ArrayList<>();
    for (String name : attentions) {
      all.add(
          new Named(
              name,
              parts.attention(
                  name, space, options.positions(), options.attention(SEEDS * all.size()))));
    }
    Part linear1 = parts.linear(names.first(equivariant), space, hidden, maps.forPart(SEEDS * 2));
    Part linear2 = parts.linear(names.second(equivariant), hidden, space, maps.forPart(SEEDS * 3));
    NormOptions norm = new NormOptions(options.eps(), maps.bias(), maps.dtype());
    List<Part> norms = new ArrayList<>();
    for (int i = 1; i <= all.size() + 1; i++) {
      norms.add(parts.norm("norm" + i, space, options.norm(), norm));
    }
    return new TransformerBlock(
        options,
        names,
        all,
        norms,
        linear1,
        linear2,
        parts.dropout("dropout", hidden, options.dropout(), maps),
        parts.dropout("dropout1", space, options.dropout(), maps));
  }

  @Override
  public Tensor apply(Tensor input, List<Look> looks) {
    Tensor x = input;
    for (int i = 0; i < looks.size(); i++) {
      x = attend(i, x, looks.get(i));
    }
    return feedForward(x);
  }

  private Tensor attend(int place, Tensor x, Look look) {
    Attention attention = attentions.get(place).part();
    return residual(
        x,
        norms.get(place),
        (query, scales) -> {
          Tensor memory = place == 0 ? query : look.memory();
          return scales == null
              ? attention.forward(query, memory, memory, look.masks(), look.positions())
              : attention.forward(query, memory, memory, look.masks(), look.positions(), scales);
        });
  }

  private Tensor feedForward(Tensor x) {
    return residual(
        x,
        norms.get(norms.size() - 1),
        (input, scales) -> {
          Tensor hidden = options.activation().apply(linear1.apply(input, scales));
          return linear2.apply(dropout.apply(hidden));
        });
  }

  /** What a sum goes around: a function of features, after scales where there are any. */
  private interface Inner {
    Tensor apply(Tensor x, @Nullable EquivariantAffine scales);
  }

  private Tensor residual(Tensor x, Part norm, Inner part) {
    if (!options.normFirst()) {
      return norm.apply(x.add(residualDropout.apply(part.apply(x, null))));
    }
    @Nullable EquivariantRmsNorm own = norm.norm();
    Tensor inner =
        own == null ? part.apply(norm.apply(x), null) : part.apply(own.unscaled(x), own.scales());
    return x.add(residualDropout.apply(inner));
  }

  @Override
  public <V> V plain(PlainGraph<V> graph, List<V> inputs, List<PlainLook<V>> looks) {
    V x = inputs.get(0);
    for (int i = 0; i < attentions.size(); i++) {
      Named attention = attentions.get(i);
      PlainGraph<V> inside = graph.at(attention.name);
      boolean self = i == 0;
      PlainLook<V> look = looks.get(i);
      x =
          plainResidual(
              graph,
              x,
              norms.get(i),
              query ->
                  attention.part.plainFrom(
                      inside, self ? List.of(query) : Arrays.asList(query, inputs.get(1)), look));
    }
    Activation activation = options.activation();
    return plainResidual(
        graph,
        x,
        norms.get(norms.size() - 1),
        input -> linear2.plain(graph, graph.apply(activation, linear1.plain(graph, input))));
  }

  @Override
  public String words(Object space) {
    return space + ", " + options.words();
  }

  private <V> V plainResidual(PlainGraph<V> graph, V x, Part norm, UnaryOperator<V> part) {
    if (options.normFirst()) {
      return graph.add(x, part.apply(norm.plain(graph, x)));
    }
    return norm.plain(graph, graph.add(x, part.apply(x)));
  }
}
