package dev.noether.stats;

import static dev.noether.linalg.Signals.distance;
import static dev.noether.linalg.Signals.random;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.noether.linalg.EquivariantMaps;
import dev.noether.rep.Representation;
import dev.noether.torch.Tensors;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Principal components against the eigenvalues of the dense covariance. */
class EquivariantPcaTest {
  @ParameterizedTest
  @MethodSource("dev.noether.linalg.Signals#representations")
  void componentsDiagonaliseTheCovarianceByAnEquivariantIsometry(Representation rho) {
    try (PointerScope scope = new PointerScope()) {
      Tensor mixing = random(2, rho.size(), rho.size());
      Covariance seen = Covariance.of(rho).plus(random(1, 60, rho.size()).matmul(mixing));
      EquivariantPca pca = EquivariantPca.of(seen);
      Tensor map = pca.map();
      assertThat(pca.out().size()).isEqualTo(rho.size());
      assertThat(pca.out().multiplicities()).isEqualTo(rho.multiplicities());
      Tensor identity = torch.eye(rho.size()).to(ScalarType.Double);
      assertThat(distance(map.matmul(map.t()), identity)).isLessThan(1e-11);
      assertThat(distance(EquivariantMaps.orthogonalProjection(map, rho, pca.out()), map))
          .isLessThan(1e-11);
      Tensor turned = map.matmul(seen.covariance()).matmul(map.t());
      double[] expected =
          pca.components().stream()
              .flatMapToDouble(
                  c ->
                      java.util.stream.DoubleStream.generate(c::variance)
                          .limit(c.irrep().dimension()))
              .toArray();
      Tensor diagonal =
          torch.diag_embed(Tensors.of(dev.noether.torch.Dtype.FLOAT64, expected, expected.length));
      double largest = expected[0];
      assertThat(distance(turned, diagonal)).isLessThan(1e-11 * largest);
      assertThat(expected).isSortedAccordingTo((a, b) -> Double.compare(b, a));
      assertThat(pca.explainedVarianceRatio()).isCloseTo(1, within(1e-12));
    }
  }

  @ParameterizedTest
  @MethodSource("dev.noether.linalg.Signals#representations")
  void equalVariancesStillGiveWholeComponents(Representation rho) {
    try (PointerScope scope = new PointerScope()) {
      Tensor eye = torch.eye(rho.size()).to(ScalarType.Double);
      Covariance seen = Covariance.of(rho).plus(eye).plus(eye.neg());
      Tensor map = EquivariantPca.of(seen).map();
      assertThat(distance(map.matmul(map.t()), eye)).isLessThan(1e-11);
    }
  }

  @Test
  void theFirstComponentsRebuildDataThatLiesInThem() {
    try (PointerScope scope = new PointerScope()) {
      Representation rho = Representation.parse("C5: 3 x regular");
      Representation small = Representation.parse("C5: irrep(1) + irrep(2)");
      Tensor lift = EquivariantMaps.orthogonalProjection(random(1, 15, 4), small, rho);
      Tensor x = random(2, 50, 4).matmul(lift.t());
      EquivariantPca pca = EquivariantPca.of(Covariance.of(rho).plus(x));
      EquivariantPca two = pca.first(2);
      assertThat(two.out().multiplicities()).isEqualTo(small.multiplicities());
      assertThat(two.explainedVarianceRatio()).isCloseTo(1, within(1e-12));
      Tensor z = two.transform(x);
      assertThat(Tensors.shape(z)).containsExactly(50, 4);
      assertThat(distance(two.inverseTransform(z), x)).isLessThan(1e-11);
    }
  }

  @Test
  void badInputIsRefusedWithTheReason() {
    try (PointerScope scope = new PointerScope()) {
      Representation rho = Representation.parse("C5: regular");
      Tensor x = random(1, 3, 5);
      assertThatThrownBy(() -> EquivariantPca.of(Covariance.of(rho)))
          .hasMessageContaining("at least 1 sample, got 0");
      assertThatThrownBy(() -> EquivariantPca.of(Covariance.of(rho).plus(x.mul(new Scalar(0.0)))))
          .hasMessage("principal components need samples that vary, got zero variance");
      EquivariantPca pca = EquivariantPca.of(Covariance.of(rho).plus(x));
      assertThatThrownBy(() -> pca.first(4))
          .hasMessage("the number of components must be from 1 to 3, got 4");
      assertThatThrownBy(() -> pca.transform(random(1, 3, 4)))
          .hasMessageContaining("last axis must be in.size() = 5");
      assertThatThrownBy(() -> pca.first(1).inverseTransform(x))
          .hasMessageContaining("last axis must be out.size()");
    }
  }
}
