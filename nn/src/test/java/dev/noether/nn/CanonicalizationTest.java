package dev.noether.nn;

import static dev.noether.Fixtures.distance;
import static dev.noether.Fixtures.random;
import static dev.noether.Fixtures.rotated;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.noether.group.Element;
import dev.noether.group.Subgroup;
import dev.noether.models.Mlp;
import dev.noether.models.MlpOptions;
import dev.noether.nn.conv.Conv1d;
import dev.noether.nn.frame.Canonicalization;
import dev.noether.nn.linear.DenseOptions;
import dev.noether.nn.linear.EquivariantLinear;
import dev.noether.nn.linear.Linear;
import dev.noether.nn.linear.MapOptions;
import dev.noether.plain.ConvolutionOptions;
import dev.noether.plain.EagerGraph;
import dev.noether.rep.InvariantProjector;
import dev.noether.rep.Representation;
import dev.noether.torch.Dtype;
import dev.noether.torch.LibTorch;
import dev.noether.torch.Tensors;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Adam;
import org.bytedeco.pytorch.AdamOptions;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Poses that are learned: equivariant whatever the layer inside. */
class CanonicalizationTest {
  private static final DenseOptions DENSE = DenseOptions.defaults().with(Dtype.FLOAT64).withSeed(1);

  @BeforeAll
  static void load() {
    LibTorch.load();
  }

  private static Canonicalization layer(Representation in, Representation out) {
    MlpOptions options = MlpOptions.hidden(16);
    EquivariantLinear frame =
        new EquivariantLinear(
            in,
            Representation.regular(in.finiteGroup()),
            MapOptions.defaults().withoutBias().with(Dtype.FLOAT64).withSeed(3));
    return new Canonicalization(in, out, new Mlp(in.size(), out.size(), options, DENSE), frame);
  }

  private static Representation mixed(String group) {
    return rotated(Representation.parse(group + ": regular"))
        .plus(Representation.parse(group + ": 2 x regular"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"C3", "D4", "Q8", "Octahedral", "Icosahedral"})
  void commutesWithEveryElementInBothModes(String group) {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      Representation in = mixed(group);
      Canonicalization layer = layer(in, rotated(Representation.parse(group + ": regular")));
      Tensor x = random(Dtype.FLOAT64, 2, 3, in.size());
      for (boolean training : new boolean[] {true, false}) {
        if (training) {
          layer.train();
        } else {
          layer.eval();
        }
        assertThat(Equivariance.check(layer, x).relativeError()).isLessThan(1e-11);
      }
    }
  }

