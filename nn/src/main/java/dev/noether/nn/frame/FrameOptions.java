package dev.noether.nn.frame;

import static dev.noether.algebra.Checks.require;

import dev.noether.group.Subgroup;
import java.util.Optional;

/**
 * What an average runs over. Start from {@link #defaults()} and change what differs.
 *
 * @param equivariantUnder a subgroup under which the function is equivariant already: one element
 *     of each of its right cosets suffices; empty where none is known
 * @param maxElements the largest number of elements to average over: the function is evaluated on
 *     so many times as many samples
 */
public record FrameOptions(Optional<Subgroup> equivariantUnder, int maxElements) {
  private static final int USUAL = 128;

  /**
   * Checks the limit.
   *
   * @param equivariantUnder a subgroup under which the function is equivariant already
   * @param maxElements the largest number of elements to average over
   * @throws IllegalArgumentException if the limit is below 1
   */
  public FrameOptions {
    require(maxElements >= 1, "maxElements must be at least 1, got %d", maxElements);
  }

  /**
   * The whole group, of order 128 at most.
   *
   * @return the defaults
   */
  public static FrameOptions defaults() {
    return new FrameOptions(Optional.empty(), USUAL);
  }

  /**
   * The same over the cosets of a subgroup.
   *
   * @param subgroup a subgroup under which the function is equivariant already
   * @return new options
   */
  public FrameOptions withEquivariantUnder(Subgroup subgroup) {
    return new FrameOptions(Optional.of(subgroup), maxElements);
  }

  /**
   * The same with another limit.
   *
   * @param limit the largest number of elements to average over
   * @return new options
   * @throws IllegalArgumentException if it is below 1
   */
  public FrameOptions withMaxElements(int limit) {
    return new FrameOptions(equivariantUnder, limit);
  }
}
