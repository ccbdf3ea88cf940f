package dev.noether.nn.linear;

import dev.noether.hom.GroupHomomorphismBasis;
import dev.noether.nn.Parameter;
import dev.noether.spectral.BatchedMap;
import dev.noether.spectral.Execution;
import dev.noether.spectral.MapExecution;
import dev.noether.spectral.PaddedMap;
import dev.noether.spectral.SpectralMap;
import dev.noether.spectral.SpectralWork;
import dev.noether.spectral.Spectrum;
import java.util.Optional;
import org.bytedeco.pytorch.GradMode;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** Never forms the dense weight: changes basis, multiplies irrep by irrep, changes back. */
final class SpectralExecution implements MapExecution {
  private final @Nullable BatchedMap batched;
  private final SpectralMap map;
  private final Parameter coefficients;
  private final @Nullable InvariantBias bias;
  private final Parameter.Derived mixing;
  private final SpectralWork work;
  private final long size;

  SpectralExecution(
      GroupHomomorphismBasis basis,
      SpectralMap map,
      Parameter coefficients,
      @Nullable InvariantBias bias) {
    batched = BatchedMap.of(basis).orElse(null);
    this.map = map;
    work = map.work(batched);
    size = basis.in().size();
    this.coefficients = coefficients;
    this.bias = bias;
    mixing = coefficients.derived(map::mixing);
    if (batched != null) {
      coefficients.whenDropped(batched::clear);
    }
    coefficients.whenDropped(work::clear);
  }

  SpectralMap map() {
    return map;
  }

  @Override
  public Execution execution() {
    return Execution.SPECTRAL;
  }

  @Override
  public Tensor apply(Tensor input, boolean training) {
    if (batched != null) {
      return batched.apply(input, coefficients.value(), bias == null ? null : bias.vector());
    }
    Optional<PaddedMap> padded = work.padded(input.numel() / size, training);
    if (padded.isPresent()) {
      @Nullable Tensor shift = bias == null ? null : bias.vector();
      return padded.get().apply(map, input, coefficients.value(), shift);
    }
    return map.out().leave(apply(map.in().enter(input)), input);
  }

  /** On features that are in a spectrum and stay there. */
  Spectrum apply(Spectrum features) {
    Spectrum output = map.applyMixing(features, mixing.get(GradMode.is_enabled()));
    return bias == null ? output : bias.addTo(output, map.out());
  }

  SpectralWork work() {
    return work;
  }

  @Override
  public double microseconds(long samples, boolean training) {
    return work.microseconds(samples, training);
  }

  @Override
  public long multiplyAdds() {
    return work.multiplyAdds();
  }

  @Override
  public long bytes() {
    return map.buffers().bytes();
  }
}
