package dev.noether.nn.symmetry;

import static dev.noether.Fixtures.distance;
import static dev.noether.Fixtures.random;
import static dev.noether.Fixtures.rotated;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.noether.models.EquivariantMlp;
import dev.noether.models.MlpOptions;
import dev.noether.nn.Equivariance;
import dev.noether.nn.linear.EquivariantLinear;
import dev.noether.nn.linear.Linear;
import dev.noether.nn.linear.MapOptions;
import dev.noether.plain.Activation;
import dev.noether.rep.Representation;
import dev.noether.torch.Dtype;
import dev.noether.torch.LibTorch;
import dev.noether.torch.Tensors;
import java.util.Objects;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class RoundingTest {
  private static final MapOptions SEEDED = MapOptions.defaults().withSeed(1);

  @BeforeAll
  static void load() {
    LibTorch.load();
  }

  /** P W = W P to the last bit, for every element. */
  @Test
  void betweenPermutationsTheMapCommutesToTheLastBit() {
    Representation in = Representation.parse("Octahedral: quotient(C3) + regular");
    Representation out = Representation.parse("Octahedral: quotient(D4) + regular");
    EquivariantLinear layer =
        (EquivariantLinear) Rounding.of(new EquivariantLinear(in, out, SEEDED), 8).layer();
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      Tensor weight = layer.weight();
      in.finiteGroup()
          .elements()
          .forEach(
              g -> {
                Tensor left = Equivariance.act(out, g, weight.t()).t();
                Tensor both = Equivariance.act(in, g, left);
                assertThat(distance(both, weight)).isZero();
              });
    }
  }

  @Test
  void anyRepresentationKeepsItsSymmetryAndTheErrorIsTold() {
    Representation rho = rotated(Representation.parse("D5: regular + irrep(1,1)"));
    EquivariantLinear exact = new EquivariantLinear(rho, rho, SEEDED.with(Dtype.FLOAT64));
    Rounding rounding = Rounding.of(exact, 8);
    EquivariantLinear layer = (EquivariantLinear) rounding.layer();
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      Tensor x = random(Dtype.FLOAT64, 4, rho.size());
      assertThat(Equivariance.check(layer, x).relativeError()).isLessThan(1e-13);
      Rounding.Levels levels = Objects.requireNonNull(rounding.tensors().get("weight_dof"));
      double lost = layer.weight().sub(exact.weight()).norm().item().toDouble();
      assertThat(levels.error())
          .isCloseTo(lost / exact.weight().norm().item().toDouble(), within(1e-12))
          .isBetween(1e-4, 1e-2);
      for (double level : Tensors.toArray(levels.levels())) {
        assertThat(Math.abs(level)).isLessThanOrEqualTo(127);
      }
      double fewer =
          Objects.requireNonNull(Rounding.of(exact, 4).tensors().get("weight_dof")).error();
      assertThat(fewer).isGreaterThan(8 * levels.error());
    }
  }

  @Test
  void wholeModelsAreRounded() {
    Representation rho = Representation.parse("D3: regular");
    EquivariantMlp mlp =
        new EquivariantMlp(rho, rho, MlpOptions.hidden(12, 6).with(Activation.TANH), SEEDED);
    mlp.eval();
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      Tensor x = random(Dtype.FLOAT32, 4, 6);
      Tensor before = mlp.forward(x);
      Rounding rounding = Rounding.of(mlp, 8);
      assertThat(rounding.tensors())
          .containsOnlyKeys("net.0.weight_dof", "net.2.weight_dof", "net.4.weight_dof");
      Tensor after = ((EquivariantMlp) rounding.layer()).forward(x);
      assertThat(distance(after, before)).isBetween(1e-5, 2e-2);
      assertThat(distance(mlp.forward(x), before)).isZero();
    }
  }

  @Test
  void refusalsSayWhatMustHold() {
    Linear plain = new Linear(2, 2);
    assertThatThrownBy(() -> Rounding.of(plain, 8))
        .hasMessage("Linear(2, 2) has no coefficients of equivariant maps to round");
    assertThatThrownBy(() -> Rounding.of(plain, 9))
        .hasMessage("coefficients are rounded to 2 to 8 bits, got 9");
  }
}
