package dev.noether.nn.attention;

import dev.noether.nn.Layer;
import dev.noether.torch.Scopes;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;

/**
 * From queries, keys and values to the output, for a layer of attention of any kind.
 *
 * @param layer what is in training or not
 * @param expected what a message names where the number of features is another
 * @param heads how features fall into heads
 * @param projection queries, keys and values before the heads
 * @param output what comes after the heads
 */
record AttentionCore(
    Layer layer,
    Object expected,
    Heads heads,
    Projection projection,
    UnaryOperator<Tensor> output) {
  /** Maps before the heads. */
  interface Projection {
    /** Projected queries, keys and values, as the inputs lie. */
    Tensor[] apply(Tensor query, Tensor key, Tensor value);

    /** Tells the dtype and the device of the inputs. */
    Tensor like();
  }

  /** What positions do, once the shape of the inputs is known. */
  interface Positions {
    PositionEffect effect(AttentionPositions positions, Heads.Shape shape, Tensor like);
  }

  /** What may not be looked at, where queries and keys stand, and what that does. */
  record Call(AttentionMasks masks, AttentionPositions positions, Positions scheme) {}

  Tensor forward(Tensor query, Tensor key, Tensor value, Call call) {
    Heads.Shape shape = heads.shape(query, key, value, call.masks, expected, projection.like());
    return Scopes.compute(
        () -> {
          PositionEffect effect = call.scheme.effect(call.positions, shape, query);
          Tensor[] all =
              projection.apply(effect.query().before(query), effect.key().before(key), value);
          double dropout = layer.isTraining() ? heads.options().dropout() : 0;
          return output.apply(heads.attend(all, shape, call.masks, effect, dropout));
        });
  }

  Tensor weights(Tensor query, Tensor key, Call call) {
    Heads.Shape shape = heads.shape(query, key, key, call.masks, expected, projection.like());
    return Scopes.compute(
        () -> {
          PositionEffect effect = call.scheme.effect(call.positions, shape, query);
          Tensor placed = effect.key().before(key);
          Tensor[] all = projection.apply(effect.query().before(query), placed, placed);
          return heads.weights(all[0], all[1], shape, call.masks, effect);
        });
  }
}
