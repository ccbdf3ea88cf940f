package dev.noether.hom;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/**
 * Features of a batch in the isotypic basis: one matrix for each irrep, none where they vanish.
 *
 * <p>The matrix of an irrep of dimension d with S endomorphisms is {@code [samples d / S, S m]}: a
 * row for each sample and each row of the irrep, and side by side the m copies. An equivariant map
 * multiplies it from the right, all rows by the same matrix (Schur's lemma).
 */
public final class Spectrum {
  private final long samples;
  private final List<Optional<Tensor>> features;

  Spectrum(long samples, List<Optional<Tensor>> features) {
    this.samples = samples;
    this.features = List.copyOf(features);
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
   * @param place its place in the group's list of irreps
   * @return {@code [samples d / S, S m]}; empty where they are zero
   */
  public Optional<Tensor> of(int place) {
    return features.get(place);
  }

  /**
   * The same features, those of one irrep zero.
   *
   * @param place the irrep's place in the group's list
   * @return a new spectrum
   */
  public Spectrum without(int place) {
    List<Optional<Tensor>> all = new ArrayList<>(features);
    all.set(place, Optional.empty());
    return new Spectrum(samples, all);
  }

  /**
   * The same features, those of one irrep replaced.
   *
   * @param place the irrep's place in the group's list
   * @param tensor its new features
   * @return a new spectrum
   */
  public Spectrum with(int place, Tensor tensor) {
    List<Optional<Tensor>> all = new ArrayList<>(features);
    all.set(place, Optional.of(tensor));
    return new Spectrum(samples, all);
  }
}
