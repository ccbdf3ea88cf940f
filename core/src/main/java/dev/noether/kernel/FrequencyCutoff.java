package dev.noether.kernel;

/** The highest frequency of the harmonics on a ring, by its radius; a fraction is cut off. */
@FunctionalInterface
public interface FrequencyCutoff {
  /**
   * The cutoff of a ring.
   *
   * @param radius the radius of the ring
   * @return the highest frequency on it, included
   */
  double at(double radius);

  /**
   * The usual cutoffs: 0 in the centre; in the plane at most 2 on the outermost ring, below it 2 r,
   * one less where r is even; in space min(2 r, h - r + 2) with h half the kernel. Where dilation
   * moves rings outwards so far that this is negative, it is 0.
   *
   * @param dimension 2 or 3
   * @param kernelSize the number of cells of a side
   * @return escnn's default: -1.0 in the plane, {@code default1} in space
   */
  static FrequencyCutoff standard(int dimension, int kernelSize) {
    int half = kernelSize / 2;
    return dimension == 3
        ? r -> Math.max(0, Math.min(2 * r, half - r + 2))
        : r -> r == half ? Math.min(2 * r, 2) : below(r);
  }

  /**
   * In the plane the usual cutoffs with 1 instead of 2 on the outermost ring; in space the same.
   *
   * @param kernelSize the number of cells of a side
   * @return escnn's -2.0 and {@code default2}
   */
  static FrequencyCutoff lower(int kernelSize) {
    int half = kernelSize / 2;
    return r -> r == half ? Math.min(2 * r, 1) : below(r);
  }

  /**
   * 0 in the centre, 1 on the outermost ring, 2 on all others.
   *
   * @param kernelSize the number of cells of a side
   * @return escnn's -3.0 and {@code default3}
   */
  static FrequencyCutoff lowest(int kernelSize) {
    int half = kernelSize / 2;
    return r -> r == 0 ? 0 : r == half ? 1 : 2;
  }

  /**
   * In proportion to the radius.
   *
   * @param factor frequencies for each step outwards
   * @return factor times the radius
   */
  static FrequencyCutoff proportional(double factor) {
    return r -> factor * r;
  }

  private static double below(double r) {
    return r == 0 ? 0 : Math.min(2 * r, 2 * r - (r + 1) % 2);
  }
}
