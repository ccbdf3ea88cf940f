package dev.noether.models;

import static dev.noether.Fixtures.distance;
import static dev.noether.Fixtures.random;
import static dev.noether.Fixtures.rotated;
import static dev.noether.models.ModelLaws.assertEquivariant;
import static dev.noether.models.ModelLaws.assertSurvives;
import static dev.noether.models.ModelLaws.moved;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.noether.nn.Architecture;
import dev.noether.nn.Equivariance;
import dev.noether.nn.Layer;
import dev.noether.nn.LayerRegistry;
import dev.noether.nn.linear.DenseOptions;
import dev.noether.nn.linear.MapOptions;
import dev.noether.plain.Activation;
import dev.noether.rep.Representation;
import dev.noether.torch.Dtype;
import dev.noether.torch.LibTorch;
import dev.noether.torch.Tensors;
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

/** Multilayer perceptrons: plain, equivariant, invariant. */
class MlpTest {
  static final String[] GROUPS = ModelLaws.GROUPS;

  private static final MapOptions WIDE = MapOptions.defaults().with(Dtype.FLOAT64).withSeed(1);
  private static final MapOptions NARROW = MapOptions.defaults().withSeed(1);

  @BeforeAll
  static void load() {
    LibTorch.load();
  }

  private static List<MlpOptions> kinds() {
    return List.of(
        MlpOptions.hidden(3, 5),
        MlpOptions.hidden(4, 2).with(Activation.TANH, Activation.GELU).withBatchNorm());
  }

  @ParameterizedTest
  @FieldSource("GROUPS")
  void networksCommuteWithTheGroup(String group) {
    List<Representation> ends = ModelLaws.ends(group);
    for (int i = 0; i < ends.size(); i++) {
      Representation in = ends.get(i);
      Representation out = ends.get((i + 1) % ends.size());
      for (MlpOptions options : kinds()) {
        try (PointerScope scope = new PointerScope()) {
          assertEquivariant(moved(new EquivariantMlp(in, out, options, WIDE)), 1e-11);
          assertEquivariant(moved(new InvariantMlp(in, 2, options, WIDE)), 1e-11);
          assertEquivariant(moved(new EquivariantMlp(in, out, options, NARROW)), 1e-5);
          assertEquivariant(moved(new InvariantMlp(in, 2, options, NARROW)), 1e-5);
        }
      }
    }
  }

  @Test
  void plainFormsCopiesAndDtypesKeepTheFunction() {
    Representation in = rotated(Representation.parse("D3: regular + irrep(1,1)"));
    for (MlpOptions options : kinds()) {
      try (PointerScope scope = new PointerScope()) {
        Tensor x = random(Dtype.FLOAT32, 6, in.size());
        EquivariantMlp equivariant = moved(new EquivariantMlp(in, in, options, NARROW));
        assertSurvives(equivariant, (layer, input) -> ((EquivariantMlp) layer).forward(input), x);
        InvariantMlp invariant = moved(new InvariantMlp(in, 3, options, NARROW));
        assertSurvives(invariant, (layer, input) -> ((InvariantMlp) layer).forward(input), x);
        Mlp plain = new Mlp(in.size(), 3, options, DenseOptions.defaults().withSeed(1));
        assertSurvives(plain, (layer, input) -> ((Mlp) layer).forward(input), x);
      }
    }
  }

  @Test
  void namesAreThoseOfThePythonPackage() {
    Representation rho = Representation.parse("C4: regular");
    assertThat(new Mlp(4, 2, MlpOptions.hidden(6, 5)).stateDict().keySet())
        .containsExactlyInAnyOrder(
            "net.0.weight",
            "net.0.bias",
            "net.2.weight",
            "net.2.bias",
            "net.4.weight",
            "net.4.bias");
    assertThat(new Mlp(4, 2, MlpOptions.hidden(6).withBatchNorm()).stateDict().keySet())
        .contains("net.0.weight", "net.1.running_mean", "net.3.weight");
    assertThat(
            new EquivariantMlp(rho, rho, MlpOptions.hidden(8, 8).withDropout(0.1))
                .namedParameters()
                .keySet())
        .contains("net.0.weight_dof", "net.3.weight_dof", "net.6.bias_module.bias_dof");
    InvariantMlp invariant = new InvariantMlp(rho, 2, MlpOptions.hidden(8));
    assertThat(invariant.namedParameters().keySet())
        .containsExactly(
            "emlp_backbone.net.0.weight_dof",
            "emlp_backbone.net.0.bias_module.bias_dof",
            "emlp_backbone.net.2.weight_dof",
            "emlp_backbone.net.2.bias_module.bias_dof",
            "head.weight",
            "head.bias");
    assertThat(invariant.stateDict().keySet())
        .contains("net.0.weight_dof", "net.2.weight_dof", "net.5.weight", "net.5.bias");
  }

