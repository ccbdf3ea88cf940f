package dev.noether.nn;

import static dev.noether.algebra.Checks.require;

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
public record BatchNormOptions(
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
  public BatchNormOptions {
    EquivariantRmsNorm.requireEps(eps);
    require(
        momentum > 0 && momentum <= 1, "momentum must be above 0 and at most 1, got %s", momentum);
  }

  /**
   * PyTorch's: eps 1e-5, momentum 0.1, affine, running statistics, float32.
   *
   * @return the defaults
   */
  public static BatchNormOptions defaults() {
    return new BatchNormOptions(1e-5, 0.1, true, true, Dtype.FLOAT32);
  }

  /**
   * The same with another eps.
   *
   * @param other above 0 and below 1
   * @return new options
   */
  public BatchNormOptions withEps(double other) {
    return new BatchNormOptions(other, momentum, affine, tracksRunningStatistics, dtype);
  }

  /**
   * The same with another momentum.
   *
   * @param other above 0 and at most 1
   * @return new options
   */
  public BatchNormOptions withMomentum(double other) {
    return new BatchNormOptions(eps, other, affine, tracksRunningStatistics, dtype);
  }

  /**
   * The same without scales and bias.
   *
   * @return new options
   */
  public BatchNormOptions withoutAffine() {
    return new BatchNormOptions(eps, momentum, false, tracksRunningStatistics, dtype);
  }

  /**
   * The same without running statistics: every batch is normalised by its own.
   *
   * @return new options
   */
  public BatchNormOptions withoutRunningStatistics() {
    return new BatchNormOptions(eps, momentum, affine, false, dtype);
  }

  /**
   * The same in another dtype.
   *
   * @param other the dtype
   * @return new options
   */
  public BatchNormOptions with(Dtype other) {
    return new BatchNormOptions(eps, momentum, affine, tracksRunningStatistics, other);
  }
}
