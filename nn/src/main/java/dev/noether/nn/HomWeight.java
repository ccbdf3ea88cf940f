package dev.noether.nn;

import dev.noether.hom.Execution;
import dev.noether.hom.ExecutionPlan;
import dev.noether.hom.GroupHomomorphismBasis;
import dev.noether.hom.SpectralMap;
import dev.noether.torch.Scopes;
import dev.noether.torch.Tensors;
import java.util.Arrays;
import org.bytedeco.pytorch.GradMode;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** The equivariant map of a linear layer: coefficients, basis, and the two ways to apply it. */
final class HomWeight {
  private final GroupHomomorphismBasis basis;
  private final SpectralMap spectral;
  private final Tensor coefficients;
  private final Execution execution;
  private final int inSize;
  private final EvaluationCache cache = new EvaluationCache();
  private volatile Choice last = new Choice(-1, false, Execution.DENSE);

  /** What was chosen for a batch; batches tend to repeat. */
  private record Choice(long samples, boolean fresh, Execution execution) {}

  HomWeight(
      GroupHomomorphismBasis basis,
      SpectralMap spectral,
      Tensor coefficients,
      Execution execution) {
    this.basis = basis;
    this.spectral = spectral;
    this.coefficients = coefficients;
    this.execution = execution;
    this.inSize = basis.in().size();
  }

  GroupHomomorphismBasis basis() {
    return basis;
  }

  Tensor coefficients() {
    return coefficients;
  }

  void clear() {
    cache.clear();
  }

  /** The dense weight, {@code [out, in]}. */
  Tensor dense(boolean training) {
    return Scopes.compute(() -> transposed(training).t().contiguous());
  }

  /** The dense weight transposed, {@code [in, out]}, kept in evaluation. */
  private Tensor transposed(boolean training) {
    return cache.get(training, coefficients, () -> basis.expandTransposed(coefficients));
  }

  ExecutionPlan plan(long samples, boolean training) {
    return ExecutionPlan.of(basis, spectral, samples, training);
  }

  /** x W^T + b for an input that has been checked. */
  Tensor apply(Tensor input, boolean training, @Nullable Tensor bias) {
    long samples = input.numel() / inSize;
    boolean fresh = training || GradMode.is_enabled();
    if (choice(samples, fresh) == Execution.DENSE) {
      return Affine.applyTransposed(input, transposed(training), bias);
    }
    Tensor output = spectral.apply(input.reshape(-1, inSize), coefficients);
    if (bias != null) {
      output = output.add(bias);
    }
    long[] shape = Tensors.shape(input);
    if (shape.length == 2) {
      return output;
    }
    long[] result = Arrays.copyOf(shape, shape.length);
    result[shape.length - 1] = basis.out().size();
    return output.reshape(result);
  }

  private Execution choice(long samples, boolean fresh) {
    if (execution != Execution.AUTO) {
      return execution;
    }
    Choice known = last;
    if (known.samples != samples || known.fresh != fresh) {
      known = new Choice(samples, fresh, plan(samples, fresh).choice());
      last = known;
    }
    return known.execution;
  }
}