  @Test
  void tensorsWithTwoNamesAreOneAndMayNotDisagree() {
    Representation rho = Representation.parse("C4: regular");
    InvariantMlp layer = new InvariantMlp(rho, 2, MlpOptions.hidden(8), NARROW);
    assertThat(layer.namedBuffers().values()).doesNotHaveDuplicates();
    Map<String, Tensor> state = new LinkedHashMap<>(layer.stateDict());
    Tensor before = Objects.requireNonNull(state.get("head.weight")).clone();
    state.put("head.weight", before.add(new Scalar(1.0)));
    assertThatThrownBy(() -> layer.load(state))
        .hasMessageContaining("'head.weight' and 'net.5.weight' are one tensor of the layer")
        .hasMessageContaining("the layer is unchanged");
    assertThat(distance(Objects.requireNonNull(layer.stateDict().get("head.weight")), before))
        .isZero();
  }

  @Test
  void widthsAreRoundedUpToWholeCopies() {
    Representation rho = Representation.parse("C6: regular");
    EquivariantMlp layer = new EquivariantMlp(rho, rho, MlpOptions.hidden(7, 6, 1));
    assertThat(layer.layers().get(0).out().size()).isEqualTo(12);
    assertThat(layer.layers().get(2).out().size()).isEqualTo(6);
    assertThat(layer.layers().get(4).out().size()).isEqualTo(6);
  }

