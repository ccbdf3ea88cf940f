package dev.noether.models;

import static dev.noether.Fixtures.distance;
import static dev.noether.Fixtures.random;
import static dev.noether.Fixtures.rotated;
import static dev.noether.models.ModelLaws.assertEquivariant;
import static dev.noether.models.ModelLaws.assertSurvives;
import static dev.noether.models.ModelLaws.moved;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.noether.nn.conv.EquivariantConv1d;
import dev.noether.nn.conv.EquivariantConvTranspose1d;
import dev.noether.nn.linear.DenseOptions;
import dev.noether.nn.linear.MapOptions;
import dev.noether.plain.Activation;
import dev.noether.plain.ConvolutionOptions;
import dev.noether.rep.Representation;
import dev.noether.torch.Dtype;
import dev.noether.torch.LibTorch;
import dev.noether.torch.Tensors;
import java.util.List;
import java.util.Objects;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** Encoders of signals over time, plain and equivariant. */
class TimeCnnTest {
  static final String[] GROUPS = ModelLaws.GROUPS;

  private static final MapOptions WIDE = MapOptions.defaults().with(Dtype.FLOAT64).withSeed(1);
  private static final MapOptions NARROW = MapOptions.defaults().withSeed(1);

  @BeforeAll
  static void load() {
    LibTorch.load();
  }

  /** Of 7 steps. */
  private static List<TimeCnnOptions> kinds() {
    return List.of(
        TimeCnnOptions.channels(7, 3, 5).withHead(4),
        TimeCnnOptions.channels(7, 3, 5)
            .with(Downsample.POOLING)
            .normalized()
            .withLastFrame()
            .withHead(4, 3)
            .with(Activation.TANH, Activation.GELU, Activation.ELU, Activation.SILU));
  }

  @ParameterizedTest
  @FieldSource("GROUPS")
  void networksCommuteWithTheGroup(String group) {
    List<Representation> ends = ModelLaws.ends(group);
    for (int i = 0; i < ends.size(); i++) {
      Representation in = ends.get(i);
      Representation invariant = Representation.trivial(in.group()).times(2);
      for (Representation out : List.of(ends.get((i + 1) % ends.size()), invariant)) {
        for (TimeCnnOptions options : kinds()) {
          try (PointerScope scope = new PointerScope()) {
            assertEquivariant(moved(new EquivariantTimeCnn(in, out, options, WIDE)), 1e-11);
            assertEquivariant(moved(new EquivariantTimeCnn(in, out, options, NARROW)), 1e-5);
          }
        }
      }
    }
  }

  @Test
  void plainFormsCopiesAndDtypesKeepTheFunction() {
    Representation in = rotated(Representation.parse("D3: regular + irrep(1,1)"));
    Representation invariant = Representation.parse("D3: 2 x trivial");
    for (TimeCnnOptions options : kinds()) {
      try (PointerScope scope = new PointerScope()) {
        Tensor x = random(Dtype.FLOAT32, 3, in.size(), 7);
        for (Representation out : List.of(in, invariant)) {
          assertSurvives(
              moved(new EquivariantTimeCnn(in, out, options, NARROW)),
              (layer, input) -> ((EquivariantTimeCnn) layer).forward(input),
              x);
        }
        assertSurvives(
            new TimeCnn(in.size(), 3, options, DenseOptions.defaults().withSeed(1)),
            (layer, input) -> ((TimeCnn) layer).forward(input),
            x);
      }
    }
  }

  @Test
  void namesAreThoseOfThePythonPackage() {
    TimeCnnOptions options = TimeCnnOptions.channels(8, 3, 3).normalized().withHead(6);
    assertThat(new TimeCnn(3, 2, options).stateDict().keySet())
        .containsExactlyInAnyOrder(
            "feature_extractor.0.weight",
            "feature_extractor.0.bias",
            "feature_extractor.1.norm.weight",
            "feature_extractor.3.weight",
            "feature_extractor.3.bias",
            "feature_extractor.4.norm.weight",
            "head.0.weight",
            "head.0.bias",
            "head.2.weight",
            "head.2.bias");
    Representation rho = Representation.parse("C3: regular");
    assertThat(new EquivariantTimeCnn(rho, rho, options).namedParameters().keySet())
        .containsExactly(
            "feature_layers.0.weight_dof",
            "feature_layers.0.bias_dof",
            "feature_layers.1.norm.affine.scale_dof",
            "feature_layers.3.weight_dof",
            "feature_layers.3.bias_dof",
            "feature_layers.4.norm.affine.scale_dof",
            "head.net.0.weight_dof",
            "head.net.0.bias_module.bias_dof",
            "head.net.2.weight_dof",
            "head.net.2.bias_module.bias_dof");
  }

