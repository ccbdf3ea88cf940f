package dev.noether.models;

import static dev.noether.Fixtures.distance;
import static dev.noether.Fixtures.random;
import static dev.noether.models.ModelLaws.assertEquivariant;
import static dev.noether.models.ModelLaws.moved;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.noether.Fixtures;
import dev.noether.nn.Architecture;
import dev.noether.nn.Layer;
import dev.noether.nn.LayerRegistry;
import dev.noether.nn.attention.PositionEncoding;
import dev.noether.nn.linear.MapOptions;
import dev.noether.rep.Representation;
import dev.noether.torch.Dtype;
import dev.noether.torch.LibTorch;
import dev.noether.torch.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** Conditional transformers, plain and equivariant, with positions of all kinds. */
class CondTransformerTest {
  static final String[] GROUPS = ModelLaws.GROUPS;

  private static final MapOptions WIDE = MapOptions.defaults().with(Dtype.FLOAT64).withSeed(3);
  private static final CondTransformerLayers USUAL = CondTransformerLayers.defaults();

  @BeforeAll
  static void load() {
    LibTorch.load();
  }

  private static CondTransformerOptions options(int embedding) {
    return CondTransformerOptions.horizons(3, 2)
        .withLayers(1, 1)
        .withEmbedding(embedding)
        .withDropout(0, 0)
        .with(WIDE);
  }

  private static List<CondTransformerLayers> kinds() {
    List<CondTransformerLayers> all = new ArrayList<>();
    for (PositionEncoding.Kind kind : PositionEncoding.Kind.values()) {
      all.add(USUAL.with(kind));
    }
    all.add(USUAL.withNormFirst(false).with(TransformerNorm.LAYERNORM));
    return all;
  }

  /** All equivariant networks between some ends; two copies inside, four where they turn. */
  private static List<ConditionalTransformer> networks(
      Representation in, Representation cond, Representation out, CondTransformerOptions options) {
    List<ConditionalTransformer> all = new ArrayList<>();
    all.add(new EquivariantCondTransformerRegressor(in, cond, out, options));
    boolean large = options.embedding() > 50;
    for (CondTransformerLayers layers : large ? kinds().subList(2, 4) : kinds()) {
      all.add(new EquivariantCondTransformer(in, cond, out, options, layers));
    }
    return all;
  }

  @ParameterizedTest
  @FieldSource("GROUPS")
  void networksCommuteWithTheGroup(String group) {
    List<Representation> ends = ModelLaws.ends(group);
    int order = ends.get(0).size();
    List<CondTransformerOptions> variants =
        List.of(options(2 * order).withCausalAttention(), options(2 * order).withCondLayers(1));
    for (int i = 0; i < variants.size(); i++) {
      try (PointerScope scope = new PointerScope();
          NoGradGuard guard = new NoGradGuard()) {
        Representation in = ends.get(i);
        Representation cond = ends.get(i + 1);
        Representation out = ends.get(2 - i);
        for (ConditionalTransformer network : networks(in, cond, out, variants.get(i))) {
          assertEquivariant(moved(network), 1e-11);
        }
        MapOptions narrow = MapOptions.defaults().withSeed(3);
        assertEquivariant(
            moved(
                new EquivariantCondTransformerRegressor(
                    in, cond, out, variants.get(i).with(narrow))),
            1e-5);
      }
    }
  }

  private static List<ConditionalTransformer> all(CondTransformerOptions options) {
    Representation rho = Representation.parse("C3: regular");
    List<ConditionalTransformer> all = networks(rho, rho.times(2), rho, options);
    all.add(new CondTransformerRegressor(3, 6, 3, options));
    for (CondTransformerLayers layers : kinds()) {
      all.add(new CondTransformer(3, 6, 3, options, layers));
    }
    return all;
  }

  private static Tensor x(int time) {
    return random(Dtype.FLOAT64, 2, time, 3);
  }

  private static Tensor z(int time) {
    return random(Dtype.FLOAT64, 2, time, 6);
  }

