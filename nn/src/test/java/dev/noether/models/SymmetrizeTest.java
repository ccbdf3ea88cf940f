package dev.noether.models;

import static dev.noether.Fixtures.distance;
import static dev.noether.Fixtures.random;
import static dev.noether.Fixtures.rotated;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.noether.group.FiniteGroup;
import dev.noether.group.Groups;
import dev.noether.nn.Equivariance;
import dev.noether.nn.linear.DenseOptions;
import dev.noether.nn.linear.EquivariantLinear;
import dev.noether.plain.Activation;
import dev.noether.rep.Representation;
import dev.noether.torch.Dtype;
import dev.noether.torch.LibTorch;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class SymmetrizeTest {
  private static final FiniteGroup GROUP = Groups.dihedral(3);
  private static final Representation IN =
      rotated(Representation.parse("D3: regular + irrep(1,1)"));
  private static final Representation OUT = Representation.parse("D3: trivial + irrep(1,1)");
  private static final Representation REGULAR = Representation.regular(GROUP);

  @BeforeAll
  static void load() {
    LibTorch.load();
  }

  private static Mlp plain() {
    return new Mlp(
        IN.size(),
        OUT.size(),
        MlpOptions.hidden(12, 6).with(Activation.TANH),
        DenseOptions.defaults().with(Dtype.FLOAT64).withSeed(4));
  }

  /** The mean of rho_out(g) W rho_in(g)^-1, element by element. */
  private static Tensor mean(Tensor weight, Representation in, Representation out) {
    Tensor sum = weight.mul(new Scalar(0.0));
    for (int g = 0; g < GROUP.order(); g++) {
      Tensor left = Equivariance.act(out, GROUP.element(g), weight.t()).t();
      Tensor both = Equivariance.act(in, GROUP.element(g), left);
      sum = sum.add(both);
    }
    return sum.div(new Scalar((double) GROUP.order()));
  }

  @Test
  void everyWeightIsTheNearestOne() {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      Mlp mlp = plain();
      Symmetrize.Symmetrized found = Symmetrize.nearest(mlp.stateDict(), Activation.TANH, IN, OUT);
      Tensor weight = Objects.requireNonNull(mlp.stateDict().get("net.2.weight"));
      EquivariantLinear second = (EquivariantLinear) found.layer().layers().get(2);
      Tensor mean = mean(weight, REGULAR.times(2), REGULAR);
      assertThat(distance(second.weight(), mean)).isLessThan(1e-13);
      double lost = mean.sub(weight).norm().item().toDouble();
      assertThat(found.distances().get("net.2.weight"))
          .isCloseTo(lost / weight.norm().item().toDouble(), within(1e-12));
      Tensor x = random(Dtype.FLOAT64, 5, IN.size());
      assertThat(Equivariance.check(found.layer(), x).relativeError()).isLessThan(1e-12);
      double change = found.layer().forward(x).sub(mlp.forward(x)).norm().item().toDouble();
      assertThat(found.change(x))
          .isCloseTo(change / mlp.forward(x).norm().item().toDouble(), within(1e-12));
    }
  }

  @Test
  void aNetworkThatIsSymmetricStaysAsItIs() {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      Mlp mlp = plain();
      mlp.impose(IN, List.of(REGULAR.times(2), REGULAR), OUT);
      Tensor x = random(Dtype.FLOAT64, 5, IN.size());
      assertThat(Equivariance.check(mlp::forward, IN, OUT, x).relativeError()).isLessThan(1e-12);
      Map<String, Tensor> dense = new LinkedHashMap<>();
      mlp.eval();
      Symmetrize.Symmetrized once =
          Symmetrize.nearest(plain().stateDict(), Activation.TANH, IN, OUT);
      assertThat(distance(once.layer().forward(x), mlp.forward(x))).isLessThan(1e-12);
      for (int i = 0; i < 5; i += 2) {
        EquivariantLinear own = (EquivariantLinear) once.layer().layers().get(i);
        dense.put(i + ".weight", own.weight());
        dense.put(i + ".bias", Objects.requireNonNull(own.bias()));
      }
      Symmetrize.Symmetrized again = Symmetrize.nearest(dense, Activation.TANH, IN, OUT);
      assertThat(again.change(x)).isLessThan(1e-13);
      assertThat(again.distances().values()).allMatch(distance -> distance < 1e-13);
    }
  }

  @Test
  void refusalsNameTheLayer() {
    Map<String, Tensor> state = new LinkedHashMap<>();
    assertThatThrownBy(() -> Symmetrize.nearest(state, Activation.TANH, IN, OUT))
        .hasMessageStartingWith("there is no linear layer: no name ends in 'weight'");
    state.put("10.weight", random(Dtype.FLOAT32, 3, 6));
    state.put("2.weight", random(Dtype.FLOAT32, 7, 8));
    assertThatThrownBy(() -> Symmetrize.nearest(state, Activation.TANH, IN, OUT))
        .hasMessage("'2.weight' gives 7 features and '10.weight', the next by name, takes 6");
    state.put("10.weight", random(Dtype.FLOAT32, 3, 7));
    assertThatThrownBy(() -> Symmetrize.nearest(state, Activation.TANH, IN, OUT))
        .hasMessageStartingWith("'2.weight' has 7 outputs, no multiple of the order 6 of D3");
    state.put("2.weight", random(Dtype.FLOAT32, 6, 8, 1));
    assertThatThrownBy(() -> Symmetrize.nearest(state, Activation.TANH, IN, OUT))
        .hasMessageStartingWith("'2.weight' is no weight of a linear layer");
    assertThatThrownBy(() -> plain().impose(IN, List.of(REGULAR), OUT))
        .hasMessage("2 hidden layers need as many representations, got 1");
    assertThatThrownBy(() -> plain().impose(IN, List.of(REGULAR, REGULAR), OUT))
        .hasMessageStartingWith("linear layer 0 maps 8 features to 12");
  }
}
