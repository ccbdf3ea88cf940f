package dev.noether.spectral;

import dev.noether.group.Irrep;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/**
 * Features of a batch by irreps: one matrix for each irrep, none where they vanish.
 *
 * <p>The matrix of an irrep of dimension d with S endomorphisms is {@code [samples d / S, S m]}: a
 * row for each sample and each row of the irrep, and side by side the m copies. An equivariant map
 * multiplies it from the right, all rows by the same matrix (Schur's lemma).
 */
public final class Spectrum {
  private final long samples;
  private final Map<Irrep, Tensor> features;

  /**
   * Features of some irreps.
   *
   * @param samples the number of samples
   * @param features {@code [samples d / S, S m]} of each irrep; zero for those that are not there
   */
  public Spectrum(long samples, Map<Irrep, Tensor> features) {
    this.samples = samples;
    this.features = Collections.unmodifiableMap(new LinkedHashMap<>(features));
  }

  /**
   * How many samples there are.
   *
   * @return the number of samples
   */
  public long samples() {
    return samples;
  }

  /**
   * The features of an irrep.
   *
   * @param irrep the irrep
   * @return {@code [samples d / S, S m]}; empty where they are zero
   */
  public Optional<Tensor> of(Irrep irrep) {
    return Optional.ofNullable(features.get(irrep));
  }

  /**
   * The same features, those of one irrep zero.
   *
   * @param irrep the irrep
   * @return a new spectrum
   */
  public Spectrum without(Irrep irrep) {
    Map<Irrep, Tensor> all = new LinkedHashMap<>(features);
    all.remove(irrep);
    return new Spectrum(samples, all);
  }

  /**
   * The same features, those of one irrep replaced.
   *
   * @param irrep the irrep
   * @param tensor its new features
   * @return a new spectrum
   */
  public Spectrum with(Irrep irrep, Tensor tensor) {
    Map<Irrep, Tensor> all = new LinkedHashMap<>(features);
    all.put(irrep, tensor);
    return new Spectrum(samples, all);
  }

  /**
   * The sum of two features of one representation.
   *
   * @param other features of as many samples in the same basis
   * @return a new spectrum
   */
  public Spectrum plus(Spectrum other) {
    Map<Irrep, Tensor> all = new LinkedHashMap<>(features);
    other.features.forEach((irrep, own) -> all.merge(irrep, own, Tensor::add));
    return new Spectrum(samples, all);
  }
}
