package dev.noether.nn;

import static dev.noether.Fixtures.distance;
import static dev.noether.Fixtures.random;
import static dev.noether.Fixtures.rotated;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.noether.Fixtures;
import dev.noether.nn.linear.EquivariantLinear;
import dev.noether.nn.linear.InvariantBias;
import dev.noether.nn.linear.MapOptions;
import dev.noether.nn.norm.BatchStatisticsOptions;
import dev.noether.nn.norm.EquivariantBatchNorm1d;
import dev.noether.nn.norm.EquivariantLayerNorm;
import dev.noether.nn.norm.EquivariantRmsNorm;
import dev.noether.nn.norm.NormOptions;
import dev.noether.rep.Representation;
import dev.noether.torch.Dtype;
import dev.noether.torch.LibTorch;
import dev.noether.torch.Tensors;
import java.util.Objects;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Normalisations; their symmetry is tested with every other layer's. */
class NormLayersTest {
  @BeforeAll
  static void load() {
    LibTorch.load();
  }

  private static EquivariantBatchNorm1d batchNorm(Representation rho) {
    return new EquivariantBatchNorm1d(
        rho, BatchStatisticsOptions.defaults().with(Dtype.FLOAT64).withoutAffine().withEps(1e-12));
  }

  @Test
  void item07BatchNormUsesTheStatisticsOfTheBatchInTraining() {
    try (PointerScope scope = new PointerScope()) {
      Representation rho = rotated(Representation.parse("D3: regular + irrep(1,1)"));
      EquivariantBatchNorm1d layer = batchNorm(rho);
      Tensor x = random(Dtype.FLOAT64, 50, rho.size()).mul(new Scalar(7.0)).add(new Scalar(2.0));
      Tensor y = layer.forward(x);
      // One summand: the mean square over samples and coordinates is (N - 1) / N.
      Tensor fixed = Tensors.of(Dtype.FLOAT64, InvariantBias.fixedVectors(rho));
      assertThat(y.mean(0).matmul(fixed).abs().max().item().toDouble()).isLessThan(1e-12);
      assertThat(y.pow(new Scalar(2)).mean().item().toDouble()).isCloseTo(49.0 / 50, within(1e-9));
      layer.eval();
      assertThat(distance(layer.forward(x), y)).isGreaterThan(1);
    }
  }

  @Test
  void item07OneVarianceForEverySummandIsEquivariantInARotatedBasis() {
    try (PointerScope scope = new PointerScope()) {
      Representation rho = rotated(Representation.parse("D3: regular + irrep(1,1)"));
      Tensor x = random(Dtype.FLOAT64, 50, rho.size()).exp();
      for (boolean affine : new boolean[] {true, false}) {
        BatchStatisticsOptions options = BatchStatisticsOptions.defaults().with(Dtype.FLOAT64);
        EquivariantBatchNorm1d layer =
            new EquivariantBatchNorm1d(rho, affine ? options : options.withoutAffine());
        Equivariance.checkThat(layer, x, 1e-12);
        Equivariance.checkThat((EquivariantBatchNorm1d) layer.eval(), x, 1e-12);
      }
      // One variance for every coordinate, as in the reference, is not.
      Equivariance.Report report =
          Equivariance.check(y -> y.sub(y.mean(0)).div(y.var(0).sqrt()), rho, rho, x);
      assertThat(report.relativeError()).isGreaterThan(0.05);
    }
  }

  /** At zero the layer's derivative is 1 / sqrt(eps) = 1000, so zero itself gets fewer blocks. */
  @ParameterizedTest
  @CsvSource({"0, 6", "1e-30, 6", "1e-10, 20", "1, 20", "1e10, 20"})
  void layerNormStaysFiniteInAChainOfBlocks(double size, int blocks) {
    try (PointerScope scope = new PointerScope()) {
      Representation rho = Representation.parse("D4: 2 x regular");
      MapOptions options = MapOptions.defaults().withSeed(3);
      Tensor x = random(Dtype.FLOAT32, 3, rho.size()).mul(new Scalar(size)).set_requires_grad(true);
      Tensor y = x;
      for (int block = 0; block < blocks; block++) {
        Tensor normed = new EquivariantLayerNorm(rho, Fixtures.norm(options)).forward(y);
        y = y.add(new EquivariantLinear(rho, rho, options).forward(normed));
      }
      y.sum().backward();
      assertThat(y.isfinite().all().item().toBool()).isTrue();
      assertThat(x.grad().isfinite().all().item().toBool()).isTrue();
    }
  }

