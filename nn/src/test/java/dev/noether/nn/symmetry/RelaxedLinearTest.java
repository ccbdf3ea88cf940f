package dev.noether.nn.symmetry;

import static dev.noether.Fixtures.distance;
import static dev.noether.Fixtures.random;
import static dev.noether.Fixtures.rotated;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.noether.group.FiniteGroup;
import dev.noether.group.FiniteIrrep;
import dev.noether.group.Groups;
import dev.noether.group.Subgroup;
import dev.noether.hom.BasisExpansion;
import dev.noether.hom.GroupHomomorphismBasis;
import dev.noether.nn.Equivariance;
import dev.noether.nn.EquivariantLayer;
import dev.noether.nn.Layer;
import dev.noether.nn.linear.EquivariantLinear;
import dev.noether.nn.linear.MapOptions;
import dev.noether.rep.Representation;
import dev.noether.torch.Dtype;
import dev.noether.torch.LibTorch;
import dev.noether.torch.Tensors;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.SGD;
import org.bytedeco.pytorch.SGDOptions;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RelaxedLinearTest {
  private static final MapOptions WIDE = MapOptions.defaults().with(Dtype.FLOAT64).withSeed(5);

  @BeforeAll
  static void load() {
    LibTorch.load();
  }

  private static List<FiniteIrrep> all(Representation rho) {
    return Components.nontrivial(rho.finiteGroup());
  }

  private static RelaxedLinear stirred(Representation rho, List<FiniteIrrep> components) {
    RelaxedLinear layer = new RelaxedLinear(rho, rho, components, WIDE);
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      layer
          .namedParameters()
          .values()
          .forEach(p -> p.add_(random(Dtype.FLOAT64, Tensors.shape(p))));
    }
    return layer;
  }

  private static double number(Tensor tensor) {
    return tensor.item().toDouble();
  }

  @ParameterizedTest
  @ValueSource(strings = {"D3: regular + irrep(1,1)", "C5: regular", "Q8: irrep(1,1) + trivial"})
  void theRemainderIsWhatTheProjectionLeaves(String text) {
    Representation rho = rotated(Representation.parse(text));
    RelaxedLinear layer = stirred(rho, all(rho));
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      GroupHomomorphismBasis basis =
          GroupHomomorphismBasis.of(rho, rho, BasisExpansion.ISOTYPIC_EXPANSION, Dtype.FLOAT64);
      Tensor weight = layer.weight();
      assertThat(distance(basis.project(weight), layer.exact().weight())).isLessThan(1e-12);
      double parts =
          layer.penalties().values().stream().mapToDouble(RelaxedLinearTest::number).sum();
      assertThat(number(layer.penalty())).isCloseTo(parts, within(1e-10));
      assertThat(layer.defect()).isBetween(0.1, 1.0);
      RelaxedLinear.setFreedom(layer, 0);
      assertThat(layer.defect()).isZero();
      Tensor x = random(Dtype.FLOAT64, 3, rho.size());
      assertThat(distance(layer.forward(x), layer.exact().forward(x))).isLessThan(1e-12);
    }
  }

  /** Rotations stay whatever is learned, reflections may go. */
  @Test
  void componentsKeepANormalSubgroup() {
    Representation rho = rotated(Representation.parse("D4: regular"));
    Subgroup turns = Groups.dihedral(4).subgroup("C4");
    RelaxedLinear layer = stirred(rho, RelaxedLinear.keeping(turns));
    Representation less = rho.branch(turns);
    Tensor x = random(Dtype.FLOAT64, 3, rho.size());
    assertThat(Equivariance.check(layer::forward, less, less, x).relativeError()).isLessThan(1e-12);
    assertThat(Equivariance.check(layer, x).relativeError()).isGreaterThan(1e-2);
  }

  private static void train(EquivariantLayer layer, double weight) {
    SGD optimizer = new SGD(layer.parameters(), new SGDOptions(0.02));
    Tensor x = random(Dtype.FLOAT64, 12, layer.in().size());
    Tensor y = random(Dtype.FLOAT64, 12, layer.out().size()).sin();
    for (int step = 0; step < 20; step++) {
      optimizer.zero_grad();
      Tensor loss = layer.forward(x).sub(y).pow(new Scalar(2.0)).mean();
      if (weight > 0) {
        loss = loss.add(RelaxedLinear.penaltyOf(layer).mul(new Scalar(weight)));
      }
      loss.backward();
      optimizer.step();
    }
  }

  @Test
  void withoutFreedomItTrainsAsTheEquivariantLayer() {
    Representation rho = Representation.parse("D3: regular");
    try (PointerScope scope = new PointerScope()) {
      EquivariantLinear exact = new EquivariantLinear(rho, rho, WIDE);
      RelaxedLinear relaxed = RelaxedLinear.of(exact, all(rho));
      RelaxedLinear free = RelaxedLinear.of(exact, all(rho));
      RelaxedLinear held = RelaxedLinear.of(exact, all(rho));
      RelaxedLinear.setFreedom(relaxed, 0);
      train(exact, 0);
      train(relaxed, 1);
      train(free, 0);
      train(held, 10);
      assertThat(distance(relaxed.weight(), exact.weight())).isLessThan(1e-12);
      assertThat(free.defect()).isGreaterThan(5 * held.defect());
      assertThat(held.defect()).isPositive();
      assertThat(RelaxedLinear.defectsOf(free)).containsOnlyKeys("");
    }
  }

  @Test
  void refusalsSayWhatMustHold() {
    Representation rho = Representation.parse("D3: regular");
    FiniteGroup group = rho.finiteGroup();
    assertThatThrownBy(() -> new RelaxedLinear(rho, rho, List.of(), WIDE))
        .hasMessage("a relaxed layer needs components to be free in, got none");
    assertThatThrownBy(() -> new RelaxedLinear(rho, rho, List.of(group.trivialIrrep()), WIDE))
        .hasMessageContaining("components are irreps of D3 other than the trivial one");
    assertThatThrownBy(() -> RelaxedLinear.keeping(group.subgroup("C2")))
        .hasMessage(
            "components keep normal subgroups, and C2 in D3 is none; use Restriction for others");
    assertThatThrownBy(() -> RelaxedLinear.setFreedom(new RelaxedLinear(rho, rho), 2))
        .hasMessage("the freedom is between 0 and 1, got 2.0");
    Layer none = new EquivariantLinear(rho, rho);
    assertThatThrownBy(() -> RelaxedLinear.penaltyOf(none))
        .hasMessageEndingWith("has no RelaxedLinear");
  }
}
