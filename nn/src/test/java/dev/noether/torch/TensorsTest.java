package dev.noether.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.noether.nn.Equivariance;
import dev.noether.nn.linear.EquivariantLinear;
import dev.noether.rep.Representation;
import java.util.Arrays;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

/** Arrays become tensors, and what a check found reads as a sentence. */
class TensorsTest {
  @Test
  void floatsBecomeATensorOfTheirOwn() {
    try (PointerScope scope = new PointerScope()) {
      float[] values = {1, 2, 3, 4, 5, 6};
      Tensor tensor = Tensors.of(values, 2, 3);
      values[0] = 7;
      assertThat(Tensors.toArray(tensor)).containsExactly(1, 2, 3, 4, 5, 6);
      assertThat(Dtype.of(tensor)).isEqualTo(Dtype.FLOAT32);
      assertThat(Tensors.shape(Tensors.of(new float[0], 0, 3))).containsExactly(0, 3);
      assertThatThrownBy(() -> Tensors.of(values, 4)).isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void aReportSaysHowWellTheSymmetryHolds() {
    try (PointerScope scope = new PointerScope()) {
      Representation rho = Representation.parse("C4: regular");
      EquivariantLinear layer = new EquivariantLinear(rho, rho);
      assertThat(layer.inRep()).isEqualTo(layer.in()).isEqualTo(layer.outRep());
      assertThat(Equivariance.check(layer, Tensors.of(new float[] {1, 2, 3, 4}, 1, 4)).toString())
          .matches("equivariant to \\d\\.\\de[+-]\\d\\d \\(worst at .*\\)");
    }
  }

  /** Rows of any width, also where only some fit a piece. */
  @Test
  void rowsBecomeAMatrix() {
    try (PointerScope scope = new PointerScope()) {
      int rows = 700;
      int columns = 1000;
      Tensor tensor =
          Tensors.ofRows(
              Dtype.FLOAT32,
              rows,
              columns,
              (row, values) -> Arrays.setAll(values, column -> row - 0.5 * column));
      assertThat(Tensors.shape(tensor)).containsExactly(rows, columns);
      double[] entries = Tensors.toArray(tensor);
      for (int i = 0; i < entries.length; i += 37) {
        int row = i / columns;
        assertThat(entries[i]).isEqualTo(row - 0.5 * (i - row * columns));
      }
      assertThat(Tensors.ofRows(Dtype.FLOAT64, 3, 0, (row, values) -> {}).numel()).isZero();
    }
  }

  @Test
  void aTensorIsReadAsAMatrix() {
    try (PointerScope scope = new PointerScope()) {
      assertThat(Tensors.text(Tensors.of(new float[] {1, -0.5f, 0, 2, 0.25f, 10}, 2, 3)))
          .isEqualTo(
              """
              float32 [2, 3]
              [[ 1.0000, -0.5000,  0.0000],
               [ 2.0000,  0.2500, 10.0000]]""");
      assertThat(Tensors.text(Tensors.of(new long[] {1, -20, 300, 4}, 2, 2, 1)))
          .isEqualTo(
              """
              int64 [2, 2, 1]
              [[[  1],
                [-20]],
               [[300],
                [  4]]]""");
      double[] many = new double[100];
      Arrays.setAll(many, i -> i * 1e3);
      assertThat(Tensors.text(Tensors.of(Dtype.FLOAT64, many, 100)))
          .isEqualTo(
              """
              float64 [100]
              [    0.0000,  1000.0000,  2000.0000, ..., 97000.0000, 98000.0000, 99000.0000]""");
      assertThat(Tensors.text(Tensors.of(Dtype.FLOAT64, new double[] {1e-9, Double.NaN}, 2)))
          .isEqualTo("float64 [2]\n[1.0000e-09,        NaN]");
      assertThat(Tensors.text(Tensors.of(Dtype.FLOAT64, new double[] {2}).gt(new Scalar(1))))
          .isEqualTo("bool []\ntrue");
      assertThat(Tensors.text(Tensors.of(new float[0], 0, 3))).isEqualTo("float32 [0, 3]\n[]");
    }
  }
}