  @Test
  void item07RunningStatisticsMoveTowardsThoseOfEachBatch() {
    try (PointerScope scope = new PointerScope()) {
      Representation rho = Representation.parse("C3: regular + trivial");
      EquivariantBatchNorm1d layer = batchNorm(rho);
      Tensor x = random(Dtype.FLOAT64, 50, 4).add(new Scalar(3.0));
      layer.forward(x);
      double mean = x.select(1, 3).mean().item().toDouble();
      double variance = x.select(1, 3).var().item().toDouble();
      assertThat(Tensors.toArray(Objects.requireNonNull(layer.runningMean()))[3])
          .isCloseTo(0.1 * mean, within(1e-12));
      assertThat(Tensors.toArray(Objects.requireNonNull(layer.runningVariance()))[3])
          .isCloseTo(0.9 + 0.1 * variance, within(1e-12));
      for (int i = 0; i < 300; i++) {
        layer.forward(x);
      }
      Tensor trained = layer.forward(x);
      layer.eval();
      assertThat(distance(layer.forward(x), trained)).isLessThan(1e-9);
    }
  }

  @Test
  void squaresHaveFirstAndSecondDerivatives() {
    try (PointerScope scope = new PointerScope()) {
      Tensor x = random(Dtype.FLOAT64, 5).set_requires_grad(true);
      Tensor y = Tensors.squares(x);
      assertThat(distance(y, x.mul(x))).isZero();
      TensorVector slopes =
          torch.grad(
              new TensorVector(y.sum()),
              new TensorVector(x),
              new TensorVector(),
              new BoolOptional(true),
              true,
              false);
      assertThat(distance(slopes.get(0), x.mul(new Scalar(2.0)))).isZero();
      slopes.get(0).pow(new Scalar(2)).sum().backward();
      assertThat(distance(x.grad(), x.mul(new Scalar(8.0)))).isLessThan(1e-15);
    }
  }

  @Test
  void numbersOutOfRangeAreRefused() {
    Representation rho = Representation.parse("C5: regular");
    for (double eps : new double[] {0, -1e-6, Double.NaN, 1}) {
      assertThatThrownBy(() -> new EquivariantRmsNorm(rho, eps, Dtype.FLOAT32))
          .hasMessage("eps must be above 0 and below 1, got " + eps);
      assertThatThrownBy(() -> NormOptions.defaults().withEps(eps))
          .hasMessageStartingWith("eps must be above 0");
      assertThatThrownBy(() -> BatchStatisticsOptions.defaults().withEps(eps))
          .hasMessageStartingWith("eps must be above 0");
    }
    for (double momentum : new double[] {0, 1.5, Double.NaN}) {
      assertThatThrownBy(() -> BatchStatisticsOptions.defaults().withMomentum(momentum))
          .hasMessage("momentum must be above 0 and at most 1, got " + momentum);
    }
    assertThatThrownBy(() -> batchNorm(rho).forward(random(Dtype.FLOAT64, 1, 5)))
        .hasMessage("a variance needs at least 2 samples, got 1 in a batch");
  }

  /** The slope at a copy that is nearly zero is 1 / sqrt(eps), which rounding meets too. */
  @ParameterizedTest
  @CsvSource({"FLOAT64, 1e-6, 2e-11", "FLOAT64, 1e-2, 1e-12", "FLOAT32, 1e-2, 3e-6"})
  void layerNormIsEquivariantUpToRoundingOverTheRootOfEps(Dtype dtype, double eps, double error) {
    try (PointerScope scope = new PointerScope()) {
      Representation rho = rotated(Representation.parse("C4: 20 x regular"));
      EquivariantLayerNorm layer = new EquivariantLayerNorm(rho, new NormOptions(eps, true, dtype));
      Tensor x = random(dtype, 200, rho.size());
      assertThat(Equivariance.check(layer, x).relativeError()).isLessThan(error);
    }
  }
}
