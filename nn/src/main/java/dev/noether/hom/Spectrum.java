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

  /** What is done to the features of one irrep. */
  @FunctionalInterface
  public interface Change {
    /**
     * The new features.
     *
     * @param place the irrep's place in the group's list
     * @param tensor its features
     * @return a tensor of the same shape
     */
    Tensor apply(int place, Tensor tensor);
  }

  /**
   * The features of every irrep changed, where they are not zero.
   *
   * @param change what is done to each
   * @return a new spectrum
   */
  public Spectrum map(Change change) {
    List<Optional<Tensor>> all = new ArrayList<>();
    for (int place = 0; place < features.size(); place++) {
      int own = place;
      all.add(features.get(place).map(tensor -> change.apply(own, tensor)));
    }
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
