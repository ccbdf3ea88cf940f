package dev.noether.nn;

import static dev.noether.linalg.Signals.distance;
import static dev.noether.linalg.Signals.random;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.noether.group.Element;
import dev.noether.linalg.EquivariantMaps;
import dev.noether.linalg.Signals;
import dev.noether.nn.distribution.EquivariantMultivariateNormal;
import dev.noether.nn.distribution.MultivariateNormal;
import dev.noether.nn.distribution.NormalCovariance;
import dev.noether.rep.HomSpace;
import dev.noether.rep.Representation;
import dev.noether.stats.Covariance;
import dev.noether.torch.Dtype;
import dev.noether.torch.Tensors;
import java.util.OptionalLong;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Equivariant normal distributions against the dense formulas. */
class EquivariantMultivariateNormalTest {
  private static EquivariantMultivariateNormal layer(Representation rho, NormalCovariance kind) {
    return new EquivariantMultivariateNormal(rho, kind, Dtype.FLOAT64);
  }

  @ParameterizedTest
  @MethodSource("dev.noether.linalg.Signals#representations")
  void densityIsTheDenseFormulaAndInvariant(Representation rho) {
    try (PointerScope scope = new PointerScope()) {
      for (NormalCovariance kind : NormalCovariance.values()) {
        EquivariantMultivariateNormal layer = layer(rho, kind);
        Tensor u = random(1, 3, layer.in().size());
        Tensor y = random(2, 3, rho.size());
        MultivariateNormal normal = layer.forward(u);
        Tensor covariance = normal.covariance();
        assertThat(distance(EquivariantMaps.orthogonalProjection(covariance, rho, rho), covariance))
            .isLessThan(1e-11);
        assertThat(distance(normal.variance(), covariance.diagonal(0, -2, -1))).isLessThan(1e-12);
        Tensor r = y.sub(normal.mean()).unsqueeze(-1);
        Tensor square = r.transpose(1, 2).matmul(torch.linalg_solve(covariance, r)).reshape(3);
        Tensor expected =
            square
                .add(torch.logdet(covariance))
                .add(new Scalar(rho.size() * Math.log(2 * Math.PI)))
                .mul(new Scalar(-0.5));
        Tensor found = normal.logProb(y);
        assertThat(distance(found, expected)).isLessThan(1e-8);
        for (Element g : rho.finiteGroup().elements()) {
          Tensor turned =
              layer.forward(Signals.act(u, layer.in(), g)).logProb(Signals.act(y, rho, g));
          assertThat(distance(turned, found)).isLessThan(1e-9);
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("dev.noether.linalg.Signals#representations")
  void aFullCovarianceHasAsManyParametersAsSymmetricEquivariantMaps(Representation rho) {
    double symmetric = 0; // the trace of W -> W^T averaged with the group's action
    for (Element g : rho.finiteGroup().elements()) {
      double once = rho.character(g);
      double twice = rho.character(g.times(g));
      symmetric += (once * once + twice) / 2 / rho.finiteGroup().order();
    }
    assertThat((double) layer(rho, NormalCovariance.FULL).parameterCount())
        .isEqualTo(Math.rint(symmetric));
    assertThat(layer(rho, NormalCovariance.FULL).parameterCount())
        .isLessThanOrEqualTo(HomSpace.between(rho, rho).dim());
    assertThat(layer(rho, NormalCovariance.DIAGONAL).parameterCount())
        .isEqualTo(rho.irreps().size());
  }

  @Test
  void samplesHaveTheMeanAndTheCovariance() {
    try (PointerScope scope = new PointerScope()) {
      Representation rho = Signals.rotated("C3: 2 x irrep(1) + trivial", 3);
      for (NormalCovariance kind : NormalCovariance.values()) {
        EquivariantMultivariateNormal layer = layer(rho, kind);
        Tensor u = random(1, layer.in().size()).mul(new Scalar(0.3));
        MultivariateNormal normal = layer.forward(u);
        Tensor drawn = normal.rsample(OptionalLong.of(5), 200_000);
        assertThat(distance(drawn, normal.rsample(OptionalLong.of(5), 200_000))).isZero();
        assertThat(distance(drawn.mean(0L), normal.mean())).isLessThan(0.02);
        Tensor centred = drawn.sub(normal.mean());
        Tensor empirical = centred.t().matmul(centred).div(new Scalar(200_000.0));
        assertThat(distance(empirical, normal.covariance())).isLessThan(0.05);
        Tensor entropy = normal.logProb(drawn).mean().neg();
        assertThat(distance(entropy, normal.entropy())).isLessThan(0.02);
        Covariance seen = Covariance.of(rho).plus(centred);
        assertThat(distance(seen.covariance(), normal.covariance())).isLessThan(0.05);
      }
    }
  }

  @Test
  void gradientsOfDensityAndSamplesAreTheFiniteDifferences() {
    try (PointerScope scope = new PointerScope()) {
      Representation rho = Signals.rotated("C3: 2 x irrep(1) + trivial", 3);
      EquivariantMultivariateNormal layer = layer(rho, NormalCovariance.FULL);
      Tensor u = random(1, layer.in().size());
      Tensor y = random(2, rho.size());
      Tensor direction = random(3, layer.in().size());
      u.set_requires_grad(true);
      objective(layer, u, y).backward();
      double slope = u.grad().mul(direction).sum().item().toDouble();
      Tensor step = direction.mul(new Scalar(1e-5));
      double difference =
          objective(layer, u.detach().add(step), y)
                  .sub(objective(layer, u.detach().sub(step), y))
                  .item()
                  .toDouble()
              / 2e-5;
      assertThat(Math.abs(slope - difference)).isLessThan(1e-6 * (1 + Math.abs(slope)));
    }
  }

  private static Tensor objective(EquivariantMultivariateNormal layer, Tensor u, Tensor y) {
    MultivariateNormal normal = layer.forward(u);
    Tensor drawn = normal.rsample(OptionalLong.of(7), 4);
    return normal.logProb(y).add(drawn.pow(new Scalar(2.0)).sum());
  }

  @Test
  void withoutCorrelationsFullIsDiagonalAndTheStateDictIsThePythonPackages() {
    try (PointerScope scope = new PointerScope()) {
      Representation rho = Signals.rotated("D4: regular", 3);
      EquivariantMultivariateNormal diagonal = layer(rho, NormalCovariance.DIAGONAL);
      EquivariantMultivariateNormal full = layer(rho, NormalCovariance.FULL);
      assertThat(diagonal.stateDict().keySet()).containsExactly("idx", "Q2_T");
      Tensor u = random(1, diagonal.in().size());
      int more = full.in().size() - diagonal.in().size();
      Tensor padded = Tensors.concatenate(0, u, Tensors.of(Dtype.FLOAT64, new double[more], more));
      assertThat(distance(diagonal.forward(u).covariance(), full.forward(padded).covariance()))
          .isLessThan(1e-12);
    }
  }

  @Test
  void badInputIsRefusedWithTheReason() {
    try (PointerScope scope = new PointerScope()) {
      EquivariantMultivariateNormal layer =
          layer(Representation.parse("C5: regular"), NormalCovariance.DIAGONAL);
      assertThatThrownBy(() -> layer.forward(random(1, 2, 7)))
          .hasMessageContaining("last axis must be in.size() = 8")
          .hasMessageContaining("got 7 in [2, 7]");
      assertThatThrownBy(() -> layer.forward(random(1, 2, 8)).logProb(random(1, 2, 4)))
          .hasMessageContaining("last axis must be out.size() = 5");
    }
  }
}
