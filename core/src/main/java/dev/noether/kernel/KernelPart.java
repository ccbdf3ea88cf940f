package dev.noether.kernel;

/**
 * Some kernels of a basis as products: that of map s on ring r is the sum over y of the matrix
 * {@code values[y, s]} times the function {@code profiles[y, r]} of the point.
 *
 * <p>The kernels of one frequency are such a part: the rings share the maps, and y runs over the
 * harmonics. So weights expand by one product with the maps of each part and one with the profiles,
 * and what is kept grows neither with the rings nor with the points.
 */
public interface KernelPart {
  /**
   * How many y there are.
   *
   * @return at least 1
   */
  int components();

  /**
   * How many maps.
   *
   * @return at least 1
   */
  int maps();

  /**
   * How many functions each map may be combined with.
   *
   * @return at least 1
   */
  int rings();

  /**
   * The weight of each product.
   *
   * @return {@code [maps, rings]}, row by row; -1 for products that the basis leaves out
   */
  int[] weights();

  /**
   * The factor of each product, which normalises it.
   *
   * @return {@code [maps, rings]}, row by row; 0 for products that the basis leaves out
   */
  double[] scales();

  /**
   * The matrices, computed at every call.
   *
   * @return {@code [components, maps, out.size, in.size]}, row by row
   */
  double[] values();

  /**
   * The functions at the points, computed at every call.
   *
   * @return {@code [components, rings, points]}, row by row
   */
  double[] profiles();
}
