package dev.noether.basis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.noether.algebra.Matrix;
import dev.noether.nn.linear.AffineOptions;
import dev.noether.nn.linear.EquivariantAffine;
import dev.noether.rep.Representation;
import dev.noether.torch.Dtype;
import dev.noether.torch.LibTorch;
import dev.noether.torch.Tensors;
import java.util.List;
import java.util.Objects;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BlockDiagonalTest {
  private static final double ROUNDING = 1e-12;

  private static double distance(Tensor first, Tensor second) {
    return first.sub(second).abs().max().item().toDouble();
  }

  private static Tensor random(long... shape) {
    return torch.randn(shape).to(Dtype.FLOAT64.scalarType());
  }

  /** Several small blocks share a product, whether their number has such a divisor or none. */
  @ParameterizedTest
  @ValueSource(strings = {"C3", "C4", "D4", "Q8", "A4", "Icosahedral"})
  void anyNumberOfBlocksIsTheDenseMatrix(String group) {
    LibTorch.load();
    for (int copies : new int[] {1, 2, 3, 5, 6, 8, 11, 13}) {
      Representation rho = Representation.parse(group + ": " + copies + " x regular");
      try (PointerScope scope = new PointerScope();
          NoGradGuard guard = new NoGradGuard()) {
        List<Matrix> blocks = rho.summands().stream().map(Representation::changeOfBasis).toList();
        BlockDiagonal basis = new BlockDiagonal(blocks, Dtype.FLOAT64);
        Tensor q = Tensors.of(Dtype.FLOAT64, rho.changeOfBasis());
        Tensor x = random(3, 2, rho.size());
        assertThat(distance(basis.times(x), x.matmul(q))).as("%s", rho).isLessThan(ROUNDING);
        assertThat(distance(basis.timesTranspose(x), x.matmul(q.t()))).isLessThan(ROUNDING);
        assertThat(distance(basis.dense(), q)).isLessThan(ROUNDING);
        long kept = basis.buffers().tensors().values().stream().mapToLong(Tensor::numel).sum();
        assertThat(BlockDiagonal.predictedNumbers(blocks)).isEqualTo(kept);
      }
    }
  }

  /** The maps of an affine layer, however many summands share one, are Q diag(s) Q^T. */
  @ParameterizedTest
  @ValueSource(strings = {"C3", "C4", "D4", "Q8", "A4"})
  void anyNumberOfCopiesIsScaledAsByOneMatrix(String group) {
    LibTorch.load();
    AffineOptions options = AffineOptions.defaults().with(Dtype.FLOAT64);
    for (int copies : new int[] {1, 2, 5, 8, 11, 16, 17, 24}) {
      Representation rho = Representation.parse(group + ": " + copies + " x regular");
      try (PointerScope scope = new PointerScope();
          NoGradGuard guard = new NoGradGuard()) {
        EquivariantAffine layer = new EquivariantAffine(rho, options);
        Tensor scales = random(layer.scaleCount());
        Objects.requireNonNull(layer.namedParameters().get("scale_dof")).copy_(scales);
        Tensor q = Tensors.of(Dtype.FLOAT64, rho.changeOfBasis());
        Tensor map = q.mul(layer.parts().spread(scales)).matmul(q.t());
        Tensor many = random(200, rho.size());
        assertThat(distance(layer.forward(many), many.matmul(map))).as("%s", rho).isLessThan(1e-11);
        Tensor few = random(2, rho.size());
        assertThat(distance(layer.forward(few), few.matmul(map))).isLessThan(1e-11);
      }
    }
  }
}
