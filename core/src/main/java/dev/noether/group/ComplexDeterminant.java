package dev.noether.group;

/**
 * The determinant of a complex matrix, by elimination with row pivots. It is here because EJML's
 * complex matrices come in a jar that shares packages with its real ones, which no module path
 * takes.
 */
final class ComplexDeterminant {
  private final double[][] re;
  private final double[][] im;

  /** Of real and imaginary parts by rows, which are overwritten. */
  ComplexDeterminant(double[][] re, double[][] im) {
    this.re = re;
    this.im = im;
  }

  /** Its angle in the complex plane. */
  double angle() {
    double real = 1;
    for (int j = 0; j < re.length; j++) {
      reduce(j);
      real = pivot(j) ? -real : real;
      divide(j);
    }
    double imaginary = 0;
    for (int j = 0; j < re.length; j++) {
      double product = real * re[j][j] - imaginary * im[j][j];
      imaginary = real * im[j][j] + imaginary * re[j][j];
      real = product;
    }
    return StrictMath.atan2(imaginary, real);
  }

  /** Takes from column j what the columns before it are responsible for. */
  private void reduce(int j) {
    for (int i = 0; i < re.length; i++) {
      double real = 0;
      double imaginary = 0;
      for (int k = 0; k < Math.min(i, j); k++) {
        real += re[i][k] * re[k][j] - im[i][k] * im[k][j];
        imaginary += re[i][k] * im[k][j] + im[i][k] * re[k][j];
      }
      re[i][j] -= real;
      im[i][j] -= imaginary;
    }
  }

  /** Brings the row with the largest entry of column j to row j; says whether it was another. */
  private boolean pivot(int j) {
    int best = j;
    for (int i = j + 1; i < re.length; i++) {
      best = square(i, j) > square(best, j) ? i : best;
    }
    swap(re, j, best);
    swap(im, j, best);
    return best != j;
  }

  private double square(int i, int j) {
    return re[i][j] * re[i][j] + im[i][j] * im[i][j];
  }

  private static void swap(double[][] rows, int a, int b) {
    double[] row = rows[a];
    rows[a] = rows[b];
    rows[b] = row;
  }

  private void divide(int j) {
    double square = square(j, j);
    for (int i = j + 1; square > 0 && i < re.length; i++) {
      double real = re[i][j];
      re[i][j] = (real * re[j][j] + im[i][j] * im[j][j]) / square;
      im[i][j] = (im[i][j] * re[j][j] - real * im[j][j]) / square;
    }
  }
}
