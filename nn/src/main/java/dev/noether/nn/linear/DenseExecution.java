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
    weight = coefficients.derived(own -> basis.expandTransposed(own).t().contiguous().t());
  }

  @Override
  public Execution execution() {
    return Execution.DENSE;
  }

  /**
   * One product with the transposed weight. In training it lies transposed in memory, which the
   * product and its gradient read faster; the kept one lies as the plain layer's does.
   */
  @Override
  public Tensor apply(Tensor input, boolean training) {
    Tensor transposed = training ? basis.expandTransposed(coefficients.value()) : weight.get(false);
    return DenseProduct.applyTransposed(input, transposed, shift());
  }

  /** In evaluation, after scales that the weight takes in. */
  Tensor apply(Tensor input, EquivariantAffine scales) {
    return DenseProduct.applyTransposed(
        input, scales.takenIntoTransposed(weight.get(false)), shift());
  }

  private @Nullable Tensor shift() {
    return bias == null ? null : bias.vector();
  }

  /** The dense weight, {@code [out, in]}; in evaluation a view of the kept one. */
  Tensor weight(boolean training) {
    return weight.get(training).t();
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
