package dev.noether.group;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;

/** The angle of the determinant of unitary matrices. */
class ComplexDeterminantTest {
  /** Rotations of planes do not change it, exchanged rows turn it by half a turn. */
  @Test
  void turnedDiagonalMatricesHaveTheSumOfTheirAngles() {
    Random random = new Random(1);
    for (int n = 1; n < 12; n++) {
      double[][] re = new double[n][n];
      double[][] im = new double[n][n];
      double sum = 0;
      for (int i = 0; i < n; i++) {
        double angle = 2 * Math.PI * random.nextDouble();
        sum += angle;
        re[i][i] = Math.cos(angle);
        im[i][i] = Math.sin(angle);
      }
      for (int i = 1; i < n; i++) {
        double angle = 2 * Math.PI * random.nextDouble();
        rotate(re, i, angle);
        rotate(im, i, angle);
      }
      if (n > 1) {
        swap(re);
        swap(im);
        sum += Math.PI;
      }
      double found = new ComplexDeterminant(re, im).angle();
      assertThat(Math.cos(found)).isCloseTo(Math.cos(sum), within(1e-13));
      assertThat(Math.sin(found)).isCloseTo(Math.sin(sum), within(1e-13));
    }
  }

  private static void rotate(double[][] rows, int i, double angle) {
    for (int j = 0; j < rows.length; j++) {
      double upper = rows[i - 1][j];
      rows[i - 1][j] = Math.cos(angle) * upper - Math.sin(angle) * rows[i][j];
      rows[i][j] = Math.sin(angle) * upper + Math.cos(angle) * rows[i][j];
    }
  }

  private static void swap(double[][] rows) {
    double[] first = rows[0];
    rows[0] = rows[1];
    rows[1] = first;
  }
}
