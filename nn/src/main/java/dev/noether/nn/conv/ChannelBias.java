package dev.noether.nn.conv;

import dev.noether.algebra.Matrix;
import dev.noether.nn.Parameter;
import dev.noether.nn.linear.FixedVectors;
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
  private final Buffers buffers;
  private final Parameter.Derived dense;

  /**
   * A bias.
   *
   * @param invariants the vectors, as columns; at least one
   * @param register registers the parameter of a name
   */
  ChannelBias(
      String name, Matrix invariants, Dtype dtype, BiFunction<String, Tensor, Parameter> register) {
    buffers = new Buffers();
    coefficients = coefficients(name, invariants.columns(), dtype, register);
    Tensor columns = buffers.add("bias_columns", dtype, invariants);
    dense = coefficients.derived(columns::mv);
  }

  /**
   * A bias of channels that are one vector.
   *
   * @param invariants the vectors, at least one
   * @param register registers the parameter of a name
   */
  ChannelBias(
      String name,
      FixedVectors invariants,
      Dtype dtype,
      BiFunction<String, Tensor, Parameter> register) {
    buffers = invariants.buffers();
    coefficients = coefficients(name, invariants.count(), dtype, register);
    dense = coefficients.derived(invariants::vector);
  }

  private static Parameter coefficients(
      String name, int count, Dtype dtype, BiFunction<String, Tensor, Parameter> register) {
    return register.apply(name, Tensors.of(dtype, new double[count], count));
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
