package dev.noether.torch;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/** The one call behind every dense layer. */
public final class DenseProduct {
  private DenseProduct() {}

  /**
   * x W^T + b.
   *
   * @param input {@code [..., in]}
   * @param weight {@code [out, in]}
   * @param bias {@code [out]}, or null
   * @return {@code [..., out]}
   */
  public static Tensor apply(Tensor input, Tensor weight, @Nullable Tensor bias) {
    return bias == null ? torch.linear(input, weight) : torch.linear(input, weight, bias);
  }

  /**
   * x V + b for the transposed weight V, which a product in training reads faster.
   *
   * @param input {@code [..., in]}
   * @param weight {@code [in, out]}
   * @param bias {@code [out]}, or null
   * @return {@code [..., out]}
   */
  public static Tensor applyTransposed(Tensor input, Tensor weight, @Nullable Tensor bias) {
    if (input.dim() != 2) {
      return apply(input, weight.t(), bias);
    }
    return bias == null ? input.mm(weight) : torch.addmm(bias, input, weight);
  }

  /**
   * x M as one product, whatever the leading axes. LibTorch's own choice is a product for each
   * sample where rows are cut out of wider ones, which takes ten times as long.
   *
   * @param input {@code [..., n]}
   * @param matrix {@code [n, m]}
   * @return {@code [..., m]}
   */
  public static Tensor times(Tensor input, Tensor matrix) {
    if (input.dim() <= 2) {
      return input.matmul(matrix);
    }
    return input
        .reshape(-1, matrix.size(0))
        .mm(matrix)
        .view(Tensors.shapeWithLast(input, matrix.size(1)));
  }
}
