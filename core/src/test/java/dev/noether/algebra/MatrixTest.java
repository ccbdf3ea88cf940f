package dev.noether.algebra;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

/** A matrix prints what a person wants to see. */
class MatrixTest {
  @Test
  void aSmallMatrixPrintsItsNumbers() {
    assertThat(Matrix.of(2, 2, new double[] {0, -1, 0.5, 1e-17}))
        .hasToString("Matrix[2, 2]\n    0   -1\n  0.5    0");
    assertThat(Matrix.of(1, 2, new double[] {Math.sqrt(0.75), 1e12}))
        .hasToString("Matrix[1, 2]\n     0.8660  1.000e+12".replace("0.8660", " 0.866"));
  }

  @Test
  void aLargeMatrixPrintsItsCorner() {
    assertThat(Matrix.identity(20).toString().lines()).hasSize(18).last().isEqualTo("  ...");
    assertThat(Matrix.identity(20).toString()).startsWith("Matrix[20, 20]\n  1  0").contains("...");
  }

  @Test
  void columnsStandSideBySide() {
    List<double[]> columns = List.of(new double[] {1, 2}, new double[] {3, 4}, new double[] {5, 6});
    assertThat(Matrix.ofColumns(2, columns)).isEqualTo(Matrix.of(2, 3, 1, 3, 5, 2, 4, 6));
    assertThatThrownBy(() -> Matrix.ofColumns(3, columns))
        .hasMessage("a column must have 3 entries, got 2");
  }
}