  @Test
  void networksBuiltAgainAndInOtherDtypesAreTheSameFunction() {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      for (CondTransformerOptions options :
          List.of(options(6).withCausalAttention(), options(6).withCondLayers(2))) {
        for (ConditionalTransformer network : all(options)) {
          moved(network);
          network.eval();
          Tensor y = network.forward(x(3), 0.4, z(2));
          assertThat(Tensors.shape(y)).containsExactly(2, 3, 3);
          ConditionalTransformer again = (ConditionalTransformer) Fixtures.builtAgain(network);
          again.eval();
          assertThat(distance(again.forward(x(3), 0.4, z(2)), y)).as("%s", network).isZero();
          again.to(Dtype.FLOAT32);
          Tensor narrow =
              again.forward(
                  x(3).to(Dtype.FLOAT32.scalarType()), 0.4, z(2).to(Dtype.FLOAT32.scalarType()));
          assertThat(Tensors.dtypeName(narrow)).isEqualTo("float32");
          assertThat(distance(narrow, y)).as("%s", network).isLessThan(1e-4);
          again.load(network.stateDict());
          again.to(Dtype.FLOAT64);
          assertThat(distance(again.forward(x(3), 0.4, z(2)), y)).isLessThan(1e-5);
        }
      }
    }
  }

  @Test
  void stepsMayBeNumbersOrOneForEachSample() {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      for (ConditionalTransformer network : all(options(6))) {
        moved(network);
        Tensor y = network.forward(x(2), 3, z(1));
        Tensor each = Tensors.of(new long[] {3, 3}, 2);
        assertThat(distance(network.forward(x(2), each, z(1)), y)).isLessThan(1e-14);
        assertThat(distance(network.forward(x(2), each.unsqueeze(1), z(1)), y)).isLessThan(1e-14);
        Tensor differ = Tensors.of(Dtype.FLOAT64, new double[] {3, 7}, 2);
        Tensor both = network.forward(x(2), differ, z(1));
        assertThat(distance(both.select(0, 0), y.select(0, 0))).isLessThan(1e-14);
        assertThat(distance(both.select(0, 1), network.forward(x(2), 7, z(1)).select(0, 1)))
            .isLessThan(1e-14);
      }
    }
  }

  @Test
  void defect17StepsBetweenWholeNumbersAreTakenAsTheyAre() {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      for (ConditionalTransformer network : all(options(6))) {
        moved(network);
        assertThat(distance(network.forward(x(2), 0.4, z(2)), network.forward(x(2), 0.0, z(2))))
            .as("%s", network)
            .isGreaterThan(1e-5);
      }
    }
  }

  /** A longer future, of inputs or of conditioning, changes nothing before it. */
  @Test
  void defect19CausalNetworksTakeEveryLengthAndSeeNoFuture() {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      CondTransformerOptions options =
          new CondTransformerOptions(4, 3, 2, 1, 6, 0, 0, true, 0, WIDE);
      for (ConditionalTransformer network : all(options)) {
        moved(network);
        boolean absolute = network.layers().positions() == PositionEncoding.Kind.ABSOLUTE;
        boolean fixedTimes = absolute || network.layers().positions() == PositionEncoding.Kind.NONE;
        Tensor whole = network.forward(x(4), 2, z(3));
        for (int inputs = 1; inputs <= 4; inputs++) {
          Tensor some = network.forward(x(4).narrow(1, 0, inputs), 2, z(3));
          assertThat(distance(some, whole.narrow(1, 0, inputs)))
              .as("%s", network)
              .isLessThan(1e-13);
          for (int seen = 1; seen <= 3 && fixedTimes; seen++) {
            Tensor fewer = network.forward(x(4), 2, z(3).narrow(1, 0, seen));
            assertThat(distance(fewer.narrow(1, 0, seen), whole.narrow(1, 0, seen)))
                .as("%s", network)
                .isLessThan(1e-13);
          }
        }
        Tensor later = z(3).clone();
        later.narrow(1, 2, 1).add_(new Scalar(1.0));
        Tensor changed = network.forward(x(4), 2, later);
        assertThat(distance(changed.narrow(1, 0, 2), whole.narrow(1, 0, 2))).isLessThan(1e-13);
        assertThat(distance(changed.narrow(1, 2, 2), whole.narrow(1, 2, 2))).isGreaterThan(1e-6);
      }
    }
  }

  private static double closest(InvariantStep step) {
    long[] steps = new long[100];
    Arrays.setAll(steps, i -> i);
    Tensor all = step.apply(Tensors.of(steps, steps.length), steps.length);
    Tensor squares = all.unsqueeze(0).sub(all.unsqueeze(1)).square().sum(-1);
    return Math.sqrt(
        squares.add(torch.eye(steps.length).mul(new Scalar(1e9))).min().item().toDouble());
  }

  /** The mean of each copy of consecutive sines nearly vanishes. */
  @Test
  void defect20StepsAreToldApart() {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      Object[][] cases = {
        {"C4: regular", 0.01},
        {"C4: 2 x regular", 0.12},
        {"Icosahedral: 2 x regular", 0.4},
        {"Icosahedral: 4 x regular", 1.8},
        {"C3: 3 x regular", 0.1}
      };
      for (Object[] row : cases) {
        Representation hidden = Representation.parse((String) row[0]);
        assertThat(closest(new InvariantStep(hidden, StepRule.SPREAD, Dtype.FLOAT64)))
            .as("%s", hidden)
            .isGreaterThan((double) row[1]);
      }
      assertThat(
              closest(
                  new InvariantStep(
                      Representation.parse("C4: 2 x regular"), StepRule.AVERAGED, Dtype.FLOAT64)))
          .isLessThan(0.01);
    }
  }

  private static List<ConditionalTransformer> causal() {
    Representation rho = Representation.parse("C3: regular");
    return networks(rho, rho.times(2), rho, options(6).withCausalAttention());
  }

  private static StepRule rule(ConditionalTransformer network) {
    return ((EquivariantConditionalTransformer) network).stepRule();
  }

  /**
   * The rule travels with weights: a file of Python has the projector, and only that selects it.
   */
  @Test
  void defect20WeightsOfThePythonPackageKeepTheirRule() {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      for (ConditionalTransformer network : causal()) {
        moved(network);
        assertThat(rule(network)).isEqualTo(StepRule.SPREAD);
        assertThat(network.stateDict()).doesNotContainKeys("invariant_projector", "self_att_mask");
        Tensor mended = network.forward(x(3), 5, z(2));
        Map<String, Tensor> python = new LinkedHashMap<>(network.stateDict());
        python.put("invariant_projector", projector());
        network.load(python);
        assertThat(rule(network)).as("%s", network).isEqualTo(StepRule.AVERAGED);
        Tensor old = network.forward(x(3), 5, z(2));
        assertThat(distance(mended, old)).isGreaterThan(1e-6);
        assertThat(network.stateDict())
            .containsKeys("invariant_projector", "self_att_mask", "cross_att_mask");

        python.put("invariant_projector", projector().mul(new Scalar(2.0)));
        assertThatThrownBy(() -> network.load(python))
            .hasMessageStartingWith("'invariant_projector' differs from this layer's");
        assertThat(rule(network)).isEqualTo(StepRule.AVERAGED);
        python.remove("invariant_projector");
        network.load(python);
        assertThat(rule(network)).isEqualTo(StepRule.SPREAD);
        assertThat(distance(network.forward(x(3), 5, z(2)), mended)).isZero();
      }
    }
  }

  /** A network that is described and built again has the rule before any weights are loaded. */
  @Test
  void defect20TheArchitectureTellsTheRule() {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      for (ConditionalTransformer network : causal()) {
        moved(network);
        LayerRegistry registry = LayerRegistry.standard();
        assertThat(registry.describe(network).orElseThrow().settings())
            .doesNotContainEntry("step_rule", "AVERAGED");
        Map<String, Tensor> python = new LinkedHashMap<>(network.stateDict());
        python.put("invariant_projector", projector());
        network.load(python);
        Architecture described = registry.describe(network).orElseThrow();
        assertThat(described.settings()).containsEntry("step_rule", "AVERAGED");
        assertThat(rule((ConditionalTransformer) registry.build(described)))
            .isEqualTo(StepRule.AVERAGED);
        for (Layer again : List.of(Fixtures.builtAgain(network), network.copy())) {
          Tensor y = ((ConditionalTransformer) again).forward(x(3), 5, z(2));
          assertThat(distance(y, network.forward(x(3), 5, z(2)))).as("%s", network).isZero();
        }
      }
    }
  }

  /** Masks of a state dict are no rule: they are computed, and those of Python lack a column. */
  @Test
  void defect19MasksOfAStateDictAreNotTaken() {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      for (ConditionalTransformer network : causal()) {
        Tensor y = moved(network).forward(x(3), 5, z(2));
        Map<String, Tensor> python = new LinkedHashMap<>(network.stateDict());
        python.put("self_att_mask", random(Dtype.FLOAT32, 3, 3));
        python.put("cross_att_mask", random(Dtype.FLOAT32, 3, 2));
        network.load(python);
        assertThat(distance(network.forward(x(3), 5, z(2)), y)).as("%s", network).isZero();
      }
    }
  }

  /** The mean over each of two copies of three. */
  private static Tensor projector() {
    double[] entries = new double[36];
    for (int i = 0; i < 6; i++) {
      for (int j = 0; j < 6; j++) {
        entries[6 * i + j] = i / 3 == j / 3 ? 1.0 / 3 : 0;
      }
    }
    return Tensors.of(Dtype.FLOAT32, entries, 6, 6);
  }

  /** In float64 to the last digits, and in sixteen bits at all. */
  @Test
  void defect22StepsFollowTheDtypeOfTheNetwork() {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      MapOptions narrow = MapOptions.defaults().withSeed(3);
      for (ConditionalTransformer network : all(options(6).with(narrow))) {
        for (Dtype dtype : Dtype.values()) {
          network.to(dtype);
          Tensor y = network.forward(x(3).to(dtype.scalarType()), 0.4, z(2).to(dtype.scalarType()));
          assertThat(Tensors.dtypeName(y)).as("%s", network).isEqualTo(dtype.toString());
        }
      }
    }
  }

  @Test
  void defect21AnOddEmbeddingIsRefusedAtOnce() {
    assertThatThrownBy(() -> options(9))
        .hasMessage("embedding_dim must be even, half sines and half cosines of the step, got 9");
  }

  @Test
  void defect24LayersStartWithWeightsOfTheirOwn() {
    try (PointerScope scope = new PointerScope()) {
      CondTransformerOptions options = options(6).withLayers(2, 1).withCondLayers(2);
      for (ConditionalTransformer network : all(options)) {
        Map<String, Tensor> all = network.namedParameters();
        int compared = 0;
        for (Map.Entry<String, Tensor> one : all.entrySet()) {
          if (one.getValue().dim() == 2 && one.getKey().contains("layers.0.")) {
            Tensor other = Objects.requireNonNull(all.get(one.getKey().replace("rs.0.", "rs.1.")));
            assertThat(distance(one.getValue(), other)).as(one.getKey()).isGreaterThan(1e-3);
            compared++;
          }
        }
        assertThat(compared).isGreaterThanOrEqualTo(2);
      }
    }
  }

  @Test
  void defect31RelativePositionsCountUnderACausalMask() {
    tableCounts(PositionEncoding.Kind.RELATIVE, "rel_bias");
    tableCounts(PositionEncoding.Kind.ABSOLUTE, "pos_emb");
  }

  private static void tableCounts(PositionEncoding.Kind kind, String table) {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      Representation rho = Representation.parse("C3: regular");
      CondTransformerOptions options = options(6).withCausalAttention();
      for (ConditionalTransformer network :
          List.of(
              new CondTransformer(3, 6, 3, options, USUAL.with(kind)),
              new EquivariantCondTransformer(rho, rho.times(2), rho, options, USUAL.with(kind)))) {
        moved(network);
        for (String attention : List.of("self_attn.", "multihead_attn.")) {
          Tensor y = network.forward(x(3), 1, z(2));
          Tensor own =
              Objects.requireNonNull(
                  network.namedParameters().get("decoder.layers.0." + attention + table));
          own.add_(random(Dtype.FLOAT64, Tensors.shape(own)));
          assertThat(distance(y, network.forward(x(3), 1, z(2)))).isGreaterThan(1e-7);
        }
      }
    }
  }

  @Test
  void defect32RotaryPositionsWorkUnderACausalMask() {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      CondTransformerLayers rotary = USUAL.with(PositionEncoding.Kind.ROTARY);
      CondTransformer network =
          moved(new CondTransformer(3, 6, 3, options(6).withCausalAttention(), rotary));
      Tensor y = network.forward(x(3), 1, z(2));
      assertThat(distance(y.narrow(1, 0, 2), network.forward(x(3).narrow(1, 0, 2), 1, z(2))))
          .isLessThan(1e-13);
    }
  }

  /** A table trains through every use; nothing else is left without a gradient. */
  @Test
  void everyParameterGetsAGradient() {
    try (PointerScope scope = new PointerScope()) {
      for (ConditionalTransformer network :
          all(options(6).withCondLayers(1).withDropout(0.1, 0.1))) {
        moved(network).forward(x(3), 4, z(2)).sin().sum().backward();
        network
            .namedParameters()
            .forEach((name, p) -> assertThat(p.grad().defined()).as("%s", name).isTrue());
      }
    }
  }

  @Test
  void badInputIsRefused() {
    try (PointerScope scope = new PointerScope()) {
      Representation c3 = Representation.parse("C3: regular");
      Representation c4 = Representation.parse("C4: regular");
      for (ConditionalTransformer network : all(options(6))) {
        assertThatThrownBy(() -> network.forward(x(4), 1, z(2)))
            .hasMessage("X must have 1 to in_horizon = 3 steps, got 4");
        assertThatThrownBy(() -> network.forward(x(3), 1, z(3)))
            .hasMessage("Z must have 1 to cond_horizon = 2 steps, got 3");
        assertThatThrownBy(() -> network.forward(x(3), Double.NaN, z(2)))
            .hasMessage("steps must be finite, got [NaN]");
        assertThatThrownBy(
                () ->
                    network.forward(
                        x(3), Tensors.of(Dtype.FLOAT64, new double[] {1, Double.NaN}, 2), z(2)))
            .hasMessage("steps must be finite, got [1.0, NaN]");
        assertThatThrownBy(() -> network.forward(x(3), Tensors.of(new long[3], 3), z(2)))
            .hasMessage("steps must be one for all, [2] or [2, 1], got [3]");
        assertThatThrownBy(() -> network.forward(Map.of("X", x(3), "opt_step", z(1))))
            .hasMessageEndingWith("needs the input 'Z'");
        assertThatThrownBy(
                () -> network.forward(Map.of("X", x(3), "opt_step", x(1), "Z", z(1), "Y", x(1))))
            .hasMessageContaining("has no input 'Y'");
        assertThatThrownBy(() -> network.forward(x(3), 1, random(Dtype.FLOAT64, 2, 2, 5)))
            .hasMessageContaining("last axis must be the features of Z = 6");
        assertThatThrownBy(() -> network.forward(x(3), 1, random(Dtype.FLOAT64, 3, 2, 6)))
            .hasMessage("X and Z must have one batch size, got 2 and 3");
        assertThatThrownBy(() -> network.forward(x(3).select(0, 0), 1, z(2)))
            .hasMessage("X must be [batch, time, 3], got [3, 3]");
      }
      assertThatThrownBy(() -> CondTransformerOptions.horizons(0, 2))
          .hasMessage("horizons must be at least 1 step, got in_horizon 0 and cond_horizon 2");
      assertThatThrownBy(() -> new EquivariantCondTransformerRegressor(c3, c3, c3, options(8)))
          .hasMessageStartingWith("embedding_dim must be a multiple of the group's order 3");
      assertThatThrownBy(() -> new EquivariantCondTransformerRegressor(c3, c4, c3, options(6)))
          .hasMessageStartingWith("in, cond and out must be representations of one group");
      assertThatThrownBy(
              () ->
                  new EquivariantCondTransformerRegressor(c3, c3, c3, options(6).withLayers(1, 6)))
          .hasMessageStartingWith("6 heads would split a summand");
      assertThatThrownBy(() -> new CondTransformerRegressor(3, 6, 3, options(6).withLayers(1, 4)))
          .hasMessage("4 heads do not divide 6 features: each head needs the same number");
      Layer odd = new CondTransformer(3, 6, 3, options(6), USUAL);
      assertThat(odd.toString())
          .isEqualTo("CondTransformer(1 layer, 1 head, 6 features, horizons 3 and 2)");
    }
  }
}
