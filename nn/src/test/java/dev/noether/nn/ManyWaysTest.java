package dev.noether.nn;

import static dev.noether.Fixtures.distance;
import static dev.noether.Fixtures.random;
import static dev.noether.Fixtures.rotated;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.noether.DrawnGroups;
import dev.noether.Fixtures;
import dev.noether.hom.BasisExpansion;
import dev.noether.nn.activation.EquivariantDropout;
import dev.noether.nn.activation.FourierNonlinearity;
import dev.noether.nn.activation.NormNonlinearity;
import dev.noether.nn.activation.PointwiseNonlinearity;
import dev.noether.nn.attention.EquivariantMultiheadAttention;
import dev.noether.nn.conv.EquivariantConv1d;
import dev.noether.nn.linear.CommutingConstraint;
import dev.noether.nn.linear.DenseOptions;
import dev.noether.nn.linear.EquivariantAffine;
import dev.noether.nn.linear.EquivariantFilm;
import dev.noether.nn.linear.EquivariantLinear;
import dev.noether.nn.linear.FieldLinear;
import dev.noether.nn.linear.FieldList;
import dev.noether.nn.linear.InvariantConstraint;
import dev.noether.nn.linear.Linear;
import dev.noether.nn.linear.MapOptions;
import dev.noether.nn.norm.BatchStatisticsOptions;
import dev.noether.nn.norm.EquivariantBatchNorm1d;
import dev.noether.nn.norm.EquivariantLayerNorm;
import dev.noether.nn.norm.EquivariantRmsNorm;
import dev.noether.plain.Activation;
import dev.noether.plain.Axes;
import dev.noether.plain.ConvolutionOptions;
import dev.noether.plain.EagerGraph;
import dev.noether.rep.Representation;
import dev.noether.spectral.Execution;
import dev.noether.torch.Dtype;
import dev.noether.torch.LibTorch;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.InferenceMode;
import org.bytedeco.pytorch.SGD;
import org.bytedeco.pytorch.SGDOptions;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Layers in every way that people run, describe and join them. */
class ManyWaysTest {
  @BeforeAll
  static void load() {
    LibTorch.load();
  }

  private static final ConvolutionOptions KERNEL = ConvolutionOptions.kernel(3).withPadding(1);

  /**
   * A network over time: convolutions, an activation, norms, dropout, a linear layer, attention.
   */
  private static EquivariantSequential overTime(Representation rho) {
    MapOptions options = MapOptions.defaults().with(Dtype.FLOAT64).withSeed(1);
    return EquivariantSequential.of(
        new EquivariantConv1d(rho, rho, KERNEL, options),
        new PointwiseNonlinearity(rho, Activation.RELU),
        new EquivariantBatchNorm1d(rho, BatchStatisticsOptions.defaults().with(Dtype.FLOAT64)),
        new EquivariantLinear(rho, rho, options.withSeed(2)),
        new EquivariantRmsNorm(rho, 1e-6, Dtype.FLOAT64),
        new EquivariantDropout(rho, 0.5, Dtype.FLOAT64),
        new EquivariantMultiheadAttention(
            rho, dev.noether.nn.attention.AttentionOptions.heads(1).with(options)),
        new EquivariantConv1d(rho, rho, KERNEL, options.withSeed(3)));
  }

  /** Points that a drawn group permutes, so that any pointwise function commutes with them. */
  static Stream<Representation> points() {
    return Stream.concat(
        Stream.of("D4: regular", "C3: 2 x regular").map(Representation::parse),
        DrawnGroups.seeds(20)
            .mapToObj(seed -> Representation.regular(DrawnGroups.few(seed).finiteGroup())));
  }

  static Stream<Representation> drawn() {
    return DrawnGroups.seeds(30).mapToObj(DrawnGroups::few);
  }

