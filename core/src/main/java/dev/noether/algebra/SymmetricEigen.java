package dev.noether.algebra;

/**
 * The eigenvalues and eigenvectors of a small symmetric matrix, by Jacobi rotations.
 *
 * <p>The same bytes on every machine; meant for up to some hundred rows. See Golub and Van Loan,
 * <em>Matrix Computations</em>, section 8.5.
 */
public final class SymmetricEigen {
  private static final int SWEEPS = 60;

  private final int size;
  private final double[] matrix;
  private final double[] vectors;

  private SymmetricEigen(int size, double[] matrix) {
    this.size = size;
    this.matrix = matrix;
    this.vectors = Matrix.identity(size).toArray();
  }

  /**
   * Diagonalises a symmetric matrix.
   *
   * @param size the number of rows
   * @param values the entries, row by row; copied
   * @return its eigenvalues and eigenvectors, in no particular but always the same order
   */
  public static SymmetricEigen of(int size, double[] values) {
    SymmetricEigen eigen = new SymmetricEigen(size, values.clone());
    for (int sweep = 0; sweep < SWEEPS && eigen.sweep(); sweep++) {}
    return eigen;
  }

  /**
   * One eigenvalue.
   *
   * @param index its number
   * @return the eigenvalue
   */
  public double value(int index) {
    return matrix[index * size + index];
  }

  /**
   * One coordinate of a unit eigenvector.
   *
   * @param index the number of the eigenvector
   * @param row the coordinate
   * @return the entry
   */
  public double vector(int index, int row) {
    return vectors[row * size + index];
  }

  /** Rotates every pair once; false when nothing was left to rotate. */
  private boolean sweep() {
    boolean rotated = false;
    for (int p = 0; p < size; p++) {
      for (int q = p + 1; q < size; q++) {
        double off = matrix[p * size + q];
        double scale = Math.abs(value(p)) + Math.abs(value(q));
        if (Math.abs(off) > 1e-17 * scale && Math.abs(off) > Double.MIN_NORMAL) {
          rotate(p, q, off);
          rotated = true;
        }
      }
    }
    return rotated;
  }

  private void rotate(int p, int q, double off) {
    double theta = (value(q) - value(p)) / (2 * off);
    double t = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
    double c = 1 / Math.sqrt(t * t + 1);
    double s = t * c;
    for (int k = 0; k < size; k++) {
      turn(matrix, k * size + p, k * size + q, c, s);
      turn(vectors, k * size + p, k * size + q, c, s);
    }
    for (int k = 0; k < size; k++) {
      turn(matrix, p * size + k, q * size + k, c, s);
    }
    matrix[p * size + q] = 0;
    matrix[q * size + p] = 0;
  }

  private static void turn(double[] array, int first, int second, double c, double s) {
    double a = array[first];
    double b = array[second];
    array[first] = c * a - s * b;
    array[second] = s * a + c * b;
  }
}
