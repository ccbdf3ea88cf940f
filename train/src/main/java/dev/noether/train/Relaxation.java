package dev.noether.train;

import static dev.noether.algebra.Checks.require;

import dev.noether.nn.Layer;
import dev.noether.nn.symmetry.RelaxedLinear;
import dev.noether.nn.symmetry.Restriction;
import java.io.IOException;
import java.util.Map;
import java.util.function.Function;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * Training models that may leave the symmetry at a price: with {@link RelaxedLinear} layers, or
 * over a subgroup.
 */
public final class Relaxation {
  private Relaxation() {}

  /**
   * A loss with the penalty of the relaxed layers.
   *
   * @param <L> the type of the model
   * @param loss what the data say
   * @param weight what the sum of the penalties is multiplied by, at least 0
   * @return the sum
   * @throws IllegalArgumentException if the weight is negative or not finite
   */
  public static <L extends Layer> Loss<L> penalized(Loss<? super L> loss, double weight) {
    require(
        weight >= 0 && Double.isFinite(weight),
        "the weight of a penalty is at least 0, got %s; for an infinite one set the freedom to 0",
        weight);
    return penalized(loss, RelaxedLinear::penaltyOf, weight);
  }

  /**
   * A loss with the price of what a restricted model learned beyond the whole group's symmetry, for
   * models of any layers.
   *
   * @param <L> the type of the model
   * @param loss what the data say
   * @param restriction what the model is the layer of
   * @param weight what {@link Restriction#penalty} is multiplied by, at least 0
   * @return the sum
   * @throws IllegalArgumentException if the weight is negative or not finite
   */
  public static <L extends Layer> Loss<L> penalized(
      Loss<? super L> loss, Restriction restriction, double weight) {
    require(
        weight >= 0 && Double.isFinite(weight),
        "the weight of a penalty is at least 0, got %s; for an infinite one train the layer over the"
            + " whole group",
        weight);
    return penalized(loss, restriction::penalty, weight);
  }

  private static <L extends Layer> Loss<L> penalized(
      Loss<? super L> loss, Function<Layer, Tensor> price, double weight) {
    return new Loss<>() {
      @Override
      public Tensor of(L model, Map<String, Tensor> batch) {
        return loss.of(model, batch).add(price.apply(model).mul(new Scalar(weight)));
      }

      @Override
      public void requireFits(L model, Dataset data) {
        loss.requireFits(model, data);
      }
    };
  }

  /**
   * Sets the freedom of the relaxed layers at each step of the optimizer: {@link Schedule#cosine}
   * leads from free to exactly equivariant layers, {@code step -> 1 - cosine.at(step)} the other
   * way.
   *
   * @param freedom from 0, exactly equivariant, to 1, as a function of the step
   * @return the callback
   */
  public static Callback freedom(Schedule freedom) {
    return new Callback() {
      @Override
      public void onStart(Run run) throws IOException {
        RelaxedLinear.setFreedom(run.model(), freedom.at(run.steps()));
      }

      @Override
      public void onStep(Run run) throws IOException {
        RelaxedLinear.setFreedom(run.model(), freedom.at(run.steps()));
      }
    };
  }
}
