package dev.noether.train;

import dev.noether.nn.EquivariantLayer;
import dev.noether.nn.EquivariantSequential;
import dev.noether.nn.Layer;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;

/** Finds out why a number is not finite. */
final class NonFinite {
  private static final String HELP = "; a lower learning rate or clipping may help";

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
            .or(
                () ->
                    overflow(model, batch)
                        .map(
                            layer ->
                                "data and weights are finite, the first layer whose output is not "
                                    + "is "
                                    + layer
                                    + HELP))
            .orElseGet(
                () ->
                    "data and weights are finite, the first layer with the largest weight is "
                        + layer(model, largest(model))
                        + HELP);
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

  /** The first layer of a model's chain that makes of finite numbers others. */
  private static Optional<String> overflow(Layer model, Map<String, Tensor> batch) {
    for (Map.Entry<String, EquivariantSequential> e :
        EquivariantSequential.chainsOf(model).entrySet()) {
      EquivariantSequential chain = e.getValue();
      if (model instanceof EquivariantLayer whole
          && whole.in().equals(chain.in())
          && whole.axes().equals(chain.axes())) {
        return batch.values().stream()
            .filter(tensor -> fits(tensor, chain))
            .findFirst()
            .flatMap(input -> overflow(e.getKey(), chain, input));
      }
    }
    return Optional.empty();
  }

  private static boolean fits(Tensor tensor, EquivariantLayer layer) {
    int axis = layer.axes().featureAxis();
    return tensor.is_floating_point()
        && tensor.dim() + axis >= 0
        && tensor.size(axis) == layer.in().size();
  }

  private static Optional<String> overflow(String name, EquivariantSequential chain, Tensor input) {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      Tensor current = input;
      int number = 0;
      for (EquivariantLayer layer : chain.layers()) {
        current = layer.forward(current);
        if (!isFinite(current)) {
          return Optional.of(
              "'" + (name.isEmpty() ? "" : name + ".") + number + "' (" + layer + ")");
        }
        number++;
      }
      return Optional.empty();
    }
  }

  private static boolean isFinite(Tensor tensor) {
    return tensor.isfinite().all().item().toBool();
  }

  private static Optional<String> first(
      Map<String, Tensor> tensors, UnaryOperator<Tensor> numbers) {
    try (PointerScope scope = new PointerScope()) {
      return tensors.entrySet().stream()
          .filter(e -> numbers.apply(e.getValue()).defined())
          .filter(e -> !isFinite(numbers.apply(e.getValue())))
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
