package dev.noether.train;

import static dev.noether.algebra.Checks.require;

import dev.noether.nn.EquivariantLayer;
import dev.noether.nn.Layer;
import dev.noether.rep.Representation;
import dev.noether.torch.Tensors;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.function.BinaryOperator;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * What training makes small, as a mean over the samples of a batch.
 *
 * <pre>{@code
 * Loss<EquivariantLayer> usual = Loss.meanSquaredError();
 * Loss<EquivariantLayer> robust = Loss.between("x", "y", Losses::huberLoss);
 * Loss<EquivariantLayer> own = (model, batch) -> model.forward(batch.get("x")).abs().mean();
 * }</pre>
 *
 * @param <L> the type of the model
 */
@FunctionalInterface
public interface Loss<L extends Layer> {
  /**
   * The loss of a batch.
   *
   * @param model the model
   * @param batch tensors by name, {@code [samples, ...]} each
   * @return one number, the mean over the samples, with its graph
   */
  Tensor of(L model, Map<String, Tensor> batch);

  /**
   * Checks that a model and data fit each other, before anything is trained.
   *
   * @param model the model
   * @param data the samples
   * @throws IllegalArgumentException if they do not
   */
  default void requireFits(L model, Dataset data) {}

  /**
   * The mean squared error of the model's outputs for {@code x} to the targets {@code y}.
   *
   * @return the loss
   */
  static Loss<EquivariantLayer> meanSquaredError() {
    return between("x", "y", Losses::mseLoss);
  }

  /**
   * A loss of outputs and targets.
   *
   * @param input the name of the tensor that the model takes
   * @param target the name of what its outputs are compared with, of their shape
   * @param loss the mean over the samples, of outputs and targets, such as {@code
   *     Losses::huberLoss}; {@link Losses} has those of PyTorch
   * @return the loss
   */
  static Loss<EquivariantLayer> between(String input, String target, BinaryOperator<Tensor> loss) {
    return new Loss<>() {
      @Override
      public Tensor of(EquivariantLayer model, Map<String, Tensor> batch) {
        Tensor x = Objects.requireNonNull(batch.get(input));
        return loss.apply(model.forward(x), Objects.requireNonNull(batch.get(target)));
      }

      @Override
      public void requireFits(EquivariantLayer model, Dataset data) {
        Tensor x = data.tensor(input);
        Tensor y = data.tensor(target);
        requireFeatures(input, x, model.axes().featureAxis(), "in", model.in());
        requireFeatures(target, y, model.axes().featureAxis(), "out", model.out());
        requireDtype(model, x);
        requireDtype(model, y);
      }
    };
  }

  /**
   * The cross-entropy of the model's scores for {@code x} and the classes {@code y}.
   *
   * @return the loss
   */
  static Loss<EquivariantLayer> crossEntropy() {
    return classes("x", "y", Losses::crossEntropy);
  }

  /**
   * A loss of scores and classes.
   *
   * @param input the name of the tensor that the model takes
   * @param target the name of the numbers of the classes, int64 {@code [samples]}, from 0 to one
   *     less than {@code out.size}
   * @param loss the mean over the samples, of scores {@code [samples, classes]} and classes, such
   *     as {@code Losses::crossEntropy}
   * @return the loss
   */
  static Loss<EquivariantLayer> classes(String input, String target, BinaryOperator<Tensor> loss) {
    return new Loss<>() {
      @Override
      public Tensor of(EquivariantLayer model, Map<String, Tensor> batch) {
        Tensor x = Objects.requireNonNull(batch.get(input));
        return loss.apply(model.forward(x), Objects.requireNonNull(batch.get(target)));
      }

      @Override
      public void requireFits(EquivariantLayer model, Dataset data) {
        Tensor x = data.tensor(input);
        Tensor y = data.tensor(target);
        requireFeatures(input, x, model.axes().featureAxis(), "in", model.in());
        requireDtype(model, x);
        require(
            Tensors.scalarType(y) == ScalarType.Long && y.dim() == 1,
            "'%s' must be the numbers of the classes, int64 [samples], got %s %s",
            target,
            Tensors.dtypeName(y),
            Arrays.toString(Tensors.shape(y)));
        LossChecks.requireNumbersOf(y, model.out().size());
      }
    };
  }

  private static void requireDtype(EquivariantLayer model, Tensor tensor) {
    require(
        Tensors.dtypeName(tensor).equals(model.dtype().toString()),
        "the data must have the dtype of the model, %s, got %s",
        model.dtype(),
        Tensors.dtypeName(tensor));
  }

  private static void requireFeatures(
      String name, Tensor tensor, int axis, String side, Representation rho) {
    long[] shape = Tensors.shape(tensor);
    require(
        shape.length + axis >= 1 && shape[shape.length + axis] == rho.size(),
        "the model's %s.size() is %d (%s), so '%s' must have as many features, got %s",
        side,
        rho.size(),
        rho,
        name,
        Arrays.toString(shape));
  }
}
