package dev.noether.nn.linear;

import dev.noether.hom.GroupHomomorphismBasis;
import dev.noether.hom.Initialization;
import dev.noether.nn.Parameter;
import dev.noether.spectral.Execution;
import dev.noether.spectral.MapPlan;
import dev.noether.spectral.SpectralBasis;
import dev.noether.spectral.SpectralForm;
import dev.noether.spectral.SpectralMap;
import dev.noether.spectral.Spectrum;
import dev.noether.torch.Buffers;
import dev.noether.torch.DenseProduct;
import dev.noether.torch.KeptTensor;
import dev.noether.torch.Scopes;
import java.util.OptionalLong;
import org.bytedeco.pytorch.GradMode;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * x W^T + b with W in Hom_G(in, out): coefficients, their basis, a bias, and the ways to apply
 * them. What {@link EquivariantLinear} and {@link FieldLinear} share.
 */
final class EquivariantMap implements SpectralForm {
  private final GroupHomomorphismBasis basis;
  private final SpectralMap spectral;
  private final Parameter coefficients;
  private final @Nullable InvariantBias bias;
  private final Execution execution;
  private final int inSize;
  private final KeptTensor kept = new KeptTensor();
  private volatile @Nullable Planned last;

  /** The plan of a batch; batches tend to repeat. */
  private record Planned(long samples, boolean fresh, MapPlan plan) {}

  EquivariantMap(
      GroupHomomorphismBasis basis,
      SpectralMap spectral,
      Parameter coefficients,
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
    return coefficients.original();
  }

  /** The bias, {@code [out]}; null for a layer without one. */
  @Nullable Tensor bias() {
    return bias == null ? null : bias.bias();
  }

  private @Nullable Tensor shift() {
    return bias == null ? null : bias.vector();
  }

  /** Draws the coefficients anew and sets the bias to zero, in place. */
  void reset(Initialization scheme, OptionalLong seed) {
    coefficients.set(basis.initialize(scheme, seed));
    if (bias != null) {
      bias.coefficients().ifPresent(Tensor::zero_);
    }
  }

  void clear() {
    kept.clear();
  }

  /** The dense weight, {@code [out, in]}, the caller's own. */
  Tensor dense(boolean training) {
    return Scopes.compute(() -> training ? expanded() : keptWeight().clone());
  }

  private Tensor expanded() {
    return basis.expandTransposed(coefficients.value()).t().contiguous();
  }

  /** The dense weight, {@code [out, in]}, kept in evaluation. */
  private Tensor keptWeight() {
    return kept.get(false, coefficients.value(), this::expanded);
  }

  /**
   * One dense product: in evaluation the call of the plain layer; in training the weight is laid
   * out transposed, which the product and its gradient read faster.
   */
  private Tensor product(Tensor input, boolean training) {
    return training
        ? DenseProduct.applyTransposed(input, basis.expandTransposed(coefficients.value()), shift())
        : DenseProduct.apply(input, keptWeight(), shift());
  }

  MapPlan plan(long samples, boolean training) {
    return MapPlan.of(basis, spectral, samples, training);
  }

  /** x W^T + b, inside a scope of the layer. */
  Tensor apply(Tensor input, boolean training) {
    return choice(input.numel() / inSize, training) == Execution.DENSE
        ? product(input, training)
        : spectral.out().leave(apply(spectral.in().enter(input)), input);
  }

  private Execution choice(long samples, boolean training) {
    return execution == Execution.AUTO ? planned(samples, training).choice() : execution;
  }

  private MapPlan planned(long samples, boolean training) {
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
  public Buffers buffers() {
    return new Buffers();
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
    MapPlan plan = planned(samples, training);
    boolean dense = choice(samples, training) == Execution.DENSE;
    double alone = dense ? plan.denseMicroseconds() : plan.spectralMicroseconds();
    double inside =
        execution == Execution.DENSE ? Double.POSITIVE_INFINITY : plan.insideMicroseconds();
    return new Cost(alone, inside, (plan.spectralMicroseconds() - plan.insideMicroseconds()) / 2);
  }

  @Override
  public Spectrum apply(Spectrum features) {
    Spectrum output = spectral.apply(features, coefficients.value());
    return bias == null ? output : bias.addTo(output, spectral.out());
  }
}
