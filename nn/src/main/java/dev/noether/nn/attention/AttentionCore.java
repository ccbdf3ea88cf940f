package dev.noether.nn.attention;

import dev.noether.nn.Layer;
import dev.noether.nn.linear.EquivariantAffine;
import dev.noether.plain.PlainGraph;
import dev.noether.plain.PlainLayer;
import dev.noether.torch.Scopes;
import java.util.List;
import java.util.function.UnaryOperator;
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
 */
record AttentionCore(
    Layer layer,
    Object expected,
    Heads heads,
    Projection projection,
    UnaryOperator<Tensor> output,
    PlainLayer outputForm) {
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

  /** What positions do, once the shape of the inputs is known. */
  interface Positions {
    PositionEffect<Tensor> effect(AttentionPositions positions, Heads.Shape shape, Tensor like);
  }

  /**
   * What may not be looked at, where queries and keys stand, and what that does.
   *
   * @param scales what follows the query, and keys and values that are the query, in evaluation
   *     without gradients; null for nothing
   */
  record Call(
      AttentionMasks masks,
      AttentionPositions positions,
      Positions scheme,
      @Nullable EquivariantAffine scales) {
    Call(AttentionMasks masks, AttentionPositions positions, Positions scheme) {
      this(masks, positions, scheme, null);
    }
  }

  Tensor forward(Tensor query, Tensor key, Tensor value, Call call) {
    Heads.Shape shape = heads.shape(query, key, value, call.masks, expected, projection.like());
    return Scopes.compute(
        () -> {
          PositionEffect<Tensor> effect = call.scheme.effect(call.positions, shape, query);
          Tensor[] all = projected(query, key, value, effect, call.scales);
          double dropout = layer.isTraining() ? heads.options().dropout() : 0;
          return output.apply(heads.attend(all, shape, call.masks, effect, dropout));
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
    if (effect.leavesInputs()) {
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
   * @param inputs the query, and what keys and values come from, batch first
   * @return as the layer's inputs lie
   */
  <V> V plain(PlainGraph<V> graph, List<V> inputs, PositionEffect<V> effect, PlainLook<V> look) {
    V query = inputs.get(0);
    V memory = inputs.get(inputs.size() - 1);
    List<V> projected =
        projection.plain(graph, effect.query().before(query), effect.key().before(memory), memory);
    V merged = heads.plain(graph, projected, effect, look);
    V result = outputForm.plain(graph.at("out_proj"), merged);
    return heads.options().batchFirst() ? result : graph.permute(result, 1, 0, 2);
  }

  Tensor weights(Tensor query, Tensor key, Call call) {
    Heads.Shape shape = heads.shape(query, key, key, call.masks, expected, projection.like());
    return Scopes.compute(
        () -> {
          PositionEffect<Tensor> effect = call.scheme.effect(call.positions, shape, query);
          Tensor placed = effect.key().before(key);
          Tensor[] all = projection.apply(effect.query().before(query), placed, placed);
          return heads.weights(all[0], all[1], shape, call.masks, effect);
        });
  }
}
