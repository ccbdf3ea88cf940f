package dev.noether.models;

import static dev.noether.algebra.Checks.require;

import dev.noether.nn.SettingGroup;
import dev.noether.nn.Settings;
import dev.noether.plain.Activation;
import java.util.Arrays;
import java.util.List;

/**
 * How a convolutional encoder of a signal is made, plain or equivariant. Start from {@link
 * #channels} and change what differs.
 *
 * @param hiddenChannels the channels after each convolution, first to last; an equivariant network
 *     rounds each up to whole copies of the regular representation
 * @param horizon how many steps of time a signal has
 * @param activations one for all, or one for each convolution and then each hidden layer of the
 *     head
 * @param normalize whether a norm by the root mean square of the channels stands before each
 *     activation of a convolution
 * @param mlpHidden the widths of the hidden layers of the head, at least one
 * @param downsample how each block makes time shorter
 * @param appendLastFrame whether the head sees the signal's last step too
 */
public record TimeCnnOptions(
    List<Integer> hiddenChannels,
    int horizon,
    List<Activation> activations,
    boolean normalize,
    List<Integer> mlpHidden,
    Downsample downsample,
    boolean appendLastFrame) {
  private static final int HEAD = 128;

  /** The settings of an architecture. */
  static final SettingGroup<TimeCnnOptions> SETTINGS =
      new SettingGroup<TimeCnnOptions>()
          .required("hidden_channels", TimeCnnOptions::hiddenChannels)
          .required("horizon", TimeCnnOptions::horizon)
          .with("activation", options -> MlpOptions.shown(options.activations), Activation.RELU)
          .with("normalize", TimeCnnOptions::normalize, false)
          .with("mlp_hidden", TimeCnnOptions::mlpHidden, List.of(HEAD))
          .with("downsample", TimeCnnOptions::downsample, Downsample.STRIDE)
          .with("append_last_frame", TimeCnnOptions::appendLastFrame, false);

  /**
   * Checks the numbers.
   *
   * @param hiddenChannels the channels after each convolution
   * @param horizon how many steps of time a signal has
   * @param activations one for all, or one for each place
   * @param normalize whether norms stand before the activations of convolutions
   * @param mlpHidden the widths of the hidden layers of the head
   * @param downsample how each block makes time shorter
   * @param appendLastFrame whether the head sees the last step too
   * @throws IllegalArgumentException if there is no convolution or no hidden layer, a width or the
   *     horizon is below 1, the activations do not fit, or the horizon shrinks to nothing
   */
  public TimeCnnOptions {
    hiddenChannels = List.copyOf(hiddenChannels);
    activations = List.copyOf(activations);
    mlpHidden = List.copyOf(mlpHidden);
    require(!hiddenChannels.isEmpty(), "an encoder has at least one convolution, got none");
    require(!mlpHidden.isEmpty(), "the head has at least one hidden layer, got none");
    MlpOptions.requireWidths(hiddenChannels, "hidden channels");
    MlpOptions.requireWidths(mlpHidden, "hidden units of the head");
    MlpOptions.requireActivations(activations, hiddenChannels.size() + mlpHidden.size());
    require(horizon >= 1, "horizon must be at least 1, got %d", horizon);
    int steps = horizon;
    for (int i = 0; i < hiddenChannels.size(); i++) {
      steps = downsample.after(steps);
    }
    require(
        steps >= 1,
        "a horizon of %d steps shrinks to nothing in %d blocks; take fewer of them, or %s",
        horizon,
        hiddenChannels.size(),
        Downsample.STRIDE);
  }

  static TimeCnnOptions of(Settings settings) {
    return new TimeCnnOptions(
        settings.wholes("hidden_channels"),
        settings.whole("horizon"),
        settings.constants(Activation.class, "activation"),
        settings.flag("normalize"),
        settings.wholes("mlp_hidden"),
        settings.constant(Downsample.class, "downsample"),
        settings.flag("append_last_frame"));
  }

  /**
   * Convolutions with stride 2 and ReLU, without norms, and a head with one hidden layer of 128.
   *
   * @param horizon how many steps of time a signal has
   * @param hiddenChannels the channels after each convolution, first to last
   * @return the options
   * @throws IllegalArgumentException as the constructor
   */
  public static TimeCnnOptions channels(int horizon, int... hiddenChannels) {
    return new TimeCnnOptions(
        Arrays.stream(hiddenChannels).boxed().toList(),
        horizon,
        List.of(Activation.RELU),
        false,
        List.of(HEAD),
        Downsample.STRIDE,
        false);
  }

  /**
   * The same with other activations.
   *
   * @param others one for all, or one for each convolution and then each hidden layer of the head
   * @return new options
   * @throws IllegalArgumentException if their number does not fit
   */
  public TimeCnnOptions with(Activation... others) {
    return new TimeCnnOptions(
        hiddenChannels,
        horizon,
        List.of(others),
        normalize,
        mlpHidden,
        downsample,
        appendLastFrame);
  }

  /**
   * The same with norms.
   *
   * @return new options
   */
  public TimeCnnOptions normalized() {
    return new TimeCnnOptions(
        hiddenChannels, horizon, activations, true, mlpHidden, downsample, appendLastFrame);
  }

  /**
   * The same with another head.
   *
   * @param units the widths of its hidden layers
   * @return new options
   * @throws IllegalArgumentException if there is none, or the activations do not fit any more
   */
  public TimeCnnOptions withHead(int... units) {
    return new TimeCnnOptions(
        hiddenChannels,
        horizon,
        activations,
        normalize,
        Arrays.stream(units).boxed().toList(),
        downsample,
        appendLastFrame);
  }

  /**
   * The same with another way to make time shorter.
   *
   * @param other the way
   * @return new options
   * @throws IllegalArgumentException if the horizon shrinks to nothing
   */
  public TimeCnnOptions with(Downsample other) {
    return new TimeCnnOptions(
        hiddenChannels, horizon, activations, normalize, mlpHidden, other, appendLastFrame);
  }

  /**
   * The same with the signal's last step given to the head.
   *
   * @return new options
   */
  public TimeCnnOptions withLastFrame() {
    return new TimeCnnOptions(
        hiddenChannels, horizon, activations, normalize, mlpHidden, downsample, true);
  }

  /** The activation of a convolution, from 0. */
  Activation activation(int block) {
    return activations.get(activations.size() == 1 ? 0 : block);
  }

  /** How many steps of time are left before a block. */
  int stepsBefore(int block) {
    int steps = horizon;
    for (int i = 0; i < block; i++) {
      steps = downsample.after(steps);
    }
    return steps;
  }

  /** How many steps of time are left at the end. */
  int stepsLeft() {
    return stepsBefore(hiddenChannels.size());
  }

  /** Convolution, norm, activation and pooling, as far as there are: numbers in state dicts. */
  int modulesOfBlock() {
    return 2 + (normalize ? 1 : 0) + (downsample == Downsample.POOLING ? 1 : 0);
  }

  /** Words about a network. */
  String words(Object in, Object out) {
    return in + " x " + horizon + " -> " + hiddenChannels + " -> " + out;
  }

  MlpOptions head() {
    List<Activation> own =
        activations.size() == 1
            ? activations
            : activations.subList(hiddenChannels.size(), activations.size());
    return new MlpOptions(mlpHidden, own, 0, false);
  }
}