  @ParameterizedTest
  @MethodSource("points")
  void aNetworkOverTimeIsOneChain(Representation rho) {
    try (PointerScope scope = new PointerScope()) {
      EquivariantSequential chain = overTime(rho);
      assertThat(chain.axes()).isEqualTo(Axes.CHANNELS);
      chain.eval();
      for (Tensor x :
          List.of(random(Dtype.FLOAT64, 2, rho.size(), 7), random(Dtype.FLOAT64, rho.size(), 7))) {
        Tensor current = x;
        for (EquivariantLayer layer : chain.layers()) {
          boolean channels = layer.axes() == Axes.CHANNELS;
          Tensor own = channels ? current : current.transpose(-1, -2);
          Tensor result = layer.forward(own);
          current = channels ? result : result.transpose(-1, -2);
        }
        assertThat(distance(chain.forward(x), current)).isLessThan(1e-12);
      }
      Equivariance.checkThat(chain, random(Dtype.FLOAT64, 2, rho.size(), 7), 1e-11);
      Tensor batch = random(Dtype.FLOAT64, 2, rho.size(), 7);
      assertThat(distance(chain.plain(new EagerGraph(batch), batch), chain.forward(batch)))
          .isLessThan(1e-12);
      Layer built =
          LayerRegistry.standard().build(LayerRegistry.standard().describe(chain).orElseThrow());
      built.load(chain.stateDict());
      built.eval();
      assertThat(distance(((EquivariantSequential) built).forward(batch), chain.forward(batch)))
          .isZero();
    }
  }

  /** Chains of drawn layers in which any may stand again, as it is or in a residual block. */
  @ParameterizedTest
  @MethodSource("seeds")
  void layersThatStandSeveralTimesInAChainStayOne(long seed) {
    Random random = new Random(seed);
    Representation rho = DrawnGroups.few(seed);
    Dtype dtype = Fixtures.WIDE.get(random.nextInt(2));
    MapOptions options = MapOptions.defaults().with(dtype).withSeed(seed);
    try (PointerScope scope = new PointerScope()) {
      List<EquivariantLayer> known =
          List.of(
              new EquivariantLinear(rho, rho, options),
              new EquivariantRmsNorm(rho, 1e-6, dtype),
              new EquivariantAffine(rho, Fixtures.affine(options)),
              new NormNonlinearity(rho, Activation.SILU, dtype));
      List<EquivariantLayer> chosen = new ArrayList<>();
      for (int i = 0; i < 4 + random.nextInt(4); i++) {
        EquivariantLayer layer = known.get(random.nextInt(known.size()));
        chosen.add(random.nextInt(3) == 0 ? new Residual(layer) : layer);
      }
      assertComesBackAsItIs(new EquivariantSequential(chosen));
    }
  }

  static LongStream seeds() {
    return DrawnGroups.seeds(40);
  }

  @Test
  void aLayerThatStandsTwiceInAChainStaysOne() {
    try (PointerScope scope = new PointerScope()) {
      Representation rho = Representation.parse("D4: 2 x regular");
      EquivariantLinear twice = new EquivariantLinear(rho, rho);
      EquivariantSequential chain =
          EquivariantSequential.of(
              twice, new PointwiseNonlinearity(rho, Activation.RELU), new Residual(twice));
      assertThat(chain.namedParameters()).hasSize(2);
      assertComesBackAsItIs(chain);
    }
  }

  /** Built again it has the same parameters, and a step of training leaves the same outputs. */
  private static void assertComesBackAsItIs(EquivariantSequential chain) {
    EquivariantSequential back =
        (EquivariantSequential)
            LayerRegistry.standard().build(LayerRegistry.standard().describe(chain).orElseThrow());
    back.load(chain.stateDict());
    assertThat(back.namedParameters().keySet()).isEqualTo(chain.namedParameters().keySet());
    Tensor x = random(chain.dtype(), 5, chain.in().size());
    for (EquivariantSequential own : List.of(chain, back)) {
      Tensor loss = own.forward(x).pow(new Scalar(2)).mean();
      if (loss.requires_grad()) {
        loss.backward();
        new SGD(own.parameters(), new SGDOptions(0.1)).step();
      }
    }
    assertThat(distance(back.forward(x), chain.forward(x))).isZero();
  }

