package dev.noether.nn;

import static dev.noether.Fixtures.distance;
import static dev.noether.Fixtures.random;
import static dev.noether.Fixtures.rotated;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.noether.Fixtures;
import dev.noether.group.Element;
import dev.noether.group.Subgroup;
import dev.noether.models.Mlp;
import dev.noether.models.MlpOptions;
import dev.noether.nn.conv.EquivariantConv1d;
import dev.noether.nn.frame.FrameAveraging;
import dev.noether.nn.frame.FrameOptions;
import dev.noether.nn.linear.DenseOptions;
import dev.noether.nn.linear.EquivariantLinear;
import dev.noether.nn.linear.Linear;
import dev.noether.nn.linear.MapOptions;
import dev.noether.plain.Activation;
import dev.noether.plain.ConvolutionOptions;
import dev.noether.plain.EagerGraph;
import dev.noether.rep.Representation;
import dev.noether.torch.Dtype;
import dev.noether.torch.LibTorch;
import java.util.function.UnaryOperator;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Averages over a group: equivariant whatever the function. */
class FrameAveragingTest {
  private static final DenseOptions DENSE = DenseOptions.defaults().with(Dtype.FLOAT64).withSeed(1);

  @BeforeAll
  static void load() {
    LibTorch.load();
  }

  private static Representation mixed(String group) {
    return rotated(Representation.parse(group + ": regular"))
        .plus(Representation.parse(group + ": 2 x regular"));
  }

  /** A layer without a symmetry. */
  private static EquivariantLinear plain(int in, int out) {
    return new EquivariantLinear(
        Representation.parse("C1: " + in + " x trivial"),
        Representation.parse("C1: " + out + " x trivial"),
        MapOptions.defaults().with(Dtype.FLOAT64).withSeed(1));
  }

  private static FrameAveraging average(Representation in, Representation out) {
    return new FrameAveraging(in, out, plain(in.size(), out.size()), FrameOptions.defaults());
  }