  @Test
  void dropoutKeepsTheSymmetryOfWhatItDraws() {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      Representation rho = Representation.parse("D4: regular");
      EquivariantMlp layer =
          new EquivariantMlp(rho, rho, MlpOptions.hidden(32, 32).withDropout(0.5), WIDE);
      Tensor x = random(Dtype.FLOAT64, 5, 8);
      double error =
          Equivariance.check(
                  input -> {
                    torch.manual_seed(3);
                    return layer.forward(input);
                  },
                  rho,
                  rho,
                  x)
              .relativeError();
      assertThat(error).isLessThan(1e-11);
      assertThat(distance(layer.forward(x), layer.forward(x))).isGreaterThan(1e-3);
    }
  }

  @Test
  void theHeadOfInvariantNetworksIsDrawnByTheScheme() {
    Representation rho = Representation.parse("C2: regular");
    InvariantMlp layer = new InvariantMlp(rho, 500, MlpOptions.hidden(200), NARROW);
    Tensor weight = Objects.requireNonNull(layer.stateDict().get("head.weight"));
    double deviation = weight.std(true).item().toDouble();
    double expected = Math.sqrt(2.0 / (200 + 500));
    assertThat(deviation).isBetween(0.97 * expected, 1.03 * expected);
  }

  @Test
  void seedsDecideTheFirstWeightsAndPartsDiffer() {
    Representation rho = Representation.parse("C4: regular");
    InvariantMlp one = new InvariantMlp(rho, 4, MlpOptions.hidden(4, 4), NARROW);
    InvariantMlp two = new InvariantMlp(rho, 4, MlpOptions.hidden(4, 4), NARROW);
    one.namedParameters()
        .forEach(
            (name, tensor) ->
                assertThat(
                        distance(tensor, Objects.requireNonNull(two.namedParameters().get(name))))
                    .isZero());
    Map<String, Tensor> own = one.namedParameters();
    assertThat(
            distance(
                Objects.requireNonNull(own.get("emlp_backbone.net.0.weight_dof")),
                Objects.requireNonNull(own.get("emlp_backbone.net.2.weight_dof"))))
        .isPositive();
  }

  @Test
  void defect28HiddenRepresentationsThatTheActivationBreaksAreRefused() {
    Representation rho = Representation.parse("C4: irrep(1)");
    Representation regular = Representation.parse("C4: regular");
    for (Representation hidden : List.of(rotated(regular), rho, regular.plus(rho))) {
      assertThatThrownBy(
              () ->
                  new EquivariantMlp(rho, rho, hidden, MlpOptions.hidden(8), MapOptions.defaults()))
          .hasMessageContaining("hidden features cannot be copies of")
          .hasMessageContaining("a pointwise relu breaks the symmetry");
      assertThatThrownBy(
              () -> new InvariantMlp(rho, 2, hidden, MlpOptions.hidden(8), MapOptions.defaults()))
          .hasMessageContaining("hidden features cannot be copies of");
    }
    Representation permuted = Representation.parse("C4: regular + trivial");
    assertThat(
            new EquivariantMlp(rho, rho, permuted, MlpOptions.hidden(8), MapOptions.defaults())
                .layers()
                .get(0)
                .out()
                .size())
        .isEqualTo(10);
  }

  @Test
  void oddActivationsAdmitChangesOfSign() {
    Representation sign = Representation.parse("C4: irrep(2)");
    MlpOptions options = MlpOptions.hidden(6).with(Activation.TANH);
    assertEquivariant(new EquivariantMlp(sign, sign, sign, options, WIDE), 1e-11);
    assertThatThrownBy(
            () -> new EquivariantMlp(sign, sign, sign, MlpOptions.hidden(6), MapOptions.defaults()))
        .hasMessageContaining("relu is not odd");
  }

  @Test
  void badInputIsRefused() {
    Representation c4 = Representation.parse("C4: regular");
    Representation c3 = Representation.parse("C3: regular");
    assertThatThrownBy(MlpOptions::hidden)
        .hasMessageContaining("at least one hidden layer, got none");
    assertThatThrownBy(() -> MlpOptions.hidden(8, 0))
        .hasMessage("hidden units must be at least 1 each, got [8, 0]");
    assertThatThrownBy(() -> MlpOptions.hidden(8, 8, 8).with(Activation.RELU, Activation.TANH))
        .hasMessageContaining("one for all, or one for each of 3 places, got [relu, tanh]");
    assertThatThrownBy(() -> MlpOptions.hidden(8).withDropout(1)).hasMessageContaining("dropout");
    assertThatThrownBy(() -> new EquivariantMlp(c4, c3, MlpOptions.hidden(8)))
        .hasMessageContaining("representations of one group");
    assertThatThrownBy(() -> new InvariantMlp(c4, 0, MlpOptions.hidden(8)))
        .hasMessage("outputs must be at least 1, got 0");
    assertThatThrownBy(
            () -> new Mlp(4, 2, MlpOptions.hidden(8)).forward(random(Dtype.FLOAT32, 2, 5)))
        .hasMessageContaining("last axis must be inFeatures() = 4");
  }

  @Test
  void settingsAreReadAsTheyAreWrittenAndRefusedOtherwise() {
    Layer built =
        LayerRegistry.standard()
            .build(mlp(Map.of("hidden_units", "[6, 5]", "activation", "[relu, tanh]")));
    assertThat(built.toString()).isEqualTo("Mlp(4 -> [6, 5] -> 2)");
    assertThatThrownBy(() -> LayerRegistry.standard().build(mlp(Map.of("hidden_units", "6"))))
        .hasMessage("'hidden_units' of Mlp must be a list of whole numbers, as [16, 8], got '6'");
    assertThatThrownBy(
            () -> LayerRegistry.standard().build(mlp(Map.of("hidden_units", "[6, 5.5]"))))
        .hasMessageContaining("a list of whole numbers, as [16, 8], got '[6, 5.5]'");
    assertThatThrownBy(() -> LayerRegistry.standard().build(mlp(Map.of())))
        .hasMessageContaining("lacks the setting 'hidden_units'");
  }

  private static Architecture mlp(Map<String, String> settings) {
    Map<String, String> all = new LinkedHashMap<>(Map.of("in_dim", "4", "out_dim", "2"));
    all.putAll(settings);
    return new Architecture("Mlp", Map.of(), all, List.of());
  }

  @Test
  void anyLeadingAxesAreSamples() {
    Representation rho = Representation.parse("C5: irrep(1)");
    EquivariantMlp layer = new EquivariantMlp(rho, rho, MlpOptions.hidden(5), NARROW);
    assertThat(Tensors.shape(layer.forward(random(Dtype.FLOAT32, 3, 4, 2))))
        .containsExactly(3, 4, 2);
    assertThat(Tensors.shape(new Mlp(2, 7, MlpOptions.hidden(5)).forward(random(Dtype.FLOAT32, 2))))
        .containsExactly(7);
  }
}
