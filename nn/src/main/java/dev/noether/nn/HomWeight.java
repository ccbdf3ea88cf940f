package dev.noether.nn;

import dev.noether.hom.Execution;
import dev.noether.hom.ExecutionPlan;
import dev.noether.hom.GroupHomomorphismBasis;
import dev.noether.hom.SpectralMap;
import dev.noether.rep.Representation;
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
  private final EvaluationCache cache = new EvaluationCache();

  HomWeight(
      GroupHomomorphismBasis basis,
      SpectralMap spectral,
      Tensor coefficients,
      Execution execution) {
    this.basis = basis;
    this.spectral = spectral;
    this.coefficients = coefficients;
    this.execution = execution;
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

  /** The dense weight, kept in evaluation. */
  Tensor dense(boolean training) {
    return cache.get(training, coefficients, () -> basis.expand(coefficients));
  }

  ExecutionPlan plan(long samples, boolean training) {
    return ExecutionPlan.of(basis, spectral, samples, training);
  }

  /** x W^T + b for an input that has been checked. */
  Tensor apply(Tensor input, boolean training, @Nullable Tensor bias) {
    Representation in = basis.in();
    long samples = input.numel() / in.size();
    boolean fresh = training || GradMode.is_enabled();
    if (choice(samples, fresh) == Execution.DENSE) {
      return Affine.apply(input, dense(training), bias);
    }
    Tensor output = spectral.apply(input.reshape(-1, in.size()), coefficients);
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
    return execution == Execution.AUTO ? plan(samples, fresh).choice() : execution;
  }
}
