package dev.noether.nn.norm;

import static dev.noether.algebra.Checks.require;

import dev.noether.torch.Dtype;

/**
 * How a layer norm is made. Start from {@link #defaults()} and change what differs.
 *
 * @param eps what is added to each mean square, above 0 and below 1
 * @param bias whether an invariant bias that trains is added
 * @param dtype the dtype of the layer
 */
public record NormOptions(double eps, boolean bias, Dtype dtype) {
  /**
   * Checks eps.
   *
   * @param eps what is added to each mean square
   * @param bias whether a bias is added
   * @param dtype the dtype of the layer
   * @throws IllegalArgumentException if eps is not above 0 and below 1
   */
  public NormOptions {
    requireEps(eps);
  }

  static double requireEps(double eps) {
    require(eps > 0 && eps < 1, "eps must be above 0 and below 1, got %s", eps);
    return eps;
  }

  /**
   * Eps 1e-6, a bias, float32.
   *
   * @return the defaults
   */
  public static NormOptions defaults() {
    return new NormOptions(1e-6, true, Dtype.FLOAT32);
  }

  /**
   * The same with another eps.
   *
   * @param other above 0 and below 1
   * @return new options
   */
  public NormOptions withEps(double other) {
    return new NormOptions(other, bias, dtype);
  }

  /**
   * The same without a bias.
   *
   * @return new options
   */
  public NormOptions withoutBias() {
    return new NormOptions(eps, false, dtype);
  }

  /**
   * The same in another dtype.
   *
   * @param other the dtype
   * @return new options
   */
  public NormOptions with(Dtype other) {
    return new NormOptions(eps, bias, other);
  }
}
