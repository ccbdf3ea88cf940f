package dev.noether.nn.attention;

import dev.noether.torch.DenseProduct;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** Queries, keys and values by one weight, one below the other. */
final class PackedProjection {
  private PackedProjection() {}

  /**
   * Queries, keys and values, as the inputs lie; one product where the inputs are one tensor.
   *
   * @param weight {@code [3 size, size]}
   * @param bias {@code [3 size]}, or null
   */
  static Tensor[] apply(
      Tensor query, Tensor key, Tensor value, Tensor weight, @Nullable Tensor bias) {
    long size = weight.size(1);
    if (query.equals(key) && key.equals(value)) {
      Tensor all = DenseProduct.apply(query, weight, bias);
      return new Tensor[] {
        all.narrow(-1, 0, size), all.narrow(-1, size, size), all.narrow(-1, 2 * size, size)
      };
    }
    if (key.equals(value)) {
      Tensor both = part(key, weight, bias, size, 2 * size);
      return new Tensor[] {
        part(query, weight, bias, 0, size), both.narrow(-1, 0, size), both.narrow(-1, size, size)
      };
    }
    return new Tensor[] {
      part(query, weight, bias, 0, size),
      part(key, weight, bias, size, size),
      part(value, weight, bias, 2 * size, size)
    };
  }

  private static Tensor part(
      Tensor input, Tensor weight, @Nullable Tensor bias, long start, long length) {
    return DenseProduct.apply(
        input,
        weight.narrow(0, start, length),
        bias == null ? null : bias.narrow(0, start, length));
  }
}
