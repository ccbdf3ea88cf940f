package dev.noether.spectral;

import org.bytedeco.pytorch.Tensor;

/**
 * A way to apply an equivariant map: it applies itself, prices itself and counts its bytes. Every
 * way gives the same function; a {@link MapPlan} picks the least for a batch. Another way is
 * another implementation.
 */
public interface MapExecution {
  /**
   * The name under which a user may ask for it.
   *
   * @return the name, not {@link Execution#AUTO}
   */
  Execution execution();

  /**
   * x W^T + b, inside a scope of the layer.
   *
   * @param input {@code [..., in.size]}
   * @param training whether nothing may be kept
   * @return {@code [..., out.size]}
   */
  Tensor apply(Tensor input, boolean training);

  /**
   * The predicted time of one call, forward and backward in training.
   *
   * @param samples the samples in a batch
   * @param training whether the weight is expanded at every call and gradients are computed
   * @return microseconds by the {@link CostModel}
   */
  double microseconds(long samples, boolean training);

  /**
   * The work on one sample, forward.
   *
   * @return multiply-adds
   */
  long multiplyAdds();

  /**
   * The memory of the tensors that it computes with.
   *
   * @return bytes, coefficients left out
   */
  long bytes();
}
