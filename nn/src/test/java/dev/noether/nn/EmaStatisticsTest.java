package dev.noether.nn;

import static dev.noether.linalg.Signals.distance;
import static dev.noether.linalg.Signals.random;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.noether.Fixtures;
import dev.noether.algebra.Matrix;
import dev.noether.linalg.EquivariantMaps;
import dev.noether.linalg.Signals;
import dev.noether.nn.distribution.EmaMoments;
import dev.noether.nn.distribution.EmaOptions;
import dev.noether.nn.distribution.EmaStatistics;
import dev.noether.nn.distribution.EquivariantEmaStatistics;
import dev.noether.nn.distribution.HomEmaStatistics;
import dev.noether.nn.distribution.RunningStatistics;
import dev.noether.rep.Representation;
import dev.noether.stats.Covariance;
import dev.noether.stats.CrossCovariance;
import dev.noether.torch.Dtype;
import dev.noether.torch.Tensors;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
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

  /**
   * Against the definition: second moments about the center over N, of the batch and all images.
   */
  @ParameterizedTest
  @MethodSource("dev.noether.linalg.Signals#representations")
  void statisticsInHomAreThoseOfTheBatchAndAllItsTransforms(Representation rho) {
    try (PointerScope scope = new PointerScope()) {
      Representation out = Signals.rotatedRegular(rho);
      HomEmaStatistics layer = new HomEmaStatistics(rho, out, WIDE.withMomentum(0.25));
      assertThat(distance(layer.running().covXx(), eye(rho.size()))).isLessThan(1e-13);
      Tensor x = random(1, 9, rho.size());
      Tensor y = random(2, 9, out.size());
      EmaMoments first = layer.forward(x, y);
      CrossCovariance cross = CrossCovariance.between(rho, out).plus(x, y);
      assertThat(distance(first.meanY(), cross.meanY().mean())).isLessThan(1e-12);
      assertThat(distance(first.covXy(), cross.covariance(0).t())).isLessThan(1e-12);
      assertThat(distance(first.covYy(), Covariance.of(out).plus(y).covariance(0)))
          .isLessThan(1e-12);
      Tensor x2 = random(3, 5, rho.size());
      Tensor centred = x2.sub(first.meanX());
      Tensor second =
          EquivariantMaps.orthogonalProjection(
              centred.t().matmul(centred).div(new Scalar(5.0)), rho, rho);
      Tensor expected = first.covXx().mul(new Scalar(0.75)).add(second.mul(new Scalar(0.25)));
      layer.forward(x2, y.narrow(0, 0, 5));
      assertThat(distance(layer.running().covXx(), expected)).isLessThan(1e-12);
      HomEmaStatistics loaded = new HomEmaStatistics(rho, out, WIDE);
      loaded.load(layer.stateDict());
      assertThat(distance(flat(loaded.running()), flat(layer.running()))).isZero();
    }
  }

  private static Tensor eye(int size) {
    return Tensors.of(Dtype.FLOAT64, Matrix.identity(size));
  }

  @Test
  void signalsWithoutACommonIrrepDoNotCorrelate() {
    try (PointerScope scope = new PointerScope()) {
      Representation one = Representation.parse("C3: 2 x trivial");
      Representation two = Representation.parse("C3: irrep(1)");
      for (RunningStatistics layer :
          List.of(
              new HomEmaStatistics(one, two, WIDE), new EquivariantEmaStatistics(one, two, WIDE))) {
        Tensor cross = layer.forward(random(1, 4, 2), random(2, 4, 2)).covXy();
        assertThat(Tensors.shape(cross)).containsExactly(2, 2);
        assertThat(cross.abs().max().item().toDouble()).isZero();
        assertThat(distance(layer.running().covXy(), cross)).isZero();
      }
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

  private static Tensor flat(EmaMoments m) {
    return Tensors.concatenate(
        0,
        m.meanX(),
        m.meanY(),
        m.covXx().reshape(-1),
        m.covYy().reshape(-1),
        m.covXy().reshape(-1));
  }

  @Test
  void gradientsAgreeWithFiniteDifferences() {
    try (PointerScope scope = new PointerScope()) {
      Representation rho = Signals.rotated("Q8: irrep(1,1) + trivial", 3);
      Representation two = rho.plus(Representation.trivial(rho.group()));
      for (EmaOptions options : List.of(WIDE, WIDE.centredByBatch())) {
        for (RunningStatistics layer :
            List.of(
                new EquivariantEmaStatistics(rho, two, options),
                new HomEmaStatistics(rho, two, options))) {
          layer.forward(random(1, 6, 5), random(2, 6, 6));
          Map<String, Tensor> state = new LinkedHashMap<>();
          layer.stateDict().forEach((name, tensor) -> state.put(name, tensor.clone()));
          Map<String, Tensor> leaves =
              Map.of(
                  "x", random(3, 6, 5).set_requires_grad(true),
                  "y", random(4, 6, 6).set_requires_grad(true));
          GradientsTest.assertGradients(
              leaves,
              () -> {
                layer.load(state);
                return flat(layer.forward(require(leaves, "x"), require(leaves, "y"))).sin().sum();
              });
        }
      }
    }
  }

  private static Tensor require(Map<String, Tensor> leaves, String name) {
    return Objects.requireNonNull(leaves.get(name));
  }

  /** Each kind, of two signals that transform alike. */
  private static List<Function<Representation, RunningStatistics>> kinds() {
    return List.of(
        rho -> new EmaStatistics(rho.size(), rho.size(), WIDE),
        rho -> new EquivariantEmaStatistics(rho, rho, WIDE),
        rho -> new HomEmaStatistics(rho, rho, WIDE));
  }

  @Test
  void loadedStateGivesTheSameStatisticsInEveryPairOfModesAndDtypes() {
    try (PointerScope scope = new PointerScope()) {
      Representation rho = Signals.rotated("D4: irrep(1,1) + trivial", 3);
      Tensor x = random(1, 6, 3);
      for (Function<Representation, RunningStatistics> kind : kinds()) {
        for (int modes = 0; modes < 4; modes++) {
          RunningStatistics one = kind.apply(rho);
          RunningStatistics two = kind.apply(rho);
          one.forward(x, x);
          Layer source = modes % 2 == 0 ? one.train() : one.eval();
          Layer target = modes / 2 == 0 ? two.train() : two.eval();
          target.load(source.stateDict());
          if (target.isTraining()) {
            source.train();
          } else {
            source.eval();
          }
          Tensor y = random(2, 6, 3);
          assertThat(distance(flat(one.forward(y, x)), flat(two.forward(y, x)))).isZero();
          assertThat(one.batchesTracked()).isEqualTo(two.batchesTracked());
          Tensor before = flat(one.running()).clone();
          one.to(Dtype.FLOAT32);
          assertThat(distance(before, flat(one.running()))).isLessThan(1e-6);
          EmaMoments narrow =
              one.forward(x.to(Dtype.FLOAT32.scalarType()), x.to(Dtype.FLOAT32.scalarType()));
          assertThat(Tensors.dtypeName(narrow.covXy())).isEqualTo("float32");
          assertThat(distance(flat(narrow), flat(two.forward(x, x)))).isLessThan(1e-5);
        }
      }
    }
  }

  @Test
  void copiesGoOnByThemselves() {
    try (PointerScope scope = new PointerScope()) {
      Representation rho = Signals.rotated("D4: irrep(1,1) + trivial", 3);
      Tensor x = random(1, 6, 3);
      for (Function<Representation, RunningStatistics> kind : kinds()) {
        RunningStatistics one = kind.apply(rho);
        one.forward(x, x);
        RunningStatistics copy = (RunningStatistics) one.copy();
        RunningStatistics again = (RunningStatistics) Fixtures.builtAgain(one);
        Tensor before = flat(one.running()).clone();
        assertThat(distance(flat(copy.running()), before)).isZero();
        assertThat(distance(flat(again.running()), before)).isZero();
        EmaMoments next = copy.forward(random(2, 6, 3), x);
        assertThat(distance(flat(again.forward(random(2, 6, 3), x)), flat(next))).isZero();
        assertThat(distance(flat(one.running()), before)).isZero();
        assertThat(copy.batchesTracked()).isEqualTo(2);
        assertThat(one.batchesTracked()).isEqualTo(1);
      }
    }
  }

  /** State dicts before version 0.7 of the Python package hold dense covariances. */
  @ParameterizedTest
  @MethodSource("dev.noether.linalg.Signals#representations")
  void denseStatisticsBecomeCoordinates(Representation rho) {
    try (PointerScope scope = new PointerScope()) {
      Representation out = Signals.rotatedRegular(rho);
      EquivariantEmaStatistics dense = new EquivariantEmaStatistics(rho, out, WIDE);
      dense.forward(random(1, 9, rho.size()), random(2, 9, out.size()));
      HomEmaStatistics own = HomEmaStatistics.of(dense);
      assertThat(distance(flat(own.running()), flat(dense.running()))).isLessThan(1e-12);
      assertThat(own.batchesTracked()).isEqualTo(1);
      assertThat(own.isTraining()).isTrue();
      Map<String, Tensor> state = new LinkedHashMap<>(dense.stateDict());
      Tensor broken = random(3, rho.size(), rho.size());
      state.put("running_cov_xx", broken);
      dense.load(state);
      dense.to(Dtype.FLOAT32).eval();
      HomEmaStatistics closest = HomEmaStatistics.of(dense);
      assertThat(closest.isTraining()).isFalse();
      assertThat(Tensors.dtypeName(closest.running().covXx())).isEqualTo("float32");
      assertThat(
              distance(
                  closest.running().covXx().to(Dtype.FLOAT64.scalarType()),
                  EquivariantMaps.orthogonalProjection(broken, rho, rho)))
          .isLessThan(1e-6);
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
