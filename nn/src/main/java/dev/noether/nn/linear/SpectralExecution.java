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
import dev.noether.torch.Buffers;
import dev.noether.torch.LazyBuffers;
import org.bytedeco.pytorch.GradMode;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** Never forms the dense weight: changes basis, multiplies irrep by irrep, changes back. */
final class SpectralExecution implements MapExecution {
  /** Another form of the same map, in one product for all irreps. */
  private interface Form {
    Tensor apply(Tensor input, Tensor coefficients, @Nullable Tensor bias);
  }

  private final SpectralMap map;
  private final Parameter coefficients;
  private final @Nullable InvariantBias bias;
  private final Parameter.Derived mixing;
  private final SpectralWork work;
  private final @Nullable Form batched;
  private final @Nullable Form padded;
  private final Buffers buffers = new Buffers();
  private final long size;

  SpectralExecution(
      GroupHomomorphismBasis basis, Parameter coefficients, @Nullable InvariantBias bias) {
    map = SpectralMap.of(basis);
    buffers.addAll("", map.buffers());
    @Nullable BatchedMap ofEqual = BatchedMap.of(basis).orElse(null);
    work = map.work(ofEqual);
    batched = ofEqual == null ? null : batched(ofEqual, basis.like());
    padded = work.padded().map(own -> padded(own, basis.like())).orElse(null);
    size = basis.in().size();
    this.coefficients = coefficients;
    this.bias = bias;
    mixing = coefficients.derived(map::mixing);
  }

  private Form batched(BatchedMap form, Tensor like) {
    LazyBuffers<BatchedMap.Tables> tables = new LazyBuffers<>(like, form::tables);
    buffers.addLazy("batched.", tables);
    return (input, weights, shift) -> form.apply(tables.get(), input, weights, shift);
  }

  private Form padded(PaddedMap form, Tensor like) {
    LazyBuffers<PaddedMap.Tables> tables =
        new LazyBuffers<>(like, (dtype, into) -> form.tables(map, dtype, into));
    buffers.addLazy("padded.", tables);
    return (input, weights, shift) -> form.apply(tables.get(), input, weights, shift);
  }

  SpectralMap map() {
    return map;
  }

  /** The tensors of all forms, which are made when they are needed. */
  Buffers buffers() {
    return buffers;
  }

  @Override
  public Execution execution() {
    return Execution.SPECTRAL;
  }

  @Override
  public Tensor apply(Tensor input, boolean training) {
    @Nullable Form form =
        batched != null ? batched : work.isPadded(input.numel() / size, training) ? padded : null;
    return form == null
        ? map.out().leave(apply(map.in().enter(input)), input)
        : form.apply(input, coefficients.value(), bias == null ? null : bias.vector());
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
    return buffers.bytes();
  }
}
