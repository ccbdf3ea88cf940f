package dev.noether.merge;

/**
 * Statistics of samples, of a size that does not depend on how many there were, which merge with
 * those of other samples: in any order, up to rounding.
 *
 * <p>Immutable.
 *
 * @param <S> what it merges with: its own class
 */
public interface Mergeable<S extends Mergeable<S>> {
  /**
   * Merges two data sets.
   *
   * @param other statistics of the same kind, between the same representations
   * @return the statistics of the samples of both
   * @throws IllegalArgumentException if the representations differ in irreps or basis, or the
   *     samples in dtype or device
   */
  S plus(S other);

  /**
   * The number of samples so far.
   *
   * @return N
   */
  long count();

  /**
   * What is kept of the samples, to be written down.
   *
   * @return all that makes these statistics again; samples on a GPU count as samples on the CPU
   */
  MergeableState state();
}
