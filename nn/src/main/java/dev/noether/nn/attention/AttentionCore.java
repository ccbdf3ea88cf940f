package dev.noether.nn.attention;

import dev.noether.nn.Layer;
import dev.noether.nn.linear.EquivariantAffine;
import dev.noether.plain.PlainGraph;
import dev.noether.plain.PlainLayer;
import dev.noether.torch.Scopes;
import java.util.List;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.GradMode;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * From queries, keys and values to the output, for a layer of attention of any kind.
 *
 * @param layer what is in training or not
 * @param expected what a message names where the number of features is another
 * @param heads how features fall into heads
 * @param projection queries, keys and values before the heads
 * @param output what comes after the heads
 * @param outputForm its plain form, called {@code out_proj}
 * @param positions how it knows positions
 * @param place where the names of the projections stand under the layer's; empty for beside its own
 */
record AttentionCore(
    Layer layer,
    Object expected,
    Heads heads,
    Projection projection,
    UnaryOperator<Tensor> output,
    PlainLayer outputForm,
    PositionScheme positions,
    String place) {
  /** Attention that knows no positions. */
  AttentionCore(
      Layer layer,
      Object expected,
      Heads heads,
      Projection projection,
      UnaryOperator<Tensor> output,
      PlainLayer outputForm) {
    this(layer, expected, heads, projection, output, outputForm, PositionScheme.none(layer), "");
  }

  /** The same that knows positions. */
  AttentionCore with(PositionScheme scheme) {
    return new AttentionCore(layer, expected, heads, projection, output, outputForm, scheme, place);
  }

  /** The same in a layer that has this one's as a child. */
  AttentionCore under(String child) {
    return new AttentionCore(
        layer, expected, heads, projection, output, outputForm, positions, child);
  }

  /** Maps before the heads. */
  interface Projection {
    /** Projected queries, keys and values, as the inputs lie. */
    Tensor[] apply(Tensor query, Tensor key, Tensor value);

    /** The same where scales follow the query, and what else is the query, in evaluation. */
    default Tensor[] apply(Tensor query, Tensor key, Tensor value, EquivariantAffine scales) {
      Tensor scaled = scales.forward(query);
      return apply(scaled, key.equals(query) ? scaled : key, value.equals(query) ? scaled : value);
    }

    /** The same in plain operations; one product where the inputs are one. */
    <V> List<V> plain(PlainGraph<V> graph, V query, V key, V value);

    /** Tells the dtype and the device of the inputs. */
    Tensor like();
  }

  /**
   * Attends.
   *
   * @param scales what follows the query, and keys and values that are the query; null for nothing
   */
  Tensor forward(
      Tensor query,
      Tensor key,
      Tensor value,
      AttentionMasks masks,
      AttentionPositions at,
      @Nullable EquivariantAffine scales) {
    Heads.Shape shape = heads.shape(query, key, value, masks, expected, projection.like());
    return Scopes.compute(
        () -> {
          PositionEffect<Tensor> effect = positions.effect(at, shape, query);
          Tensor[] all = projected(query, key, value, effect, scales);
          double dropout = layer.isTraining() ? heads.options().dropout() : 0;
          return output.apply(heads.attend(all, shape, masks, effect, dropout));
        });
  }

  /** Scales become part of the weight where nothing comes between. */
  private Tensor[] projected(
      Tensor query,
      Tensor key,
      Tensor value,
      PositionEffect<Tensor> effect,
      @Nullable EquivariantAffine scales) {
    if (scales == null) {
      return projection.apply(effect.query().before(query), effect.key().before(key), value);
    }
    boolean keeps = !layer.isTraining() && !GradMode.is_enabled();
    if (keeps && effect.leavesInputs()) {
      return projection.apply(query, key, value, scales);
    }
    Tensor scaled = scales.forward(query);
    Tensor keys = key.equals(query) ? scaled : key;
    Tensor values = value.equals(query) ? scaled : value;
    return projection.apply(effect.query().before(scaled), effect.key().before(keys), values);
  }

  /**
   * The plain form.
   *
   * @param inputs the query, and what keys and values come from where that is another
   * @return as the layer's inputs lie
   */
  <V> V plain(PlainGraph<V> graph, List<V> inputs, PlainLook<V> look) {
    List<V> ordered = heads.ordered(graph, inputs);
    V query = ordered.get(0);
    V memory = ordered.get(ordered.size() - 1);
    PositionEffect<V> effect = positions.plain(graph, look, query, memory);
    PlainGraph<V> inside = place.isEmpty() ? graph : graph.at(place);
    List<V> projected =
        projection.plain(inside, effect.query().before(query), effect.key().before(memory), memory);
    V merged = heads.plain(inside, projected, effect, look);
    V result = outputForm.plain(inside.at("out_proj"), merged);
    return heads.options().batchFirst() ? result : inside.permute(result, 1, 0, 2);
  }

  Tensor weights(Tensor query, Tensor key, AttentionMasks masks, AttentionPositions at) {
    Heads.Shape shape = heads.shape(query, key, key, masks, expected, projection.like());
    return Scopes.compute(
        () -> {
          PositionEffect<Tensor> effect = positions.effect(at, shape, query);
          Tensor placed = effect.key().before(key);
          Tensor[] all = projection.apply(effect.query().before(query), placed, placed);
          return heads.weights(all[0], all[1], shape, masks, effect);
        });
  }
}
