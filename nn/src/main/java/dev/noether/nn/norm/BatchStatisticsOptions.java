package dev.noether.nn.norm;

import static dev.noether.algebra.Checks.require;

import dev.noether.nn.SettingGroup;
import dev.noether.nn.Settings;
import dev.noether.torch.Dtype;

/**
 * How a batch norm is made. Start from {@link #defaults()} and change what differs.
 *
 * @param eps what is added to each variance, above 0 and below 1
 * @param momentum the weight of the newest batch in the running statistics, above 0 and at most 1
 * @param affine whether scales and a bias that train follow
 * @param tracksRunningStatistics whether evaluation uses running statistics; else those of its own
 *     batch
 * @param dtype the dtype of the layer
 */
public record BatchStatisticsOptions(
    double eps, double momentum, boolean affine, boolean tracksRunningStatistics, Dtype dtype) {
  /**
   * Checks the numbers.
   *
   * @param eps what is added to each variance
   * @param momentum the weight of the newest batch
   * @param affine whether scales and a bias follow
   * @param tracksRunningStatistics whether evaluation uses running statistics
   * @param dtype the dtype of the layer
   * @throws IllegalArgumentException if eps or momentum is out of range
   */
  public BatchStatisticsOptions {
    NormOptions.requireEps(eps);
    require(
        momentum > 0 && momentum <= 1, "momentum must be above 0 and at most 1, got %s", momentum);
  }

  /** The settings of an architecture. */
  static final SettingGroup<BatchStatisticsOptions> SETTINGS =
      new SettingGroup<BatchStatisticsOptions>()
          .with("eps", BatchStatisticsOptions::eps, 1e-5)
          .with("momentum", BatchStatisticsOptions::momentum, 0.1)
          .with("affine", BatchStatisticsOptions::affine, true)
          .with("track_running_stats", BatchStatisticsOptions::tracksRunningStatistics, true);

  static BatchStatisticsOptions of(Settings settings) {
    return new BatchStatisticsOptions(
        settings.number("eps"),
        settings.number("momentum"),
        settings.flag("affine"),
        settings.flag("track_running_stats"),
        settings.dtype());
  }

  /**
   * PyTorch's: eps 1e-5, momentum 0.1, affine, running statistics, float32.
   *
   * @return the defaults
   */
  public static BatchStatisticsOptions defaults() {
    return new BatchStatisticsOptions(1e-5, 0.1, true, true, Dtype.FLOAT32);
  }

  /**
   * The same with another eps.
   *
   * @param other above 0 and below 1
   * @return new options
   */
  public BatchStatisticsOptions withEps(double other) {
    return new BatchStatisticsOptions(other, momentum, affine, tracksRunningStatistics, dtype);
  }

  /**
   * The same with another momentum.
   *
   * @param other above 0 and at most 1
   * @return new options
   */
  public BatchStatisticsOptions withMomentum(double other) {
    return new BatchStatisticsOptions(eps, other, affine, tracksRunningStatistics, dtype);
  }

  /**
   * The same without scales and bias.
   *
   * @return new options
   */
  public BatchStatisticsOptions withoutAffine() {
    return new BatchStatisticsOptions(eps, momentum, false, tracksRunningStatistics, dtype);
  }

  /**
   * The same without running statistics: every batch is normalised by its own.
   *
   * @return new options
   */
  public BatchStatisticsOptions withoutRunningStatistics() {
    return new BatchStatisticsOptions(eps, momentum, affine, false, dtype);
  }

  /**
   * The same in another dtype.
   *
   * @param other the dtype
   * @return new options
   */
  public BatchStatisticsOptions with(Dtype other) {
    return new BatchStatisticsOptions(eps, momentum, affine, tracksRunningStatistics, other);
  }
}
