package dev.noether.nn;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/** The one call behind every dense layer. */
final class Affine {
  private Affine() {}

  /** x W^T + b, or x W^T without a bias. */
  static Tensor apply(Tensor input, Tensor weight, @Nullable Tensor bias) {
    return bias == null ? torch.linear(input, weight) : torch.linear(input, weight, bias);
  }

  /** x V + b for the transposed weight V, {@code [in, out]}. */
  static Tensor applyTransposed(Tensor input, Tensor weight, @Nullable Tensor bias) {
    if (input.dim() != 2) {
      return apply(input, weight.t(), bias);
    }
    return bias == null ? input.mm(weight) : torch.addmm(bias, input, weight);
  }
}
