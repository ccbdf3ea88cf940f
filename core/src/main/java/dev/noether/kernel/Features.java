package dev.noether.kernel;

import dev.noether.algebra.Matrix;

/**
 * The functions of points that kernels are linear in: harmonics times profiles of rings, frequency
 * after frequency, in each ring after ring, in each the harmonics.
 */
final class Features {
  private final Space space;
  private final Rings rings;
  private final int[][] starts;
  private final int size;

  Features(Space space, Rings rings) {
    this.space = space;
    this.rings = rings;
    int highest = rings.highestFrequency();
    starts = new int[highest + 1][rings.rings().size()];
    int next = 0;
    for (int frequency = 0; frequency <= highest; frequency++) {
      for (int ring = 0; ring < rings.rings().size(); ring++) {
        starts[frequency][ring] = next;
        if (rings.rings().get(ring).highestFrequency() >= frequency) {
          next += Harmonics.count(space.dimension(), frequency);
        }
      }
    }
    size = next;
  }

  int size() {
    return size;
  }

  /** The place of the first feature of an element. */
  int start(KernelElement element) {
    return starts[element.frequency()][rings.rings().indexOf(element.ring())];
  }

  /** The place of the first feature of an element's frequency. */
  int startOfFrequency(KernelElement element) {
    for (int ring = 0; ring < rings.rings().size(); ring++) {
      if (rings.rings().get(ring).highestFrequency() >= element.frequency()) {
        return starts[element.frequency()][ring];
      }
    }
    throw new IllegalArgumentException("no ring has the frequency " + element.frequency());
  }

  /** The features of all points, {@code [size, points]}. */
  Matrix at(Points points) {
    int count = points.count();
    double[] values = new double[size * count];
    Harmonics harmonics = new Harmonics(space, rings.highestFrequency());
    double[] all = new double[harmonics.size()];
    for (int p = 0; p < count; p++) {
      double[] point = points.point(p);
      double radius = Points.radius(point);
      harmonics.at(point, radius, all);
      for (int ring = 0; ring < rings.rings().size(); ring++) {
        double profile = rings.rings().get(ring).at(radius);
        for (int k = 0; k <= rings.rings().get(ring).highestFrequency(); k++) {
          int first = Harmonics.start(space.dimension(), k);
          for (int y = 0; y < Harmonics.count(space.dimension(), k); y++) {
            values[(starts[k][ring] + y) * count + p] = profile * all[first + y];
          }
        }
      }
    }
    return Matrix.of(size, count, values);
  }
}
