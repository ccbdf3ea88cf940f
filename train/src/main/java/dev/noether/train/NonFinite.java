package dev.noether.train;

import dev.noether.nn.Layer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** Finds out why a number is not finite. */
final class NonFinite {
  private static final String HELP = "; a lower learning rate or clipping may help";

  private NonFinite() {}

  /** A loss that is no number: for the data, for a layer, or for neither; again computes it. */
  static NonFiniteException loss(
      String what,
      double value,
      long step,
      Layer model,
      Map<String, Tensor> batch,
      Supplier<Tensor> again) {
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
                    overflow(model, again)
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

  /** The first layer that makes of finite numbers others, when the batch goes through again. */
  private static Optional<String> overflow(Layer model, Supplier<Tensor> again) {
    AtomicReference<@Nullable String> found = new AtomicReference<>();
    List<Runnable> ends = new ArrayList<>();
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      model
          .namedLayers()
          .forEach(
              (name, layer) ->
                  ends.add(
                      layer.onForward(
                          (input, output) -> {
                            if (found.get() == null && !isFinite(output)) {
                              found.set("'" + name + "' (" + layer + ")");
                            }
                          })));
      Tensor unused = again.get();
    } finally {
      ends.forEach(Runnable::run);
    }
    return Optional.ofNullable(found.get());
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