  @ParameterizedTest
  @ValueSource(strings = {"C3", "D4", "Q8", "Octahedral", "Icosahedral"})
  void isEquivariantAndTheAverageOverAllElements(String group) {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      Representation in = mixed(group);
      Representation out = rotated(Representation.parse(group + ": regular"));
      Linear linear = new Linear(in.size(), out.size(), DENSE);
      UnaryOperator<Tensor> function = x -> linear.forward(x).sin();
      FrameAveraging layer = new FrameAveraging(in, out, linear, function, FrameOptions.defaults());
      Tensor x = random(Dtype.FLOAT64, 2, 3, in.size());
      assertThat(Equivariance.check(layer, x).relativeError()).isLessThan(1e-11);
      Tensor sum = random(Dtype.FLOAT64, 2, 3, out.size()).mul(new Scalar(0.0));
      int order = in.finiteGroup().order();
      for (int g = 0; g < order; g++) {
        Element element = in.finiteGroup().element(g);
        Tensor turned = function.apply(Equivariance.act(in, element, x));
        sum =
            sum.add(
                Equivariance.act(
                    out, in.finiteGroup().element(in.finiteGroup().inverse(g)), turned));
      }
      assertThat(distance(layer.forward(x), sum.div(new Scalar((double) order)))).isLessThan(1e-12);
    }
  }

  @Test
  void isInvariantWhereTheOutputIsTrivial() {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      Representation in = Representation.parse("Q8: regular");
      Representation out = Representation.parse("Q8: 3 x trivial");
      Tensor x = random(Dtype.FLOAT64, 5, in.size());
      assertThat(Equivariance.check(average(in, out), x).relativeError()).isLessThan(1e-11);
    }
  }

  @Test
  void changesNoEquivariantFunction() {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      Representation rho = mixed("D4");
      EquivariantLinear inner =
          new EquivariantLinear(rho, rho, MapOptions.defaults().with(Dtype.FLOAT64).withSeed(1));
      FrameAveraging layer = new FrameAveraging(rho, rho, inner, FrameOptions.defaults());
      Tensor x = random(Dtype.FLOAT64, 4, rho.size());
      assertThat(distance(layer.forward(x), inner.forward(x))).isLessThan(1e-12);
      Tensor one = x.select(0, 0);
      assertThat(distance(layer.forward(one), inner.forward(one))).isLessThan(1e-12);
    }
  }

  @Test
  void cosetsOfAKnownSubgroupGiveTheSameAverage() {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      Representation rho = mixed("D4");
      Subgroup reflection = rho.finiteGroup().subgroupGeneratedBy(5);
      Representation half = rho.restrict(reflection);
      EquivariantLinear inner =
          new EquivariantLinear(half, half, MapOptions.defaults().with(Dtype.FLOAT64).withSeed(1));
      FrameAveraging whole = new FrameAveraging(rho, rho, inner, FrameOptions.defaults());
      FrameAveraging cosets =
          new FrameAveraging(
              rho, rho, inner, FrameOptions.defaults().withEquivariantUnder(reflection));
      Tensor x = random(Dtype.FLOAT64, 4, rho.size());
      assertThat(cosets.elements()).isEqualTo(4);
      assertThat(distance(cosets.forward(x), whole.forward(x))).isLessThan(1e-12);
      assertThat(Equivariance.check(cosets, x).relativeError()).isLessThan(1e-11);
    }
  }

  @Test
  void isBuiltAgainFromItsDescriptionAndItsPlainFormIsItself() {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      Representation rho = mixed("D4");
      Representation out = Representation.parse("D4: regular + trivial");
      FrameAveraging layer =
          new FrameAveraging(
              rho,
              out,
              plain(rho.size(), out.size()),
              FrameOptions.defaults()
                  .withEquivariantUnder(rho.finiteGroup().subgroupGeneratedBy(5))
                  .withMaxElements(4));
      LayerRegistry registry = LayerRegistry.standard();
      Layer copy = registry.build(registry.describe(layer).orElseThrow());
      copy.load(layer.stateDict());
      Tensor x = random(Dtype.FLOAT64, 2, 3, rho.size());
      assertThat(distance(((FrameAveraging) copy).forward(x), layer.forward(x))).isZero();
      assertThat(distance(layer.plain(new EagerGraph(x), x), layer.forward(x))).isLessThan(1e-12);
    }
  }

  /** Code cannot be described. */
  @Test
  void aFunctionIsSavedAsAStateDictOnly() {
    Representation rho = Representation.parse("C3: regular");
    FrameAveraging layer = new FrameAveraging(rho, rho, Tensor::sin);
    assertThat(LayerRegistry.standard().describe(layer)).isEmpty();
  }

  /** A layer over time whose symmetry is smaller: that of the group of one element. */
  @Test
  void averagesLayersOverTime() {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      Representation rho = mixed("C3");
      Representation plain = Representation.parse("C1: " + rho.size() + " x trivial");
      EquivariantConv1d inner =
          new EquivariantConv1d(
              plain,
              plain,
              ConvolutionOptions.kernel(3).withStride(2),
              MapOptions.defaults().with(Dtype.FLOAT64).withSeed(1));
      FrameAveraging layer = new FrameAveraging(rho, rho, inner, FrameOptions.defaults());
      Tensor x = random(Dtype.FLOAT64, 4, rho.size(), 9);
      assertThat(Equivariance.check(layer, x).relativeError()).isLessThan(1e-11);
      assertThat(distance(layer.forward(x.select(0, 1)), layer.forward(x).select(0, 1)))
          .isLessThan(1e-12);
    }
  }

  @Test
  void refusalsSayWhatIsWrong() {
    Representation large = Representation.parse("D100: irrep(1,1)");
    assertThatThrownBy(() -> new FrameAveraging(large, large, Tensor::sin))
        .hasMessageContaining("D100 has order 200")
        .hasMessageContaining("maxElements = 128 is the most")
        .hasMessageContaining("FrameOptions.withMaxElements")
        .hasMessageContaining("withEquivariantUnder");
    Representation rho = Representation.parse("C3: regular");
    assertThatThrownBy(() -> FrameOptions.defaults().withMaxElements(0))
        .hasMessage("maxElements must be at least 1, got 0");
    assertThatThrownBy(
            () ->
                new FrameAveraging(
                    rho,
                    rho,
                    plain(3, 3),
                    FrameOptions.defaults().withEquivariantUnder(large.finiteGroup().center())))
        .hasMessageContaining("equivariantUnder must be a subgroup of C3");
    assertThatThrownBy(() -> new FrameAveraging(rho, rho, plain(3, 4), FrameOptions.defaults()))
        .hasMessageContaining("the layer must lead from 3 features")
        .hasMessageContaining("from 3 to 4");
    Tensor x = random(Dtype.FLOAT32, 2, 3);
    FrameAveraging short1 = new FrameAveraging(rho, rho, y -> y.narrow(-1, 0, 2));
    assertThatThrownBy(() -> short1.forward(x))
        .hasMessageContaining("must keep the batch and end in out.size() = 3 features")
        .hasMessageContaining("[6, 3] went in, [6, 2] came out");
  }

  @Test
  void aPlainNetworkInsideIsBuiltAgainWithIt() {
    try (PointerScope scope = new PointerScope()) {
      Representation in = rotated(Representation.parse("D4: regular + irrep(1,1)"));
      Representation out = Representation.parse("D4: irrep(1,1) + trivial");
      Mlp inner =
          new Mlp(
              in.size(),
              out.size(),
              MlpOptions.hidden(6).with(Activation.TANH),
              DenseOptions.defaults().with(Dtype.FLOAT64).withSeed(1));
      FrameAveraging layer = new FrameAveraging(in, out, inner, FrameOptions.defaults());
      Tensor x = random(Dtype.FLOAT64, 3, in.size());
      Equivariance.checkThat(layer, x, 1e-11);
      Layer again = Fixtures.builtAgain(layer);
      assertThat(distance(((FrameAveraging) again).forward(x), layer.forward(x))).isZero();
      assertThat(distance(layer.plain(new EagerGraph(x), x), layer.forward(x))).isLessThan(1e-12);
      Linear narrow = new Linear(3, out.size());
      assertThatThrownBy(() -> new FrameAveraging(in, out, narrow, FrameOptions.defaults()))
          .hasMessageContaining("the layer must lead from 10 features")
          .hasMessageContaining("got Linear(3, 3) from 3 to 3");
    }
  }
}
