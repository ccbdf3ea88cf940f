package dev.noether.nn;

import static dev.noether.linalg.Signals.distance;
import static dev.noether.linalg.Signals.random;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.noether.linalg.Signals;
import dev.noether.rep.Representation;
import dev.noether.stats.Covariance;
import dev.noether.stats.CrossCovariance;
import dev.noether.torch.Dtype;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Running statistics: the first batch, the moving average, symmetry, gradients, state. */
class EmaStatisticsTest {
  private static final EmaOptions WIDE = EmaOptions.defaults().with(Dtype.FLOAT64);

  @Test
  void theFirstBatchBecomesTheStatisticsAndLaterOnesMoveThem() {
    try (PointerScope scope = new PointerScope()) {
      EmaStatistics layer = new EmaStatistics(3, 2, WIDE.withMomentum(0.25));
      assertThat(layer.stateDict().keySet())
          .containsExactly(
              "num_batches_tracked",
              "running_mean_x",
              "running_mean_y",
              "running_cov_xx",
              "running_cov_yy",
              "running_cov_xy");
      Tensor x = random(1, 6, 3);
      Tensor y = random(2, 6, 2);
      layer.forward(x, y);
      Tensor mean = x.mean(0L);
      Tensor cov = x.sub(mean).t().matmul(y.sub(y.mean(0L))).div(new Scalar(5.0));
      assertThat(distance(layer.running().meanX(), mean)).isLessThan(1e-15);
      assertThat(distance(layer.running().covXy(), cov)).isLessThan(1e-14);
      Tensor x2 = random(3, 6, 3);
      Tensor second = x2.sub(mean).t().matmul(x2.sub(mean)).div(new Scalar(5.0));
      Tensor expected =
          layer.running().covXx().mul(new Scalar(0.75)).add(second.mul(new Scalar(0.25)));
      layer.forward(x2, y);
      assertThat(distance(layer.running().covXx(), expected)).isLessThan(1e-14);
      assertThat(layer.batchesTracked()).isEqualTo(2);
      layer.eval();
      EmaMoments still = layer.forward(x, y);
      assertThat(layer.batchesTracked()).isEqualTo(2);
      assertThat(distance(still.covXx(), expected)).isLessThan(1e-14);
    }
  }

  @ParameterizedTest
  @MethodSource("dev.noether.linalg.Signals#representations")
  void anEquivariantBatchCountsWithAllItsTransforms(Representation rho) {
    try (PointerScope scope = new PointerScope()) {
      Representation out = Signals.rotatedRegular(rho);
      EquivariantEmaStatistics layer = new EquivariantEmaStatistics(rho, out, WIDE);
      Tensor x = random(1, 9, rho.size());
      Tensor y = random(2, 9, out.size());
      EmaMoments seen = layer.forward(x, y);
      CrossCovariance cross = CrossCovariance.between(rho, out).plus(x, y);
      assertThat(distance(seen.meanX(), cross.meanX().mean())).isLessThan(1e-12);
      assertThat(distance(seen.covXy(), cross.covariance(1).t())).isLessThan(1e-12);
      assertThat(distance(seen.covXx(), Covariance.of(rho).plus(x).covariance(1)))
          .isLessThan(1e-12);
      layer.forward(y.matmul(random(3, out.size(), rho.size())), y);
      EmaStatistics plain = layer.export();
      assertThat(plain.isTraining()).isFalse();
      assertThat(distance(plain.running().covYy(), layer.running().covYy())).isZero();
    }
  }

  @Test
  void gradientsReachTheBatchAndNotTheHistory() {
    try (PointerScope scope = new PointerScope()) {
      Representation rho = Representation.parse("C5: regular");
      EquivariantEmaStatistics layer = new EquivariantEmaStatistics(rho, rho, WIDE);
      for (int step = 0; step < 3; step++) {
        Tensor x = random(step, 6, 5);
        x.set_requires_grad(true);
        layer.forward(x, random(9, 6, 5)).covXy().pow(new Scalar(2.0)).sum().backward();
        assertThat(x.grad().abs().max().item().toDouble()).isPositive();
        assertThat(layer.running().covXy().requires_grad()).isFalse();
      }
    }
  }

  @Test
  void badInputIsRefusedWithTheReason() {
    try (PointerScope scope = new PointerScope()) {
      EmaStatistics layer = new EmaStatistics(3, 2, WIDE);
      Tensor x = random(1, 4, 3);
      Tensor y = random(1, 4, 2);
      assertThatThrownBy(() -> WIDE.withMomentum(0))
          .hasMessage("momentum must be above 0 and at most 1, got 0.0");
      assertThatThrownBy(() -> WIDE.withMomentum(1.5)).hasMessageContaining("got 1.5");
      assertThatThrownBy(() -> new EmaStatistics(0, 2, WIDE))
          .hasMessage("sizes must be at least 1, got 0 and 2");
      assertThatThrownBy(() -> layer.forward(y, y)).hasMessage("x must be [N, 3], got [4, 2]");
      assertThatThrownBy(() -> layer.forward(x, random(1, 5, 2)))
          .hasMessage("x and y must have as many samples, got 4 and 5");
      assertThatThrownBy(() -> layer.forward(x.narrow(0, 0, 1), y.narrow(0, 0, 1)))
          .hasMessage("a batch needs at least 2 samples for a covariance, got 1");
      Tensor broken = x.div(x.mul(new Scalar(0.0)));
      assertThatThrownBy(() -> layer.forward(broken, y))
          .hasMessageContaining("x must be finite, got NaN or infinity in row 0");
      assertThat(layer.batchesTracked()).isZero();
      assertThatThrownBy(
              () ->
                  new EquivariantEmaStatistics(
                      Representation.parse("C5: regular"),
                      Representation.parse("C4: regular"),
                      WIDE))
          .hasMessageContaining("representations of one group");
    }
  }
}
