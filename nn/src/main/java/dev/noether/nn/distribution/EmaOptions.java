package dev.noether.nn.distribution;

import static dev.noether.algebra.Checks.require;

import dev.noether.nn.SettingGroup;
import dev.noether.nn.Settings;
import dev.noether.torch.Dtype;

/**
 * How running statistics are kept. Start from {@link #defaults()} and change what differs.
 *
 * @param momentum the weight of the newest batch, above 0 and at most 1
 * @param centerWithRunningMean whether covariances are taken about the running means, from the
 *     second batch on; else about the batch's own
 * @param dtype the dtype of the statistics
 */
public record EmaOptions(double momentum, boolean centerWithRunningMean, Dtype dtype) {
  /**
   * Checks the momentum.
   *
   * @param momentum the weight of the newest batch
   * @param centerWithRunningMean whether covariances are taken about the running means
   * @param dtype the dtype of the statistics
   * @throws IllegalArgumentException if the momentum is not above 0 and at most 1
   */
  public EmaOptions {
    require(
        momentum > 0 && momentum <= 1, "momentum must be above 0 and at most 1, got %s", momentum);
  }

  /** The settings of an architecture. */
  static final SettingGroup<EmaOptions> SETTINGS =
      new SettingGroup<EmaOptions>()
          .with("momentum", EmaOptions::momentum, 0.1)
          .with("center_with_running_mean", EmaOptions::centerWithRunningMean, true);

  static EmaOptions of(Settings settings) {
    return new EmaOptions(
        settings.number("momentum"), settings.flag("center_with_running_mean"), settings.dtype());
  }

  /**
   * Momentum 0.1, centred with the running means, float32.
   *
   * @return the defaults
   */
  public static EmaOptions defaults() {
    return new EmaOptions(0.1, true, Dtype.FLOAT32);
  }

  /**
   * The same with another momentum.
   *
   * @param other above 0 and at most 1
   * @return new options
   */
  public EmaOptions withMomentum(double other) {
    return new EmaOptions(other, centerWithRunningMean, dtype);
  }

  /**
   * The same, centred with the means of each batch.
   *
   * @return new options
   */
  public EmaOptions centredByBatch() {
    return new EmaOptions(momentum, false, dtype);
  }

  /**
   * The same in another dtype.
   *
   * @param other the dtype
   * @return new options
   */
  public EmaOptions with(Dtype other) {
    return new EmaOptions(momentum, centerWithRunningMean, other);
  }
}
