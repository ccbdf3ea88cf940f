package dev.noether.nn;

import static dev.noether.Fixtures.distance;
import static dev.noether.Fixtures.random;
import static dev.noether.Fixtures.rotated;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.noether.Fixtures;
import dev.noether.group.CompactGroup;
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
import dev.noether.plain.Activation;
import dev.noether.plain.ConvolutionOptions;
import dev.noether.plain.EagerGraph;
import dev.noether.rep.InvariantProjector;
import dev.noether.rep.Representation;
import dev.noether.torch.Dtype;
import dev.noether.torch.LibTorch;
import dev.noether.torch.Tensors;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Adam;
import org.bytedeco.pytorch.AdamOptions;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
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

  /** Vectors, and irreps of both parities that follow from them, in bases of their own. */
  static Stream<Arguments> spaces() {
    return Stream.of(
        Arguments.of("SO(2): 3 x irrep(1) + irrep(2) + irrep(0)", "SO(2): irrep(3) + irrep(1)"),
        Arguments.of(
            "O(2): 3 x irrep(1,1) + irrep(1,3) + irrep(1,0)", "O(2): irrep(1,2) + irrep(0,0)"),
        Arguments.of("SO(3): 3 x irrep(1) + irrep(2)", "SO(3): irrep(3) + irrep(0) + irrep(1)"),
        Arguments.of(
            "O(3): 4 x irrep(1,1) + irrep(0,2) + irrep(0,1)",
            "O(3): irrep(1,2) + irrep(1,3) + irrep(1,0) + irrep(0,4)"));
  }

  private static Canonicalization inSpace(Representation in, Representation out, Dtype dtype) {
    DenseOptions dense = DenseOptions.defaults().with(dtype).withSeed(1);
    torch.manual_seed(1); // of the linear frame
    return new Canonicalization(
        in, out, new Mlp(in.size(), out.size(), MlpOptions.hidden(16), dense));
  }

  @ParameterizedTest
  @MethodSource("spaces")
  void commutesWithRotationsAndReflectionsOfSpace(String in, String out) {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      Representation from = rotated(Representation.parse(in));
      Representation to = rotated(Representation.parse(out));
      Canonicalization layer = inSpace(from, to, Dtype.FLOAT64);
      Tensor x = random(Dtype.FLOAT64, 4, 3, from.size());
      Tensor y = layer.forward(x);
      assertThat(Equivariance.check(layer, x).relativeError()).isLessThan(1e-11);
      for (Element g : ((CompactGroup) from.group()).sample(5, 3)) {
        Tensor turned = layer.forward(Equivariance.act(from, g, x));
        assertThat(distance(turned, Equivariance.act(to, g, y))).as("%s", g).isLessThan(1e-11);
      }
      Canonicalization again = (Canonicalization) Fixtures.builtAgain(layer);
      assertThat(distance(again.forward(x), y)).isZero();
      assertThat(distance(((Canonicalization) layer.copy()).forward(x), y)).isZero();
      assertThat(distance(layer.plain(new EagerGraph(x), x), y)).isLessThan(1e-12);
      layer.to(Dtype.FLOAT32);
      Tensor narrow = layer.forward(x.to(Dtype.FLOAT32.scalarType()));
      assertThat(distance(narrow.to(Dtype.FLOAT64.scalarType()), y)).isLessThan(1e-4);
      // Nearly parallel vectors magnify roundings.
      assertThat(Equivariance.check(layer, x.to(Dtype.FLOAT32.scalarType())).relativeError())
          .isLessThan(1e-4);
    }
  }

  /** Vectors on a line or in a plane, and none at all. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "SO(2): 2 x irrep(1)",
        "O(2): 2 x irrep(1,1)",
        "SO(3): 3 x irrep(1)",
        "O(3): 4 x irrep(1,1)"
      })
  void commutesWhereVectorsDoNotSpanSpace(String text) {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      Representation in = Representation.parse(text);
      int space = in.irreps().get(0).dimension();
      int count = in.size() / space;
      Representation out = Representation.vectors(in.group()).tensor(in);
      Canonicalization layer = inSpace(in, out, Dtype.FLOAT64);
      for (int spanned = 0; spanned < space; spanned++) {
        Tensor x = random(Dtype.FLOAT64, 6, count, space).cos();
        x.narrow(2, spanned, space - spanned).zero_();
        Tensor flat = x.reshape(6, -1);
        Tensor y = layer.forward(flat);
        assertThat(distance(layer.plain(new EagerGraph(flat), flat), y)).isLessThan(1e-12);
        for (Element g : ((CompactGroup) in.group()).sample(5, 3)) {
          Tensor turned = layer.forward(Equivariance.act(in, g, flat));
          assertThat(distance(turned, Equivariance.act(out, g, y)))
              .as("%d axes, %s", spanned, g)
              .isLessThan(1e-9);
        }
      }
    }
  }

  @Test
  void gradientsUnderRotationsAgreeWithFiniteDifferences() {
    try (PointerScope scope = new PointerScope()) {
      Representation in = rotated(Representation.parse("O(3): 4 x irrep(1,1) + irrep(0,2)"));
      Representation out = Representation.parse("O(3): irrep(1,1) + irrep(0,2) + irrep(1,0)");
      MlpOptions smooth = MlpOptions.hidden(8).with(Activation.TANH);
      torch.manual_seed(1); // of the linear frame
      Canonicalization layer =
          new Canonicalization(in, out, new Mlp(in.size(), out.size(), smooth, DENSE));
      Tensor x = random(Dtype.FLOAT64, 2, in.size()).set_requires_grad(true);
      Map<String, Tensor> leaves = new LinkedHashMap<>(layer.namedParameters());
      leaves.put("input", x);
      GradientsTest.assertGradients(leaves, () -> layer.forward(x).sin().sum());
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
    Representation space = Representation.parse("SO(3): irrep(1) + irrep(2)");
    assertThatThrownBy(() -> new Canonicalization(space, space, new Linear(8, 8, DENSE)))
        .hasMessage(
            "a linear frame needs at least 2 copies of irrep(1) of SO(3), got SO(3): irrep(1) +"
                + " irrep(2); give a frame of your own, from it to SO(3): 2 x vectors");
  }
}
