package dev.noether.hom;

import dev.noether.torch.Buffers;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * The arithmetic between coefficients, in an order of its own, and dense maps.
 *
 * <p>Maps leave it transposed: a product with a batch, and the gradient that comes back, read rows
 * of that layout, which LibTorch does a few percent faster.
 */
interface Realization {
  /** The tensors that it computes with, by name. */
  Buffers buffers();

  /** {@code [dim]} to the transposed map, {@code [in, out]}, contiguous. */
  Tensor expand(Tensor coefficients);

  /** {@code [maps, dim]} to the transposed maps, {@code [maps, in, out]}, contiguous. */
  default Tensor expandEach(Tensor coefficients) {
    Tensor[] maps = new Tensor[Math.toIntExact(coefficients.size(0))];
    for (int i = 0; i < maps.length; i++) {
      maps[i] = expand(coefficients.select(0, i));
    }
    return torch.stack(new TensorVector(maps), 0);
  }

  /** {@code [out, in]} to {@code [dim]}: those of the closest equivariant map. */
  Tensor coefficients(Tensor weight);

  /** {@code [out, in]} to the closest equivariant map, transposed: {@code [in, out]}. */
  Tensor project(Tensor weight);
}
