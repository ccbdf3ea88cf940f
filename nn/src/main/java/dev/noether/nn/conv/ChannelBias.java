package dev.noether.nn.conv;

import dev.noether.algebra.Matrix;
import dev.noether.nn.Parameter;
import dev.noether.torch.Buffers;
import dev.noether.torch.Dtype;
import dev.noether.torch.Tensors;
import java.util.function.BiFunction;
import org.bytedeco.pytorch.Tensor;

/**
 * The bias of a convolution whose channels transform: a combination of the vectors on which the
 * group does nothing, whose coefficients train and start at zero. In evaluation without gradients
 * the dense bias is kept.
 */
final class ChannelBias {
  private final Parameter coefficients;
  private final Buffers buffers = new Buffers();
  private final Parameter.Derived dense;

  /**
   * A bias.
   *
   * @param invariants the vectors, as columns; at least one
   * @param register registers the parameter of a name
   */
  ChannelBias(
      String name,
      Matrix invariants,
      String buffer,
      Dtype dtype,
      BiFunction<String, Tensor, Parameter> register) {
    int count = invariants.columns();
    coefficients = register.apply(name, Tensors.of(dtype, new double[count], count));
    Tensor columns = buffers.add(buffer, dtype, invariants);
    dense = coefficients.derived(columns::mv);
  }

  Buffers buffers() {
    return buffers;
  }

  /** The dense bias, {@code [channels]}. */
  Tensor value(boolean training) {
    return dense.get(training);
  }

  /** Without gradients. */
  void zero() {
    coefficients.original().zero_();
  }
}
