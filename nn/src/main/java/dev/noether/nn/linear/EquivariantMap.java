package dev.noether.nn.linear;

import dev.noether.hom.GroupHomomorphismBasis;
import dev.noether.hom.Initialization;
import dev.noether.nn.Parameter;
import dev.noether.spectral.Execution;
import dev.noether.spectral.MapExecution;
import dev.noether.spectral.MapPlan;
import dev.noether.spectral.SpectralBasis;
import dev.noether.spectral.SpectralForm;
import dev.noether.spectral.Spectrum;
import dev.noether.torch.Buffers;
import dev.noether.torch.Scopes;
import java.util.List;
import java.util.Locale;
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
  private final Parameter coefficients;
  private final @Nullable InvariantBias bias;
  private final Execution wanted;
  private final DenseExecution dense;
  private final SpectralExecution spectral;
  private final int inSize;
  private volatile @Nullable Planned last;

  /** The way for a batch; batches tend to repeat. */
  private record Planned(long samples, boolean fresh, MapExecution way) {}

  EquivariantMap(
      GroupHomomorphismBasis basis,
      Parameter coefficients,
      @Nullable InvariantBias bias,
      Execution wanted) {
    this.basis = basis;
    this.coefficients = coefficients;
    this.bias = bias;
    this.wanted = wanted;
    dense = new DenseExecution(basis, coefficients, bias);
    spectral = new SpectralExecution(basis, coefficients, bias);
    inSize = basis.in().size();
  }

  private List<MapExecution> ways() {
    return List.of(dense, spectral);
  }

  GroupHomomorphismBasis basis() {
    return basis;
  }

  /** The tensors of the isotypic way, for the layer to register. */
  Buffers spectralBuffers() {
    return spectral.buffers();
  }

  Tensor coefficients() {
    return coefficients.original();
  }

  /** The bias, {@code [out]}; null for a layer without one. */
  @Nullable Tensor bias() {
    return bias == null ? null : bias.bias();
  }

  /** Draws the coefficients anew and sets the bias to zero, in place. */
  void reset(Initialization scheme, OptionalLong seed) {
    coefficients.set(basis.initialize(scheme, seed));
    if (bias != null) {
      bias.coefficients().ifPresent(Tensor::zero_);
    }
  }

  /** The dense weight, {@code [out, in]}, the caller's own. */
  Tensor dense(boolean training) {
    return Scopes.compute(() -> dense.weight(training).clone());
  }

  MapPlan plan(long samples, boolean training) {
    return MapPlan.of(ways(), samples, training);
  }

  /** The way for a batch, in words. */
  String words(long samples, boolean training) {
    Execution way = wanted == Execution.AUTO ? plan(samples, training).choice() : wanted;
    return way.name().toLowerCase(Locale.ROOT);
  }

  /** x W^T + b, inside a scope of the layer. */
  Tensor apply(Tensor input, boolean training) {
    return way(input.numel() / inSize, training).apply(input, training);
  }

  /** The same after scales, which a kept dense weight takes in. */
  Tensor apply(Tensor input, boolean training, EquivariantAffine scales) {
    MapExecution way = way(input.numel() / inSize, training);
    return way == dense && !training && !GradMode.is_enabled()
        ? dense.apply(input, scales)
        : way.apply(scales.forward(input), training);
  }

  /** The way that is wanted, or least for a batch. */
  private MapExecution way(long samples, boolean training) {
    boolean fresh = training || GradMode.is_enabled();
    Planned known = last;
    if (known == null || known.samples != samples || known.fresh != fresh) {
      Execution choice = wanted == Execution.AUTO ? plan(samples, fresh).choice() : wanted;
      MapExecution way =
          ways().stream().filter(own -> own.execution() == choice).findFirst().orElseThrow();
      known = new Planned(samples, fresh, way);
      last = known;
    }
    return known.way;
  }

  /** The layer registers its own. */
  @Override
  public Buffers buffers() {
    return new Buffers();
  }

  @Override
  public SpectralBasis in() {
    return spectral.map().in();
  }

  @Override
  public SpectralBasis out() {
    return spectral.map().out();
  }

  @Override
  public Cost cost(long samples, boolean training) {
    boolean fresh = training || GradMode.is_enabled();
    return new Cost(
        way(samples, training).microseconds(samples, fresh),
        wanted == Execution.DENSE
            ? Double.POSITIVE_INFINITY
            : spectral.work().inside(samples, fresh),
        spectral.work().side(samples, fresh));
  }

  @Override
  public Spectrum apply(Spectrum features) {
    return spectral.apply(features);
  }
}
