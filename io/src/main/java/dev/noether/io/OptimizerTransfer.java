package dev.noether.io;

import static dev.noether.algebra.Checks.require;
import static dev.noether.algebra.Checks.requirePresent;

import dev.noether.nn.Layer;
import dev.noether.nn.symmetry.Restriction;
import dev.noether.nn.symmetry.Restriction.Kind;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.InputArchive;
import org.bytedeco.pytorch.Optimizer;
import org.bytedeco.pytorch.OptimizerParamGroupVector;
import org.bytedeco.pytorch.OutputArchive;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;

/**
 * What an optimizer has gathered about a layer, for an optimizer of the layer restricted to a
 * subgroup: training goes on as if nothing had happened.
 *
 * <pre>{@code
 * Restriction restriction = Restriction.of(model, subgroup);
 * Adam next = new Adam(restriction.layer().parameters(), new AdamOptions(1e-3));
 * OptimizerTransfer.carry(restriction, adam, next);
 * }</pre>
 *
 * <p>Where a batch is symmetric under the whole group (it holds all images of its samples), the
 * next step of Adam, AdamW, RMSprop and Adagrad moves the function as it would have been moved,
 * between irreps of real type up to what {@code eps} weighs; so does that of SGD after {@link
 * Restriction#rescaleGradients}. For other batches the step differs by what the subgroup is free to
 * do.
 */
public final class OptimizerTransfer {
  /** What the tensors are that LibTorch's optimizers keep; the rest are counts. */
  private static final Map<String, Kind> KINDS =
      Map.of(
          "momentum_buffer", Kind.WEIGHTS,
          "exp_avg", Kind.GRADIENT,
          "grad_avg", Kind.GRADIENT,
          "exp_avg_sq", Kind.SQUARES,
          "max_exp_avg_sq", Kind.SQUARES,
          "square_avg", Kind.SQUARES,
          "sum", Kind.SQUARES);

  private OptimizerTransfer() {}

  /**
   * Carries the state over; options such as the learning rate stay those of the new optimizer.
   *
   * @param restriction the layer and what it was restricted to
   * @param from the optimizer of the layer that was restricted
   * @param to an optimizer of the same class, of {@code restriction.layer()}; its state is replaced
   * @throws IOException if LibTorch does not write or read a state
   * @throws IllegalArgumentException if the classes differ, an optimizer has parameters of other
   *     layers, or its state is none that can be carried, as that of L-BFGS
   */
  public static void carry(Restriction restriction, Optimizer from, Optimizer to)
      throws IOException {
    require(
        from.getClass().equals(to.getClass()),
        "both optimizers must be of one class, got %s and %s",
        from.getClass().getSimpleName(),
        to.getClass().getSimpleName());
    List<String> before = parameters(from, restriction.large());
    List<String> after = parameters(to, restriction.layer());
    try (PointerScope scope = new PointerScope()) {
      InputArchive old = OptimizerArchive.opened(OptimizerArchive.of(from));
      InputArchive own = OptimizerArchive.opened(OptimizerArchive.of(to));
      InputArchive known = OptimizerArchive.inner(old, OptimizerArchive.STATES);
      InputArchive fresh = OptimizerArchive.inner(own, OptimizerArchive.STATES);
      Set<String> present = new HashSet<>(OptimizerArchive.keys(known));
      Set<String> there = new HashSet<>(OptimizerArchive.keys(fresh));
      OutputArchive whole = new OutputArchive();
      OutputArchive states = new OutputArchive(whole.compilation_unit());
      for (int i = 0; i < after.size(); i++) {
        String number = Integer.toString(i);
        String other = Integer.toString(before.indexOf(after.get(i)));
        if (present.contains(other)) {
          InputArchive state = OptimizerArchive.inner(known, other);
          states.write(number, carried(restriction, after.get(i), state, whole));
        } else if (there.contains(number)) {
          states.write(number, copied(OptimizerArchive.inner(fresh, number), whole));
        }
      }
      for (String key : OptimizerArchive.keys(own)) {
        if (key.equals(OptimizerArchive.STATES)) {
          whole.write(key, states);
        } else {
          copy(own, key, whole);
        }
      }
      OptimizerArchive.restore(to, OptimizerArchive.of(whole));
    }
  }

  /** The names of the optimizer's parameters in its order, which is how its archive counts them. */
  private static List<String> parameters(Optimizer optimizer, Layer layer) {
    List<String> names = new ArrayList<>();
    try (PointerScope scope = new PointerScope()) {
      OptimizerParamGroupVector groups = optimizer.param_groups();
      for (long i = 0; i < groups.size(); i++) {
        TensorVector parameters = groups.get(i).params();
        for (long j = 0; j < parameters.size(); j++) {
          names.add(name(layer, parameters.get(j)));
        }
      }
    }
    return names;
  }

  private static String name(Layer layer, Tensor parameter) {
    return requirePresent(
        layer.namedParameters().entrySet().stream()
            .filter(entry -> entry.getValue().is_same(parameter))
            .map(Map.Entry::getKey)
            .findFirst()
            .orElse(null),
        "the optimizer has a parameter that is none of %s",
        layer);
  }

  private static OutputArchive carried(
      Restriction restriction, String parameter, InputArchive state, OutputArchive whole) {
    OutputArchive written = new OutputArchive(whole.compilation_unit());
    for (String key : OptimizerArchive.keys(state)) {
      IValue value = OptimizerArchive.value(state, key);
      if (value.isTensor()) {
        Kind kind =
            requirePresent(
                KINDS.get(key),
                "the optimizer keeps '%s' for '%s', which cannot be carried: train on with a new"
                    + " optimizer",
                key,
                parameter);
        written.write(key, restriction.carry(parameter, kind, value.toTensor()));
      } else {
        written.write(key, value);
      }
    }
    return written;
  }

  private static OutputArchive copied(InputArchive archive, OutputArchive whole) {
    OutputArchive written = new OutputArchive(whole.compilation_unit());
    OptimizerArchive.keys(archive).forEach(key -> copy(archive, key, written));
    return written;
  }

  private static void copy(InputArchive from, String key, OutputArchive into) {
    IValue value = OptimizerArchive.value(from, key);
    if (value.isModule()) {
      into.write(key, copied(OptimizerArchive.inner(from, key), into));
    } else if (value.isTensor()) {
      into.write(key, value.toTensor());
    } else {
      into.write(key, value);
    }
  }
}
