package dev.noether.models;

import static dev.noether.algebra.Checks.require;
import static dev.noether.algebra.Checks.requireDropout;

import dev.noether.nn.SettingGroup;
import dev.noether.nn.Settings;
import dev.noether.plain.Activation;
import java.util.Arrays;
import java.util.List;

/**
 * How a multilayer perceptron is made, plain or equivariant. Start from {@link #hidden} and change
 * what differs.
 *
 * @param hiddenUnits the widths of the hidden layers, first to last, at least one of them; an
 *     equivariant network rounds each up to whole copies of its hidden representation
 * @param activations one for all hidden layers, or one for each
 * @param dropout the probability with which training drops features after an activation, at least 0
 *     and below 1; an equivariant network drops whole copies
 * @param batchNorm whether a batch norm stands before each activation
 */
public record MlpOptions(
    List<Integer> hiddenUnits, List<Activation> activations, double dropout, boolean batchNorm) {
  /** The settings of an architecture. */
  static final SettingGroup<MlpOptions> SETTINGS =
      new SettingGroup<MlpOptions>()
          .required("hidden_units", MlpOptions::hiddenUnits)
          .with("activation", options -> shown(options.activations), Activation.RELU)
          .with("dropout", MlpOptions::dropout, 0.0)
          .with("batch_norm", MlpOptions::batchNorm, false);

  /**
   * Checks the numbers.
   *
   * @param hiddenUnits the widths of the hidden layers
   * @param activations one for all hidden layers, or one for each
   * @param dropout the probability of dropout
   * @param batchNorm whether a batch norm stands before each activation
   * @throws IllegalArgumentException if there is no hidden layer, a width is below 1, or
   *     activations or dropout do not fit
   */
  public MlpOptions {
    hiddenUnits = List.copyOf(hiddenUnits);
    activations = List.copyOf(activations);
    require(
        !hiddenUnits.isEmpty(),
        "a multilayer perceptron has at least one hidden layer, got none; for one map use Linear or "
            + "EquivariantLinear");
    requireWidths(hiddenUnits, "hidden units");
    requireActivations(activations, hiddenUnits.size());
    requireDropout(dropout);
  }

  static void requireWidths(List<Integer> widths, String name) {
    require(
        widths.stream().allMatch(width -> width >= 1),
        "%s must be at least 1 each, got %s",
        name,
        widths);
  }

  static void requireActivations(List<Activation> activations, int places) {
    require(
        activations.size() == 1 || activations.size() == places,
        "activations must be one for all, or one for each of %d places, got %s",
        places,
        activations);
  }

  static Object shown(List<Activation> activations) {
    return activations.size() == 1 ? activations.get(0) : activations;
  }

  static MlpOptions of(Settings settings) {
    return new MlpOptions(
        settings.wholes("hidden_units"),
        settings.constants(Activation.class, "activation"),
        settings.number("dropout"),
        settings.flag("batch_norm"));
  }

  /**
   * Hidden layers with ReLU, without dropout and batch norm.
   *
   * @param units the widths of the hidden layers, first to last
   * @return the options
   * @throws IllegalArgumentException if there is none or one is below 1
   */
  public static MlpOptions hidden(int... units) {
    return new MlpOptions(
        Arrays.stream(units).boxed().toList(), List.of(Activation.RELU), 0, false);
  }

  /**
   * The same with other activations.
   *
   * @param others one for all hidden layers, or one for each
   * @return new options
   * @throws IllegalArgumentException if their number does not fit
   */
  public MlpOptions with(Activation... others) {
    return new MlpOptions(hiddenUnits, List.of(others), dropout, batchNorm);
  }

  /**
   * The same with dropout.
   *
   * @param probability at least 0 and below 1
   * @return new options
   * @throws IllegalArgumentException if it is out of range
   */
  public MlpOptions withDropout(double probability) {
    return new MlpOptions(hiddenUnits, activations, probability, batchNorm);
  }

  /**
   * The same with a batch norm before each activation.
   *
   * @return new options
   */
  public MlpOptions withBatchNorm() {
    return new MlpOptions(hiddenUnits, activations, dropout, true);
  }

  /**
   * The activation of a hidden layer.
   *
   * @param layer its number, from 0
   * @return the activation
   */
  public Activation activation(int layer) {
    return activations.get(activations.size() == 1 ? 0 : layer);
  }
}
