package dev.noether.kernel;

import static dev.noether.algebra.Checks.require;

/**
 * A circle or a sphere around the origin on which kernels live: exp(-(r - radius)^2 / (2 width^2)).
 *
 * @param radius in steps of the grid, at least 0
 * @param width above 0
 * @param highestFrequency the highest frequency of the harmonics on it, from 0 to 64
 */
public record Ring(double radius, double width, int highestFrequency) {
  /** Harmonics are accurate so far; a grid tells apart far fewer. */
  static final int HIGHEST_FREQUENCY = 64;

  /**
   * Checks the numbers.
   *
   * @param radius in steps of the grid
   * @param width the width of the profile
   * @param highestFrequency the highest frequency of the harmonics on it
   * @throws IllegalArgumentException if the radius is negative, the width not positive, a number
   *     not finite, or the frequency out of its range
   */
  public Ring {
    require(
        radius >= 0 && Double.isFinite(radius),
        "the radius of a ring must be a number of at least 0, got %s",
        radius);
    require(
        width > 0 && Double.isFinite(width),
        "the width of a ring must be above 0, got %s at radius %s",
        width,
        radius);
    require(
        highestFrequency >= 0 && highestFrequency <= HIGHEST_FREQUENCY,
        "the highest frequency on a ring must be from 0 to %d, got %d at radius %s; leave out the"
            + " ring that shall be empty",
        HIGHEST_FREQUENCY,
        highestFrequency,
        radius);
  }

  /**
   * The profile.
   *
   * @param r a distance from the origin
   * @return exp(-(r - radius)^2 / (2 width^2))
   */
  public double at(double r) {
    double steps = (r - radius) / width;
    return StrictMath.exp(-0.5 * steps * steps);
  }
}