  private static Architecture rms(Map<String, Representation> roles, Map<String, String> settings) {
    return new Architecture("EquivariantRmsNorm", roles, settings, List.of());
  }

  @Test
  void whatALayerDoesNotHaveIsRefusedWithWhatItHas() {
    Representation rho = Representation.parse("C4: regular");
    LayerRegistry registry = LayerRegistry.standard();
    assertThatThrownBy(() -> registry.build(rms(Map.of("in", rho), Map.of("epsilon", "0.1"))))
        .hasMessage("EquivariantRmsNorm has no setting 'epsilon'; it has [dtype, eps]");
    assertThatThrownBy(() -> registry.build(rms(Map.of("in", rho, "hidden", rho), Map.of())))
        .hasMessage("EquivariantRmsNorm has no representation 'hidden'; it has [in]");
    assertThatThrownBy(() -> registry.build(rms(Map.of(), Map.of())))
        .hasMessage("EquivariantRmsNorm lacks the representation 'in'");
    assertThatThrownBy(() -> registry.build(rms(Map.of("in", rho), Map.of("eps", "small"))))
        .hasMessage("'eps' of EquivariantRmsNorm must be a number, got 'small'");
    assertThatThrownBy(() -> registry.build(rms(Map.of("in", rho), Map.of("eps", "2"))))
        .hasMessage("eps must be above 0 and below 1, got 2.0");
    assertThatThrownBy(
            () ->
                registry.build(
                    new Architecture(
                        "EquivariantMultiheadAttention",
                        Map.of("in", rho),
                        Map.of("heads", "2.9"),
                        List.of())))
        .hasMessage("'heads' of EquivariantMultiheadAttention must be a whole number, got '2.9'");
    assertThatThrownBy(
            () ->
                registry.build(
                    new Architecture(
                        "EquivariantLinear",
                        Map.of("in", rho, "out", rho),
                        Map.of("bias", "yes"),
                        List.of())))
        .hasMessage("'bias' of EquivariantLinear must be true or false, got 'yes'");
    assertThatThrownBy(() -> registry.build(new Architecture("Own", Map.of(), Map.of(), List.of())))
        .hasMessageStartingWith("unknown layer 'Own': know [")
        .hasMessageContaining("EquivariantLinear");
  }

  @Test
  @SuppressWarnings("NullAway") // what a user without null checks may write
  void aLayerWithoutItsRepresentationIsRefused() {
    Representation rho = Representation.parse("C4: regular");
    assertThatThrownBy(() -> new FunctionLayer("own", null, rho, x -> x))
        .hasMessageContaining("needs the representation of its input, got null");
    assertThatThrownBy(() -> new FunctionLayer("own", rho, null, x -> x))
        .hasMessageContaining("needs the representation of its output, got null");
  }

  @Test
  void aParametrizationIsAttachedToAnyParameterOfAnyLayer() {
    try (PointerScope scope = new PointerScope()) {
      Representation rho = Representation.parse("D3: regular");
      Linear plain = new Linear(6, 6, DenseOptions.defaults().with(Dtype.FLOAT64).withSeed(1));
      InvariantConstraint constraint = new InvariantConstraint(rho, Dtype.FLOAT64);
      plain.parametrize("bias", constraint);
      assertThat(plain.namedParameters())
          .containsOnlyKeys("weight", "parametrizations.bias.original");
      Tensor bias = plain.stateDict().get("parametrizations.bias.original");
      assertThat(plain.bias()).isNotNull();
      assertThat(bias).isNotNull();
      assertThatThrownBy(
              () -> plain.parametrize("bias", new InvariantConstraint(rho, Dtype.FLOAT64)))
          .hasMessage("'bias' is constrained already; make a new layer");
      assertThatThrownBy(() -> plain.parametrize("wait", constraint))
          .hasMessage("Linear(6, 6) has no parameter 'wait'");
      assertThatThrownBy(
              () ->
                  plain.parametrize(
                      "weight",
                      new CommutingConstraint(
                          rho, rho, BasisExpansion.ISOTYPIC_EXPANSION, Dtype.FLOAT32)))
          .hasMessageContaining("dtype");
      assertThat(plain.namedParameters())
          .containsOnlyKeys("weight", "parametrizations.bias.original");
      Linear back =
          (Linear)
              LayerRegistry.standard()
                  .build(LayerRegistry.standard().describe(plain).orElseThrow());
      back.load(plain.stateDict());
      Tensor x = random(Dtype.FLOAT64, 4, 6);
      assertThat(distance(back.forward(x), plain.forward(x))).isZero();
    }
  }

