package dev.noether.nn;

import dev.noether.hom.Execution;
import dev.noether.hom.ExecutionPlan;
import dev.noether.hom.GroupHomomorphismBasis;
import dev.noether.hom.Initialization;
import dev.noether.hom.SpectralBasis;
import dev.noether.hom.SpectralMap;
import dev.noether.hom.Spectrum;
import dev.noether.torch.Scopes;
import dev.noether.torch.Tensors;
import java.util.Map;
import java.util.OptionalLong;
import org.bytedeco.pytorch.GradMode;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** What a linear layer does: coefficients, their basis, a bias, and the two ways to apply them. */
final class HomWeight implements SpectralStage {
  private final GroupHomomorphismBasis basis;
  private final SpectralMap spectral;
  private final Tensor coefficients;
  private final @Nullable InvariantBias bias;
  private final Execution execution;
  private final int inSize;
  private final EvaluationCache cache = new EvaluationCache();
  private volatile @Nullable Planned last;

  /** The plan of a batch; batches tend to repeat. */
  private record Planned(long samples, boolean fresh, ExecutionPlan plan) {}

  HomWeight(
      GroupHomomorphismBasis basis,
      SpectralMap spectral,
      Tensor coefficients,
      @Nullable InvariantBias bias,
      Execution execution) {
    this.basis = basis;
    this.spectral = spectral;
    this.coefficients = coefficients;
    this.bias = bias;
    this.execution = execution;
    this.inSize = basis.in().size();
  }

  GroupHomomorphismBasis basis() {
    return basis;
  }

  Tensor coefficients() {
    return coefficients;
  }

  /** The bias, {@code [out]}; null for a layer without one. */
  @Nullable Tensor bias() {
    return bias == null ? null : bias.bias();
  }

  /** Draws the coefficients anew and sets the bias to zero, in place. */
  void reset(Initialization scheme, OptionalLong seed) {
    coefficients.copy_(basis.initialize(scheme, seed));
    if (bias != null) {
      bias.coefficients().ifPresent(Tensor::zero_);
    }
  }

  void clear() {
    cache.clear();
  }

  /** The dense weight, {@code [out, in]}, the caller's own. */
  Tensor dense(boolean training) {
    return Scopes.compute(() -> training ? expanded() : kept().clone());
  }

  private Tensor expanded() {
    return basis.expandTransposed(coefficients).t().contiguous();
  }

  /** The dense weight, {@code [out, in]}, kept in evaluation. */
  private Tensor kept() {
    return cache.get(false, coefficients, this::expanded);
  }

  /**
   * One dense product: in evaluation the call of the plain layer; in training the weight is laid
   * out transposed, which the product and its gradient read faster.
   */
  private Tensor product(Tensor input, boolean training) {
    return training
        ? Affine.applyTransposed(input, basis.expandTransposed(coefficients), bias())
        : Affine.apply(input, kept(), bias());
  }

  ExecutionPlan plan(long samples, boolean training) {
    return ExecutionPlan.of(basis, spectral, samples, training);
  }

  /** x W^T + b. */
  Tensor apply(Tensor input, boolean training) {
    check(input);
    return Scopes.compute(
        () ->
            choice(input.numel() / inSize, training) == Execution.DENSE
                ? product(input, training)
                : leave(apply(spectrum(input)), input));
  }

  private void check(Tensor input) {
    Tensors.requireInput(input, inSize, "in.size()", basis.in(), coefficients);
  }

  private Execution choice(long samples, boolean training) {
    return execution == Execution.AUTO ? planned(samples, training).choice() : execution;
  }

  private ExecutionPlan planned(long samples, boolean training) {
    boolean fresh = training || GradMode.is_enabled();
    Planned known = last;
    if (known == null || known.samples != samples || known.fresh != fresh) {
      known = new Planned(samples, fresh, plan(samples, fresh));
      last = known;
    }
    return known.plan;
  }

  /** The layer registers its own. */
  @Override
  public Map<String, Tensor> buffers() {
    return Map.of();
  }

  @Override
  public SpectralBasis in() {
    return spectral.in();
  }

  @Override
  public SpectralBasis out() {
    return spectral.out();
  }

  @Override
  public Cost cost(long samples, boolean training) {
    ExecutionPlan plan = planned(samples, training);
    boolean dense = choice(samples, training) == Execution.DENSE;
    double alone = dense ? plan.denseMicroseconds() : plan.spectralMicroseconds();
    double inside =
        execution == Execution.DENSE ? Double.POSITIVE_INFINITY : plan.insideMicroseconds();
    return new Cost(alone, inside, (plan.spectralMicroseconds() - plan.insideMicroseconds()) / 2);
  }

  @Override
  public Spectrum enter(Tensor input) {
    check(input);
    return spectrum(input);
  }

  private Spectrum spectrum(Tensor input) {
    return spectral.in().enter(input.dim() == 2 ? input : input.reshape(-1, inSize));
  }

  @Override
  public Spectrum apply(Spectrum features) {
    Spectrum output = spectral.apply(features, coefficients);
    return bias == null ? output : bias.addTo(output, spectral.out());
  }

  @Override
  public Tensor leave(Spectrum features, Tensor input) {
    Tensor flat = spectral.out().leave(features, input);
    if (input.dim() == 2) {
      return flat;
    }
    long[] shape = Tensors.shape(input);
    shape[shape.length - 1] = basis.out().size();
    return flat.reshape(shape);
  }
}
