package dev.noether.kernel;

import java.util.Arrays;

/**
 * The harmonics of the circle and of the sphere, of norm 1 in every point.
 *
 * <p>Plane: Y_0 = 1, Y_k = (cos k phi, sin k phi), phi counted from a phase. Space: the real
 * spherical harmonics in the order m = -l..l without the Condon-Shortley sign, times sqrt(4 pi / (2
 * l + 1)), by the recursion of the associated Legendre functions. In the origin all but Y_0 are 0.
 */
final class Harmonics {
  private final int dimension;
  private final double cosine;
  private final double sine;
  private final int highest;

  Harmonics(Space space, int highest) {
    this.dimension = space.dimension();
    this.cosine = StrictMath.cos(space.phase());
    this.sine = StrictMath.sin(space.phase());
    this.highest = highest;
  }

  /** The number of functions of one frequency. */
  static int count(int dimension, int frequency) {
    return dimension == 3 ? 2 * frequency + 1 : frequency == 0 ? 1 : 2;
  }

  /** Where the functions of a frequency begin. */
  static int start(int dimension, int frequency) {
    return dimension == 3 ? frequency * frequency : Math.max(0, 2 * frequency - 1);
  }

  /** The number of functions up to the highest frequency. */
  int size() {
    return start(dimension, highest + 1);
  }

  /** Writes all functions in a point of a radius, frequency after frequency. */
  void at(double[] point, double radius, double[] values) {
    Arrays.fill(values, 0);
    values[0] = 1;
    if (radius == 0) {
      return;
    }
    if (dimension == 2) {
      circle(point[0] / radius, point[1] / radius, values);
    } else {
      sphere(point[0] / radius, point[1] / radius, point[2] / radius, values);
    }
  }

  private void circle(double x, double y, double[] values) {
    double c = x * cosine + y * sine;
    double s = y * cosine - x * sine;
    double real = 1;
    double imaginary = 0;
    for (int k = 1; k <= highest; k++) {
      double next = real * c - imaginary * s;
      imaginary = real * s + imaginary * c;
      real = next;
      values[2 * k - 1] = real;
      values[2 * k] = imaginary;
    }
  }

  private void sphere(double x, double y, double z, double[] values) {
    double real = 1;
    double imaginary = 0;
    double diagonal = 1;
    for (int m = 0; m <= highest; m++) {
      double before = 0;
      double legendre = diagonal;
      for (int l = m; l <= highest; l++) {
        // (l - m)! / (l + m)!, twice that for m > 0, is the square of the scale.
        double scale = m == 0 ? 1 : 2;
        for (int i = l - m + 1; i <= l + m; i++) {
          scale /= i;
        }
        double value = Math.sqrt(scale) * legendre;
        int centre = l * l + l;
        values[centre + m] = value * real;
        if (m > 0) {
          values[centre - m] = value * imaginary;
        }
        double next = ((2 * l + 1) * z * legendre - (l + m) * before) / (l - m + 1);
        before = legendre;
        legendre = next;
      }
      double turned = real * x - imaginary * y;
      imaginary = real * y + imaginary * x;
      real = turned;
      diagonal *= 2 * m + 1;
    }
  }
}