  /** Notes who reads a parameter. */
  private static final class Watching extends Parametrization {
    private final Set<String> files = new LinkedHashSet<>();

    @Override
    protected Tensor constrain(Tensor original) {
      StackWalker.getInstance()
          .forEach(
              frame -> {
                String name = frame.getClassName().replaceAll("\\$.*", "");
                if (name.startsWith("dev.noether.") && !name.endsWith("Test")) {
                  files.add(name.substring(name.lastIndexOf('.') + 1));
                }
              });
      return original.mul(new Scalar(1));
    }
  }

  /** docs/architecture.md tells a newcomer which files a batch passes. */
  @Test
  void aBatchPassesFewFilesOnItsWayThroughALinearLayer() {
    try (PointerScope scope = new PointerScope()) {
      Representation rho = Representation.parse("D3: regular");
      EquivariantLinear layer = new EquivariantLinear(rho, rho);
      Watching watching = new Watching();
      layer.parametrize("weight_dof", watching);
      watching.files.clear();
      layer.forward(random(Dtype.FLOAT32, 2, rho.size()));
      watching.files.removeAll(
          Set.of(
              "Scopes", "LayerTensors", "Parameter", "Parametrization", "KeptTensor", "Autocast"));
      assertThat(watching.files)
          .containsExactlyInAnyOrder(
              "EquivariantLayer", "EquivariantLinear", "EquivariantMap", "DenseExecution");
    }
  }

  private static List<EquivariantLayer> layers(Representation rho, Dtype dtype) {
    MapOptions options = MapOptions.defaults().with(dtype).withSeed(1);
    List<EquivariantLayer> all = new ArrayList<>();
    for (Execution execution : List.of(Execution.DENSE, Execution.SPECTRAL)) {
      all.add(new EquivariantLinear(rho, rho, options.with(execution)));
    }
    FieldList fields = new FieldList(rho.summands());
    all.add(new FieldLinear(fields, fields, options));
    all.add(new EquivariantAffine(rho, Fixtures.affine(options)));
    all.add(new EquivariantLayerNorm(rho, Fixtures.norm(options)));
    all.add(new EquivariantBatchNorm1d(rho, BatchStatisticsOptions.defaults().with(dtype)));
    all.add(new NormNonlinearity(rho, Activation.SILU, dtype));
    all.add(new FourierNonlinearity(rho, Activation.TANH, dtype));
    all.add(
        new EquivariantMultiheadAttention(
            rho, dev.noether.nn.attention.AttentionOptions.heads(1).with(options)));
    all.add(new EquivariantConv1d(rho, rho, KERNEL, options));
    return all;
  }

  private static Tensor input(EquivariantLayer layer, Dtype dtype) {
    int size = layer.in().size();
    return layer.axes() == Axes.CHANNELS ? random(dtype, 2, size, 5) : random(dtype, 2, 5, size);
  }