  /** What some elements leave alone has several poses, all of them as good. */
  @ParameterizedTest
  @ValueSource(strings = {"D4", "Octahedral"})
  void commutesOnInputsThatElementsLeaveAlone(String group) {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      Representation in = mixed(group);
      Canonicalization layer = layer(in, Representation.parse(group + ": regular"));
      for (Subgroup subgroup : in.finiteGroup().subgroups()) {
        Tensor fixed = Tensors.of(Dtype.FLOAT64, InvariantProjector.of(in.restrict(subgroup)));
        Tensor x = random(Dtype.FLOAT64, 2, in.size()).mm(fixed);
        Tensor y = layer.forward(x);
        for (Element g : in.finiteGroup().elements()) {
          Tensor turned = layer.forward(Equivariance.act(in, g, x));
          assertThat(distance(turned, Equivariance.act(layer.out(), g, y)))
              .as("%s, %s", subgroup, g)
              .isLessThan(1e-11);
        }
      }
    }
  }

  /** Elements that act alike cannot be told apart: the mean over them is what is left. */
  @Test
  void commutesWhereTheInputTellsNothing() {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      Representation in = Representation.parse("D4: 3 x trivial");
      Canonicalization layer = layer(in, Representation.parse("D4: regular"));
      Tensor y = layer.forward(random(Dtype.FLOAT64, 5, 3));
      assertThat(distance(y, y.narrow(1, 0, 1).expand(5, 8))).isLessThan(1e-12);
    }
  }

  @Test
  void runsTheLayerInsideOnceForEachSample() {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      Representation rho = Representation.parse("Octahedral: regular");
      AtomicLong rows = new AtomicLong();
      FunctionLayer inner =
          new FunctionLayer(
              "counted",
              Representation.parse("C1: 24 x trivial"),
              Representation.parse("C1: 24 x trivial"),
              x -> {
                rows.addAndGet(x.numel() / 24);
                return x.sin();
              });
      new Canonicalization(rho, rho, inner).forward(random(Dtype.FLOAT32, 5, 24));
      assertThat(rows).hasValue(5);
    }
  }

  /** The angle between vectors of the plane is equivariant; the frame gets gradients and helps. */
  @Test
  void theFrameLearns() {
    try (PointerScope scope = new PointerScope()) {
      Representation in = Representation.parse("C4: 2 x irrep(1)");
      Representation out = Representation.parse("C4: irrep(1)");
      Canonicalization layer = layer(in, out);
      Tensor frame = Objects.requireNonNull(layer.namedParameters().get("frame.weight_dof"));
      Tensor before = frame.detach().clone();
      Tensor x = random(Dtype.FLOAT64, 64, in.size());
      Tensor y = x.narrow(1, 0, 2).mul(x.narrow(1, 2, 2).square().sum());
      Adam adam = new Adam(layer.parameters(), new AdamOptions(0.01));
      double first = step(layer, adam, x, y);
      double last = first;
      for (int i = 0; i < 60; i++) {
        last = step(layer, adam, x, y);
      }
      assertThat(last).isLessThan(first / 2);
      assertThat(distance(before, frame)).isGreaterThan(1e-3);
    }
  }

  private static double step(Canonicalization layer, Adam adam, Tensor x, Tensor y) {
    try (PointerScope scope = new PointerScope()) {
      adam.zero_grad();
      Tensor loss = torch.mse_loss(layer.forward(x), y);
      loss.backward();
      adam.step();
      return loss.item().toDouble();
    }
  }

  @Test
  void isBuiltAgainFromItsDescriptionAndItsPlainFormIsItself() {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      Representation in = mixed("D4");
      Canonicalization layer = layer(in, Representation.parse("D4: regular + trivial"));
      layer.eval();
      LayerRegistry registry = LayerRegistry.standard();
      Layer copy = registry.build(registry.describe(layer).orElseThrow());
      copy.load(layer.stateDict());
      copy.eval();
      Tensor x = random(Dtype.FLOAT64, 6, in.size());
      assertThat(distance(((Canonicalization) copy).forward(x), layer.forward(x))).isZero();
      assertThat(distance(layer.plain(new EagerGraph(x), x), layer.forward(x))).isLessThan(1e-12);
      Tensor nothing = x.zero_();
      assertThat(distance(layer.plain(new EagerGraph(x), nothing), layer.forward(nothing)))
          .isLessThan(1e-12);
    }
  }

  @Test
  void refusalsSayWhatIsWrong() {
    Representation rho = Representation.parse("C3: 2 x regular");
    Linear wrong = new Linear(5, 6, DENSE);
    assertThatThrownBy(() -> new Canonicalization(rho, rho, wrong))
        .hasMessageContaining("must lead from 6 features")
        .hasMessageContaining("from 5 to 6");
    Linear inner = new Linear(6, 6, DENSE);
    assertThatThrownBy(() -> new Canonicalization(rho, rho, inner, new EquivariantLinear(rho, rho)))
        .hasMessage(
            "the frame must lead from C3: 2 x regular to C3: regular, got C3: 2 x regular to C3: 2"
                + " x regular");
    Conv1d time = new Conv1d(6, 6, ConvolutionOptions.kernel(3), DENSE);
    assertThatThrownBy(() -> new Canonicalization(rho, rho, time))
        .hasMessageContaining("features on the last axis")
        .hasMessageContaining("FrameAveraging takes others");
    Representation space = Representation.parse("SO(3): irrep(1)");
    assertThatThrownBy(() -> new Canonicalization(space, space, new Linear(3, 3, DENSE)))
        .hasMessageContaining("this needs a finite group");
  }
}
