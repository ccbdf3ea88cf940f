package dev.noether.train;

import dev.noether.nn.Layer;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;

/** Finds out why a number is not finite. */
final class NonFinite {
  private NonFinite() {}

  /** A loss that is no number: for the data, for a layer, or for neither. */
  static NonFiniteException loss(
      String what, double value, long step, Layer model, Map<String, Tensor> batch) {
    String reason =
        first(batch, tensor -> tensor)
            .map(name -> "'" + name + "' of its batch has entries that are not finite")
            .or(
                () ->
                    first(model.namedParameters(), tensor -> tensor)
                        .map(
                            name ->
                                "the first layer whose weights are not finite is "
                                    + layer(model, name)))
            .orElse(
                "data and weights are finite, the first layer with the largest weight is "
                    + layer(model, largest(model))
                    + "; a lower learning rate or clipping may help");
    return new NonFiniteException(
        "the " + what + " is " + value + " after " + step + " steps: " + reason);
  }

  /** A gradient that is no number, before a step spoils the weights. */
  static NonFiniteException gradient(long step, Layer model) {
    String name = first(model.namedParameters(), Tensor::grad).orElse("");
    return new NonFiniteException(
        "the gradient is not finite after "
            + step
            + " steps: the first layer with such a one is "
            + layer(model, name)
            + "; the weights are as they were");
  }

  private static Optional<String> first(
      Map<String, Tensor> tensors, UnaryOperator<Tensor> numbers) {
    try (PointerScope scope = new PointerScope()) {
      return tensors.entrySet().stream()
          .filter(e -> numbers.apply(e.getValue()).defined())
          .filter(e -> !numbers.apply(e.getValue()).isfinite().all().item().toBool())
          .map(Map.Entry::getKey)
          .findFirst();
    }
  }

  private static String largest(Layer model) {
    String name = "";
    double largest = -1;
    try (PointerScope scope = new PointerScope()) {
      for (Map.Entry<String, Tensor> e : model.namedParameters().entrySet()) {
        double own = e.getValue().detach().abs().max().item().toDouble();
        if (own > largest) {
          largest = own;
          name = e.getKey();
        }
      }
    }
    return name;
  }

  /** The deepest layer that has a parameter: its name and what it is. */
  private static String layer(Layer model, String parameter) {
    String name = "";
    for (String candidate : model.namedLayers().keySet()) {
      if (parameter.startsWith(candidate + ".") && candidate.length() > name.length()) {
        name = candidate;
      }
    }
    return "'" + name + "' (" + model.namedLayers().get(name) + ", " + parameter + ")";
  }
}
