package dev.noether.cli.training;

import static dev.noether.algebra.Checks.require;

import dev.noether.nn.EquivariantLayer;
import dev.noether.nn.Layer;
import dev.noether.plain.Forward;
import dev.noether.torch.Tensors;
import dev.noether.train.Dataset;
import dev.noether.train.Loss;
import dev.noether.train.Losses;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** The losses that a configuration names, for any model that takes one tensor. */
enum LossChoice implements Loss<Layer> {
  /** The mean squared error. */
  MSE,
  /** The mean absolute error. */
  L1,
  /** Squared near zero, absolute far away. */
  SMOOTH_L1,
  /** The same, scaled as Huber did. */
  HUBER,
  /** Outputs are logits, targets are 0, 1 or between. */
  BINARY_CROSS_ENTROPY_WITH_LOGITS,
  /** Outputs are logits, the target is one column with the number of the class. */
  CROSS_ENTROPY;

  static List<String> names() {
    return Arrays.stream(values()).map(LossChoice::word).toList();
  }

  String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  static LossChoice named(String word) {
    return valueOf(word.toUpperCase(Locale.ROOT));
  }

  static Forward forward(Layer model) {
    require(
        model instanceof Forward,
        "%s takes more than one tensor: train it with a Loss of your own in Java",
        model);
    return (Forward) model;
  }

  @Override
  public Tensor of(Layer model, Map<String, Tensor> batch) {
    return between(
        forward(model).forward(Objects.requireNonNull(batch.get("x"))),
        Objects.requireNonNull(batch.get("y")));
  }

  Tensor between(Tensor output, Tensor target) {
    return switch (this) {
      case MSE -> Losses.mseLoss(output, target);
      case L1 -> Losses.l1Loss(output, target);
      case SMOOTH_L1 -> Losses.smoothL1Loss(output, target);
      case HUBER -> Losses.huberLoss(output, target);
      case BINARY_CROSS_ENTROPY_WITH_LOGITS -> Losses.binaryCrossEntropyWithLogits(output, target);
      case CROSS_ENTROPY -> Losses.crossEntropy(output, target.reshape(-1).to(ScalarType.Long));
    };
  }

  @Override
  public void requireFits(Layer model, Dataset data) {
    if (this != CROSS_ENTROPY && model instanceof EquivariantLayer equivariant) {
      Loss.meanSquaredError().requireFits(equivariant, data);
      return;
    }
    Tensor y = data.tensor("y");
    Tensor output = output(model, data);
    if (this == CROSS_ENTROPY) {
      long classes = output.size(-1);
      double[] labels = Tensors.toArray(y);
      require(
          labels.length == data.size(),
          "cross_entropy needs one target, the number of the class, got %d for each sample",
          labels.length / data.size());
      require(
          Arrays.stream(labels)
              .allMatch(label -> label >= 0 && label < classes && label == Math.rint(label)),
          "the model has %d outputs, so classes are whole numbers from 0 to %d; the data have "
              + "others",
          classes,
          classes - 1);
    } else {
      require(
          Arrays.equals(Tensors.shape(output), Tensors.shape(y)),
          "the model gives %s for these data, so 'y' must have that shape, got %s",
          Arrays.toString(Tensors.shape(output)),
          Arrays.toString(Tensors.shape(y)));
    }
  }

  /** The model itself tells whether 'x' fits. */
  private static Tensor output(Layer model, Dataset data) {
    boolean training = model.isTraining();
    model.eval();
    try (org.bytedeco.pytorch.NoGradGuard guard = new org.bytedeco.pytorch.NoGradGuard()) {
      return forward(model).forward(data.tensor("x"));
    } finally {
      if (training) {
        model.train();
      }
    }
  }
}
