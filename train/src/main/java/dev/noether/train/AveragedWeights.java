package dev.noether.train;

import dev.noether.nn.Layer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * The exponential moving average of a model's parameters. Buffers, such as running statistics, are
 * those of the model.
 */
final class AveragedWeights {
  private final Map<String, Tensor> parameters;
  private final Map<String, Tensor> averages = new LinkedHashMap<>();
  private final double decay;

  /** Begins with the weights as they are; the averages live in the innermost scope. */
  AveragedWeights(Layer model, double decay) {
    this.parameters = model.namedParameters();
    this.decay = decay;
    parameters.forEach((name, tensor) -> averages.put(name, tensor.detach().clone()));
  }

  /** After a step: average = decay * average + (1 - decay) * weight. */
  void update() {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      Scalar rest = new Scalar(1 - decay);
      averages.forEach((name, average) -> average.lerp_(parameter(name), rest));
    }
  }

  /** The model gets the averages and this the weights; a second call undoes it, bit for bit. */
  void exchange() {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      averages.forEach(
          (name, average) -> {
            Tensor weights = parameter(name).detach().clone();
            // In place, so that whoever keeps a result of the parameter sees the change.
            parameter(name).copy_(average);
            average.copy_(weights);
          });
    }
  }

  Map<String, Tensor> tensors() {
    return averages;
  }

  private Tensor parameter(String name) {
    return Objects.requireNonNull(parameters.get(name));
  }
}