  private static long[] shape(@Nullable Tensor tensor) {
    return Tensors.shape(Objects.requireNonNull(tensor));
  }

  @Test
  void defect15ConvolutionsOfSignalsWithoutInvariantsHaveABias() {
    Representation vector = Representation.parse("D4: irrep(1,1)");
    Representation regular = Representation.parse("D4: regular");
    ConvolutionOptions kernel = ConvolutionOptions.kernel(3);
    assertThat(shape(new EquivariantConv1d(vector, regular, kernel).bias())).containsExactly(8);
    assertThat(shape(new EquivariantConvTranspose1d(vector, regular, kernel).bias()))
        .containsExactly(8);
    EquivariantTimeCnn layer =
        moved(new EquivariantTimeCnn(vector, vector, TimeCnnOptions.channels(8, 16), WIDE));
    assertThat(layer.stateDict()).containsKey("feature_layers.0.bias_dof");
    assertEquivariant(layer, 1e-11);
  }

  @Test
  void defect27NormsWorkForAnyHorizon() {
    for (int horizon : new int[] {1, 2, 5, 16}) {
      TimeCnn layer = new TimeCnn(3, 2, TimeCnnOptions.channels(horizon, 4).normalized());
      assertThat(Tensors.shape(layer.forward(random(Dtype.FLOAT32, 6, 3, horizon))))
          .containsExactly(6, 2);
    }
  }

  @Test
  void defect27TheHeadHasTheActivationsThatWereGiven() {
    try (PointerScope scope = new PointerScope()) {
      // The function of a head with the second activation differs from that with the first.
      DenseOptions dense = DenseOptions.defaults().withSeed(2);
      TimeCnnOptions options = TimeCnnOptions.channels(6, 4).withHead(5);
      Tensor x = random(Dtype.FLOAT32, 3, 2, 6);
      Tensor same = new TimeCnn(2, 2, options.with(Activation.TANH), dense).forward(x);
      Tensor listed =
          new TimeCnn(2, 2, options.with(Activation.TANH, Activation.TANH), dense).forward(x);
      Tensor other =
          new TimeCnn(2, 2, options.with(Activation.TANH, Activation.SILU), dense).forward(x);
      assertThat(distance(same, listed)).isZero();
      assertThat(distance(same, other)).isGreaterThan(1e-3);
    }
  }

  @Test
  void stepsThatAreLeftAreThoseOfTheConvolutions() {
    assertThat(TimeCnnOptions.channels(9, 4, 4).stepsLeft()).isEqualTo(3);
    assertThat(TimeCnnOptions.channels(9, 4, 4).with(Downsample.POOLING).stepsLeft()).isEqualTo(2);
  }

  @Test
  void badInputIsRefused() {
    Representation rho = Representation.parse("C3: regular");
    assertThatThrownBy(() -> TimeCnnOptions.channels(3, 4, 4).with(Downsample.POOLING))
        .hasMessageContaining("a horizon of 3 steps shrinks to nothing in 2 blocks");
    assertThatThrownBy(() -> TimeCnnOptions.channels(0, 4))
        .hasMessage("horizon must be at least 1, got 0");
    assertThatThrownBy(() -> TimeCnnOptions.channels(4))
        .hasMessageContaining("at least one convolution");
    assertThatThrownBy(() -> TimeCnnOptions.channels(4, 3).withHead())
        .hasMessageContaining("at least one hidden layer");
    assertThatThrownBy(
            () ->
                new EquivariantTimeCnn(rho, rho, TimeCnnOptions.channels(8, 3))
                    .forward(random(Dtype.FLOAT32, 2, 3, 9)))
        .hasMessageContaining("input must be [batch, 3, 8], channels and horizon of")
        .hasMessageContaining("got [2, 3, 9]");
    assertThatThrownBy(
            () ->
                new TimeCnn(3, 2, TimeCnnOptions.channels(8, 3))
                    .forward(random(Dtype.FLOAT64, 2, 3, 8)))
        .hasMessageContaining("dtype float32, got float64");
    assertThatThrownBy(
            () ->
                new EquivariantTimeCnn(
                    rho, Representation.parse("C4: regular"), TimeCnnOptions.channels(8, 3)))
        .hasMessageContaining("representations of one group");
  }
}
