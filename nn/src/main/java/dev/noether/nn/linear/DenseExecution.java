package dev.noether.nn.linear;

import dev.noether.hom.GroupHomomorphismBasis;
import dev.noether.nn.Parameter;
import dev.noether.spectral.CostModel;
import dev.noether.spectral.Execution;
import dev.noether.spectral.MapExecution;
import dev.noether.torch.DenseProduct;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** Expands the coefficients into the dense weight, then makes one dense product. */
final class DenseExecution implements MapExecution {
  private final GroupHomomorphismBasis basis;
  private final Parameter coefficients;
  private final @Nullable InvariantBias bias;
  private final Parameter.Derived weight;

  DenseExecution(
      GroupHomomorphismBasis basis, Parameter coefficients, @Nullable InvariantBias bias) {
    this.basis = basis;
    this.coefficients = coefficients;
    this.bias = bias;
    weight = coefficients.derived(own -> basis.expandTransposed(own).t().contiguous());
  }

  @Override
  public Execution execution() {
    return Execution.DENSE;
  }

  /**
   * In evaluation the call of the plain layer; in training the weight is laid out transposed, which
   * the product and its gradient read faster.
   */
  @Override
  public Tensor apply(Tensor input, boolean training) {
    @Nullable Tensor shift = bias == null ? null : bias.vector();
    return training
        ? DenseProduct.applyTransposed(input, basis.expandTransposed(coefficients.value()), shift)
        : DenseProduct.apply(input, weight(false), shift);
  }

  /** In evaluation, after scales that the weight takes in. */
  Tensor apply(Tensor input, EquivariantAffine scales) {
    Tensor own = weight(false);
    return DenseProduct.apply(
        input, scales.takenInto(own, own.size(0)), bias == null ? null : bias.vector());
  }

  /** The dense weight, {@code [out, in]}; the kept one in evaluation. */
  Tensor weight(boolean training) {
    return weight.get(training);
  }

  @Override
  public double microseconds(long samples, boolean training) {
    return CostModel.dense(multiplyAdds(), samples, training);
  }

  @Override
  public long multiplyAdds() {
    return basis.space().denseMultiplyAddsPerSample();
  }

  @Override
  public long bytes() {
    return basis.buffers().bytes();
  }
}
