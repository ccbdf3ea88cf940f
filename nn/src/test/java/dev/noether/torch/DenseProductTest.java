package dev.noether.torch;

import static dev.noether.Fixtures.distance;
import static dev.noether.Fixtures.random;
import static org.assertj.core.api.Assertions.assertThat;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Products of features with a matrix. */
class DenseProductTest {
  @BeforeAll
  static void load() {
    LibTorch.load();
  }

  @Test
  void rowsThatAreCutOutOfWiderOnesGiveTheProductOfTheirCopies() {
    try (PointerScope scope = new PointerScope()) {
      Tensor matrix = random(Dtype.FLOAT64, 3, 5);
      Tensor cut = random(Dtype.FLOAT64, 4, 1, 9).narrow(-1, 2, 3);
      for (Tensor x : new Tensor[] {cut, cut.expand(2, 4, 6, 3), cut.select(1, 0)}) {
        Tensor actual = DenseProduct.times(x, matrix);
        assertThat(distance(actual, x.contiguous().matmul(matrix))).isLessThan(1e-13);
      }
      assertThat(Tensors.shape(DenseProduct.times(cut.narrow(0, 0, 0), matrix)))
          .containsExactly(0, 1, 5);
    }
  }
}