  /** Served without gradients first, then asked for the gradient of its input. */
  @ParameterizedTest
  @MethodSource({"drawn", "points"})
  void whatInferenceModeKeepsGivesGradientsLater(Representation rho) {
    for (EquivariantLayer layer : layers(rho, Dtype.FLOAT32)) {
      try (PointerScope scope = new PointerScope()) {
        layer.eval();
        layer.namedParameters().values().forEach(p -> p.set_requires_grad(false));
        Tensor x = input(layer, Dtype.FLOAT32);
        Tensor first;
        try (InferenceMode inference = new InferenceMode()) {
          first = layer.forward(x).clone();
        }
        Tensor leaf = x.clone().set_requires_grad(true);
        Tensor y = layer.forward(leaf);
        y.sum().backward();
        assertThat(leaf.grad().defined()).as("%s", layer).isTrue();
        assertThat(distance(y, first)).as("%s", layer).isLessThan(1e-5);
      }
    }
  }

  /** Bases follow from representations: a wider dtype takes their numbers anew. */
  @ParameterizedTest
  @ValueSource(strings = {"Icosahedral: irrep(1) + irrep(2)", "C5: 2 x irrep(1) + irrep(2)"})
  void aLayerMadeInFloat32IsEquivariantToTheLastDigitInFloat64(String text) {
    aLayerMadeInFloat32IsEquivariantToTheLastDigitInFloat64(Representation.parse(text));
  }

  private static void aLayerMadeInFloat32IsEquivariantToTheLastDigitInFloat64(
      Representation straight) {
    Representation rho = rotated(straight);
    for (EquivariantLayer layer : layers(rho, Dtype.FLOAT32)) {
      try (PointerScope scope = new PointerScope()) {
        layer.to(Dtype.FLOAT64).eval();
        Equivariance.Report report = Equivariance.check(layer, input(layer, Dtype.FLOAT64));
        assertThat(report.relativeError()).as("%s", layer).isLessThan(1e-13);
      }
    }
  }

  /** Drawn groups and sums: bases follow there too. */
  @ParameterizedTest
  @ValueSource(longs = {400, 401, 402, 403, 404, 405, 406, 407})
  void layersOfADrawnRepresentationAreEquivariantToTheLastDigitInFloat64(long seed) {
    aLayerMadeInFloat32IsEquivariantToTheLastDigitInFloat64(
        DrawnGroups.sum(DrawnGroups.of(seed), 6, seed));
  }

  @Test
  void aCheckLeavesNoTrace() {
    try (PointerScope scope = new PointerScope()) {
      Representation rho = Representation.parse("D3: regular");
      EquivariantBatchNorm1d norm = new EquivariantBatchNorm1d(rho);
      Tensor x = random(Dtype.FLOAT32, 50, 6).add(new Scalar(5.0));
      Equivariance.checkThat(norm, x, 1e-4);
      Equivariance.checkEach(norm);
      Tensor mean = norm.runningMean();
      assertThat(mean == null ? 1 : mean.abs().max().item().toDouble()).isZero();
    }
  }

  @Test
  void aCheckAsksForASample() {
    Representation rho = Representation.parse("D3: regular");
    EquivariantLinear layer = new EquivariantLinear(rho, rho);
    assertThatThrownBy(() -> Equivariance.check(layer, random(Dtype.FLOAT32, 0, 6)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a check needs at least one sample, got [0, 6]");
  }

  @ParameterizedTest
  @MethodSource("drawn")
  void modulationIsSharedOverTime(Representation rho) {
    try (PointerScope scope = new PointerScope()) {
      EquivariantFilm film = new EquivariantFilm(rho);
      Tensor x = random(Dtype.FLOAT32, 2, 5, rho.size());
      Tensor scale = random(Dtype.FLOAT32, 2, 1, film.scaleCount());
      Tensor bias = random(Dtype.FLOAT32, 2, 1, film.biasCount());
      Tensor expanded =
          film.forward(
              x, scale.expand(2, 5, film.scaleCount()), bias.expand(2, 5, film.biasCount()));
      assertThat(distance(film.forward(x, scale, bias), expanded)).isLessThan(1e-6);
    }
  }
}
