package dev.noether.hom;

import dev.noether.torch.Buffers;
import java.util.function.UnaryOperator;
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

  /**
   * How several maps become one tensor.
   *
   * @param maps how many
   * @param arrange from the transposed maps, {@code [maps, in, out]}, to the axes wanted
   * @return from {@code [maps, dim]} to a contiguous tensor
   */
  default UnaryOperator<Tensor> stack(int maps, UnaryOperator<Tensor> arrange) {
    return coefficients -> {
      Tensor[] each = new Tensor[maps];
      for (int i = 0; i < maps; i++) {
        each[i] = expand(coefficients.select(0, i));
      }
      return arrange.apply(torch.stack(new TensorVector(each), 0)).contiguous();
    };
  }

  /** {@code [out, in]} to {@code [dim]}: those of the closest equivariant map. */
  Tensor coefficients(Tensor weight);

  /** {@code [out, in]} to the closest equivariant map, transposed: {@code [in, out]}. */
  Tensor project(Tensor weight);
}
