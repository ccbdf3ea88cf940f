package dev.noether.kernel;

import static dev.noether.algebra.Checks.require;

import java.util.Arrays;

/**
 * Points at which kernels are sampled: the cells of a grid around the origin, or any other ones,
 * such as the differences of the points of a cloud.
 */
public final class Points {
  /** A kernel of so many cells is a mistake. */
  private static final long LARGEST_GRID = 1 << 20;

  private final int dimension;
  private final double[] coordinates;

  private Points(int dimension, double[] coordinates) {
    this.dimension = dimension;
    this.coordinates = coordinates;
  }

  /**
   * The cells of a square or cubic kernel, centred at the origin. Cell (row i, column j) lies at x
   * = dilation (j - (size - 1) / 2), y = -dilation (i - (size - 1) / 2), so that y points up; the
   * depth of a cube runs against z likewise. The column runs fastest.
   *
   * @param dimension 2 or 3
   * @param size the number of cells of a side, at least 1
   * @param dilation the distance between cells, at least 1
   * @return the size^dimension points
   * @throws IllegalArgumentException if a number is out of its range, or the cells more than 2^20
   */
  public static Points grid(int dimension, int size, int dilation) {
    requireGrid(dimension, size, dilation);
    int count = dimension == 3 ? size * size * size : size * size;
    double[] coordinates = new double[count * dimension];
    double half = (size - 1) / 2.0;
    for (int cell = 0, index = 0; cell < count; cell++, index = cell) {
      for (int axis = 0; axis < dimension; axis++, index /= size) {
        double step = index % size - half;
        coordinates[cell * dimension + axis] = 0.0 + dilation * (axis == 0 ? step : -step);
      }
    }
    return new Points(dimension, coordinates);
  }

  static void requireGrid(int dimension, int size, int dilation) {
    require(dimension == 2 || dimension == 3, "a grid has 2 or 3 dimensions, got %d", dimension);
    require(size >= 1, "the size of a kernel must be at least 1, got %d", size);
    require(dilation >= 1, "the dilation of a kernel must be at least 1, got %d", dilation);
    require(
        StrictMath.pow(size, dimension) <= LARGEST_GRID,
        "a kernel may have at most %d cells, got %d to the power of %d",
        LARGEST_GRID,
        size,
        dimension);
  }

  /**
   * Any points.
   *
   * @param dimension 2 or 3
   * @param coordinates x, y and, in space, z of one point after the other; copied
   * @return the points
   * @throws IllegalArgumentException if there is none, the number of coordinates is no multiple of
   *     the dimension, or one is not finite
   */
  public static Points of(int dimension, double... coordinates) {
    require(dimension == 2 || dimension == 3, "points have 2 or 3 dimensions, got %d", dimension);
    require(
        coordinates.length > 0 && coordinates.length % dimension == 0,
        "points of dimension %d need a multiple of %d coordinates, got %d",
        dimension,
        dimension,
        coordinates.length);
    for (double coordinate : coordinates) {
      require(Double.isFinite(coordinate), "coordinates must be finite, got %s", coordinate);
    }
    return new Points(dimension, coordinates.clone());
  }

  /**
   * The number of coordinates of a point.
   *
   * @return 2 or 3
   */
  public int dimension() {
    return dimension;
  }

  /**
   * How many points there are.
   *
   * @return at least 1
   */
  public int count() {
    return coordinates.length / dimension;
  }

  /**
   * One point.
   *
   * @param index from 0
   * @return (x, y) or (x, y, z)
   */
  public double[] point(int index) {
    return Arrays.copyOfRange(coordinates, index * dimension, (index + 1) * dimension);
  }

  /** The distance of a point from the origin. */
  static double radius(double[] point) {
    double flat = StrictMath.hypot(point[0], point[1]);
    return point.length == 3 ? StrictMath.hypot(flat, point[2]) : flat;
  }
}
