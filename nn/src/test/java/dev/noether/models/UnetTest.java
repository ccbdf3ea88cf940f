package dev.noether.models;

import static dev.noether.Fixtures.distance;
import static dev.noether.Fixtures.random;
import static dev.noether.Fixtures.rotated;
import static dev.noether.models.ModelLaws.assertEquivariant;
import static dev.noether.models.ModelLaws.moved;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.noether.Fixtures;
import dev.noether.nn.Architecture;
import dev.noether.nn.Equivariance;
import dev.noether.nn.LayerRegistry;
import dev.noether.nn.linear.AffineOptions;
import dev.noether.nn.linear.DenseOptions;
import dev.noether.nn.linear.EquivariantFilm;
import dev.noether.nn.linear.MapOptions;
import dev.noether.plain.Activation;
import dev.noether.plain.EagerGraph;
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
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Conditional U-Nets over time and their blocks, plain and equivariant. */
class UnetTest {
  static final String[] GROUPS = ModelLaws.GROUPS;

  private static final MapOptions WIDE = MapOptions.defaults().with(Dtype.FLOAT64).withSeed(1);
  private static final MapOptions NARROW = MapOptions.defaults().withSeed(1);

  @BeforeAll
  static void load() {
    LibTorch.load();
  }

  /** Small ones, of one level and of two. */
  private static List<UnetOptions> kinds() {
    return List.of(
        UnetOptions.equivariant(3).withStepDim(4).with(Activation.GELU),
        UnetOptions.equivariant(3, 5).withStepDim(2).with(Activation.SILU).withKernel(5),
        UnetOptions.equivariant(2, 4)
            .withStepDim(2)
            .with(Downsample.POOLING)
            .withoutNorms()
            .withoutScale()
            .with(Activation.TANH));
  }

  @ParameterizedTest
  @FieldSource("GROUPS")
  void networksCommuteWithTheGroup(String group) {
    List<Representation> ends = ModelLaws.ends(group);
    for (int i = 0; i < ends.size(); i++) {
      Representation in = ends.get(i);
      Representation conditions = ends.get((i + 1) % ends.size());
      UnetOptions options = kinds().get(i);
      try (PointerScope scope = new PointerScope()) {
        assertEquivariant(
            moved(new EquivariantConditionalUnet1d(in, conditions, in, options, WIDE)), 1e-11);
      }
    }
    // In float32 a network that is wide enough for norms not to magnify roundings.
    Representation rho = ends.get(0);
    UnetOptions options = UnetOptions.equivariant(2 * rho.size(), rho.size()).withStepDim(4);
    try (PointerScope scope = new PointerScope()) {
      assertEquivariant(new EquivariantConditionalUnet1d(rho, rho, null, options, NARROW), 1e-5);
    }
  }

  @ParameterizedTest
  @FieldSource("GROUPS")
  void blocksCommuteWithTheGroup(String group) {
    Representation regular = ModelLaws.ends(group).get(0);
    for (Representation in : ModelLaws.ends(group)) {
      for (UnetOptions options : kinds()) {
        try (PointerScope scope = new PointerScope()) {
          assertEquivariant(
              moved(new EquivariantConditionalResidualBlock1d(in, regular, in, options, WIDE)),
              1e-11);
        }
      }
    }
  }

  private static Tensor steps(int batch) {
    return random(Dtype.FLOAT64, batch).mul(new Scalar(50.0));
  }

  /** The inputs of a network, in its order. */
  private static Map<String, Tensor> inputs(Unet1d network, Dtype dtype, int batch, int time) {
    Map<String, Tensor> inputs = new LinkedHashMap<>();
    network
        .inputs()
        .forEach(
            port ->
                inputs.put(
                    port.name(),
                    switch (port.name()) {
                      case "timestep" -> steps(batch).to(dtype.scalarType());
                      case "film_cond" -> random(dtype, batch, port.size());
                      case "local_cond" ->
                          port.axes().hasTime()
                              ? random(dtype, batch, port.size(), time)
                              : random(dtype, batch, port.size());
                      default -> random(dtype, batch, port.size(), time);
                    }));
    return inputs;
  }

  private static List<Unet1d> networks() {
    Representation rho = rotated(Representation.parse("D3: regular + irrep(1,1)"));
    Representation conditions = Representation.parse("D3: irrep(1,1) + 2 x trivial");
    List<Unet1d> all = new ArrayList<>();
    for (UnetOptions options : kinds()) {
      all.add(new EquivariantConditionalUnet1d(rho, conditions, rho, options, NARROW));
      all.add(new EquivariantConditionalUnet1d(rho, options));
      DenseOptions dense = DenseOptions.defaults().withSeed(1);
      all.add(new ConditionalUnet1d(4, 3, 2, options, dense));
      all.add(new ConditionalUnet1d(4, options));
    }
    all.add(
        new ConditionalUnet1d(
            4, 0, 2, UnetOptions.plain(4, 6, 8).withGroups(2), DenseOptions.defaults()));
    all.forEach(ModelLaws::moved);
    return all;
  }

  @Test
  void plainFormsCheckpointsAndDtypesKeepTheFunction() {
    try (NoGradGuard guard = new NoGradGuard()) {
      for (Unet1d network : networks()) {
        try (PointerScope scope = new PointerScope()) {
          int time = 3 * network.options().factor();
          Map<String, Tensor> x = inputs(network, Dtype.FLOAT32, 3, time);
          Tensor trained = network.forward(x);
          network.eval();
          Tensor y = network.forward(x);
          assertThat(Tensors.shape(y)).containsExactly(3, network.size(), time);
          double size = y.abs().max().item().toDouble();
          assertThat(distance(trained, y) / size).isLessThan(1e-5);
          Map<String, Tensor> ports = new LinkedHashMap<>(x);
          ports.computeIfPresent("timestep", (name, step) -> step.unsqueeze(-1));
          List<Tensor> values = new ArrayList<>(ports.values());
          assertThat(distance(network.plain(new EagerGraph(y), values), y) / size)
              .as("%s", network)
              .isLessThan(1e-5);
          Unet1d again = (Unet1d) Fixtures.builtAgain(network);
          again.eval();
          assertThat(again).hasSameClassAs(network);
          assertThat(distance(again.forward(x), y)).as("%s", network).isZero();
          network.to(Dtype.FLOAT64);
          x.replaceAll((name, tensor) -> tensor.to(Dtype.FLOAT64.scalarType()));
          Tensor wide = network.forward(x);
          assertThat(Tensors.dtypeName(wide)).isEqualTo("float64");
          assertThat(distance(wide, y) / size).as("%s", network).isLessThan(1e-5);
        }
      }
    }
  }

  @Test
  void gradientsOfParametersAndInputsAgreeWithFiniteDifferences() {
    List<Unet1d> networks = networks();
    for (Unet1d network : List.of(networks.get(0), networks.get(2), networks.get(8))) {
      try (PointerScope scope = new PointerScope()) {
        network.to(Dtype.FLOAT64);
        int time = 2 * network.options().factor();
        Map<String, Tensor> x = inputs(network, Dtype.FLOAT64, 2, time);
        Map<String, Tensor> leaves = new LinkedHashMap<>(network.namedParameters());
        x.forEach(
            (name, tensor) -> {
              if (!name.equals("timestep")) {
                leaves.put(name, tensor.set_requires_grad(true));
              }
            });
        ModelLaws.assertSlopes(leaves, () -> network.forward(x).sin().sum(), network);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4})
  void defect16TheOutputIsAsLongAsTheInput(int levels) {
    int[] dims = new int[levels];
    Arrays.fill(dims, 4);
    Representation rho = Representation.parse("C2: regular");
    for (Downsample way : Downsample.values()) {
      UnetOptions options = UnetOptions.equivariant(dims).withStepDim(2).with(way);
      for (Unet1d network :
          List.of(
              new EquivariantConditionalUnet1d(rho, null, rho, options, WIDE),
              new ConditionalUnet1d(
                  2, 0, 2, options, DenseOptions.defaults().with(Dtype.FLOAT64)))) {
        for (int halves = 1; halves <= 3; halves++) {
          int time = halves << (levels - 1);
          try (PointerScope scope = new PointerScope()) {
            Map<String, Tensor> x = inputs(network, Dtype.FLOAT64, 2, time);
            assertThat(Tensors.shape(network.forward(x))).containsExactly(2, 2, time);
          }
        }
      }
    }
  }

  @Test
  void defect16EveryLevelHasAWayUpThatSeesItsSkip() {
    Representation rho = Representation.parse("C3: regular");
    UnetOptions options = UnetOptions.equivariant(3, 6, 9).withStepDim(2);
    Map<String, Tensor> state = new EquivariantConditionalUnet1d(rho, options).stateDict();
    assertThat(state)
        .containsKeys("up_modules.0.2.weight_dof", "up_modules.1.2.weight_dof")
        .containsKey("up_modules.2.1.conv2.weight_dof")
        .doesNotContainKeys("up_modules.2.2.weight_dof", "down_modules.2.2.weight_dof");
    // Hom(R + R, R) of C3 has 6 dimensions: the way up and the skip of the first level.
    assertThat(Tensors.shape(Objects.requireNonNull(state.get("up_modules.2.0.conv1.weight_dof"))))
        .containsExactly(3, 6);
    assertThat(Tensors.shape(Objects.requireNonNull(state.get("up_modules.0.2.weight_dof"))))
        .containsExactly(4, 12);
  }

  @Test
  void defect17StepsBetweenWholeNumbersAreTakenAsTheyAre() {
    for (Unet1d network : networks()) {
      try (PointerScope scope = new PointerScope()) {
        Map<String, Tensor> x = inputs(network, Dtype.FLOAT32, 2, network.options().factor());
        UnetConditions conditions = new UnetConditions(x.get("film_cond"), x.get("local_cond"));
        Tensor sample = sample(x);
        Tensor zero = network.forward(sample, 0, conditions);
        Tensor between = network.forward(sample, 0.4, conditions);
        double size = between.abs().max().item().toDouble();
        assertThat(distance(zero, between)).as("%s", network).isGreaterThan(1e-3);
        Tensor same = Tensors.of(Dtype.FLOAT64, new double[] {0.4, 0.4}, 2);
        Tensor told = network.forward(sample, same, conditions);
        assertThat(distance(between, told) / size).as("%s", network).isLessThan(1e-5);
        network.to(Dtype.FLOAT64);
        x.replaceAll((name, tensor) -> tensor.to(Dtype.FLOAT64.scalarType()));
        UnetConditions wide = new UnetConditions(x.get("film_cond"), x.get("local_cond"));
        assertThat(
                distance(
                    network.forward(sample(x), 0.4, wide), network.forward(sample(x), same, wide)))
            .as("%s", network)
            .isLessThan(1e-12);
      }
    }
  }

  private static Tensor sample(Map<String, Tensor> inputs) {
    return Objects.requireNonNull(inputs.get("sample"));
  }

  @Test
  void defect18SignsOfInvariantConditionsMatter() {
    try (PointerScope scope = new PointerScope()) {
      Representation rho = Representation.parse("C4: regular");
      Representation conditions = Representation.parse("C4: 3 x trivial + irrep(1)");
      EquivariantConditionalResidualBlock1d block =
          new EquivariantConditionalResidualBlock1d(
              rho, rho, conditions, UnetOptions.equivariant(4), WIDE);
      Tensor x = random(Dtype.FLOAT64, 2, 4, 5);
      Tensor c = random(Dtype.FLOAT64, 2, 5);
      assertThat(distance(block.forward(x, c), block.forward(x, c.neg()))).isGreaterThan(1e-3);
      EquivariantConditionalUnet1d network =
          moved(
              new EquivariantConditionalUnet1d(
                  rho, conditions, null, UnetOptions.equivariant(4).withStepDim(4), WIDE));
      assertThat(
              distance(
                  network.forward(x, 3, UnetConditions.of(c)),
                  network.forward(x, 3, UnetConditions.of(c.neg()))))
          .isGreaterThan(1e-3);
    }
  }

  /** A state dict of the Python package has no mark. */
  @Test
  void defect18WeightsOfThePythonPackageKeepItsRule() {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      Representation rho = Representation.parse("C4: regular");
      Representation conditions = Representation.parse("C4: 3 x trivial");
      EquivariantConditionalResidualBlock1d block =
          new EquivariantConditionalResidualBlock1d(
              rho, rho, conditions, UnetOptions.equivariant(4), WIDE);
      Tensor x = random(Dtype.FLOAT64, 2, 4, 5);
      Tensor c = random(Dtype.FLOAT64, 2, 3);
      Map<String, Tensor> mended = new LinkedHashMap<>(block.stateDict());
      Map<String, Tensor> old = new LinkedHashMap<>(mended);
      assertThat(old.remove("signed_conditions")).isNotNull();
      Tensor signed = block.forward(x, c);
      block.load(old);
      assertThat(distance(block.forward(x, c), block.forward(x, c.abs()))).isZero();
      assertThat(distance(block.forward(x, c), signed)).isGreaterThan(1e-3);
      assertThat(block.stateDict()).doesNotContainKey("signed_conditions");
      assertThat(LayerRegistry.standard().describe(block).orElseThrow().settings())
          .containsEntry("signed_conditions", "false");
      EquivariantConditionalResidualBlock1d again =
          (EquivariantConditionalResidualBlock1d) Fixtures.builtAgain(block);
      assertThat(distance(again.forward(x, c), block.forward(x, c))).isZero();
      block.load(mended);
      assertThat(distance(block.forward(x, c), signed)).isZero();
    }
  }

  /** All blocks of a network follow one rule, and its description tells which. */
  @Test
  void defect18NetworksOfThePythonPackageKeepItsRule() {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      Representation rho = Representation.parse("C4: regular");
      Representation conditions = Representation.parse("C4: 3 x trivial + irrep(1)");
      EquivariantConditionalUnet1d network =
          moved(
              new EquivariantConditionalUnet1d(
                  rho, conditions, rho, UnetOptions.equivariant(4, 8).withStepDim(4), WIDE));
      Map<String, Tensor> x = inputs(network, Dtype.FLOAT64, 2, 4);
      Map<String, Tensor> negated = new LinkedHashMap<>(x);
      negated.computeIfPresent("film_cond", (name, c) -> c.neg());
      Map<String, Tensor> mended = new LinkedHashMap<>(network.stateDict());
      Map<String, Tensor> python = new LinkedHashMap<>(mended);
      assertThat(python.keySet().removeIf(name -> name.endsWith("signed_conditions"))).isTrue();
      Tensor signed = network.forward(x);
      network.load(python);
      Tensor old = network.forward(x);
      assertThat(distance(old, signed)).isGreaterThan(1e-3);
      assertThat(distance(network.forward(negated), old)).isZero();
      LayerRegistry registry = LayerRegistry.standard();
      Architecture described = registry.describe(network).orElseThrow();
      assertThat(described.settings()).containsEntry("signed_conditions", "false");
      assertThat(registry.describe(registry.build(described))).hasValue(described);
      for (Unet1d again : List.of((Unet1d) Fixtures.builtAgain(network), (Unet1d) network.copy())) {
        assertThat(distance(again.forward(x), old)).isZero();
        assertThat(again.stateDict().keySet()).noneMatch(n -> n.endsWith("signed_conditions"));
      }
      network.load(mended);
      assertThat(distance(network.forward(x), signed)).isZero();
    }
  }

  @Test
  void defect29ConditionsModulateLikeTheDenseMap() {
    try (PointerScope scope = new PointerScope()) {
      Representation rho = rotated(Representation.parse("D4: 2 x regular"));
      EquivariantFilm film = new EquivariantFilm(rho, new AffineOptions(true, Dtype.FLOAT64));
      Tensor x = random(Dtype.FLOAT64, 3, 7, rho.size());
      Tensor scale = random(Dtype.FLOAT64, 3, 1, film.scaleCount());
      Tensor bias = random(Dtype.FLOAT64, 3, 1, film.biasCount());
      Tensor whole = film.forward(x, scale, bias);
      Tensor apart = film.shift(film.forward(x, scale, bias.mul(new Scalar(0.0))), bias);
      assertThat(distance(whole, apart)).isLessThan(1e-13);
      assertThat(Equivariance.checkEach(film).values())
          .allSatisfy(report -> assertThat(report.relativeError()).isLessThan(1e-12));
    }
  }

  @Test
  void defect30MissingAndUnknownConditionsAreRefused() {
    Representation rho = Representation.parse("C3: regular");
    UnetOptions options = UnetOptions.equivariant(3).withStepDim(2);
    Tensor x = random(Dtype.FLOAT32, 2, 3, 4);
    Tensor c = random(Dtype.FLOAT32, 2, 3);
    for (Unet1d network :
        List.of(
            new EquivariantConditionalUnet1d(rho, rho, rho, options, NARROW),
            new ConditionalUnet1d(3, 3, 3, options, DenseOptions.defaults()))) {
      assertThatThrownBy(() -> network.forward(x, 1))
          .hasMessage(
              "global conditions are missing: the network was made for [batch, 3] of them; give them"
                  + " with UnetConditions");
      assertThatThrownBy(() -> network.forward(x, 1, UnetConditions.of(c)))
          .hasMessageStartingWith("local conditions are missing: the network was made for");
      assertThatThrownBy(
              () ->
                  network.forward(
                      x, 1, UnetConditions.of(c).withLocal(random(Dtype.FLOAT32, 2, 3, 5))))
          .hasMessage(
              "local conditions must be [2, 3, 4], or [2, 3] for all steps of time, got [2, 3, 5]");
      assertThatThrownBy(
              () -> network.forward(x, 1, UnetConditions.of(random(Dtype.FLOAT32, 2, 4))))
          .hasMessage("global conditions must be [2, 3], got [2, 4]");
      assertThatThrownBy(() -> network.forward(Map.of("sample", x, "timestep", c)))
          .hasMessageContaining("needs the input 'film_cond'");
    }
    for (Unet1d network :
        List.of(
            new EquivariantConditionalUnet1d(rho, options), new ConditionalUnet1d(3, options))) {
      assertThatThrownBy(() -> network.forward(x, 1, UnetConditions.of(c)))
          .hasMessage(
              "the network was made without global conditions, got [2, 3]; make one with them");
      assertThatThrownBy(() -> network.forward(x, 1, UnetConditions.none().withLocal(c)))
          .hasMessageContaining("made without local conditions");
    }
  }

  @Test
  void defect30EvenKernelsAreRefusedAtOnce() {
    assertThatThrownBy(() -> UnetOptions.plain(4).withKernel(4))
        .hasMessage("kernelSize must be odd, so that a block keeps the length, got 4");
  }

  @Test
  void defect22NetworksWorkInFloat64() {
    Representation rho = Representation.parse("C3: regular");
    UnetOptions options = UnetOptions.equivariant(3, 3).withStepDim(2);
    for (Unet1d network :
        List.of(
            new EquivariantConditionalUnet1d(rho, options), new ConditionalUnet1d(3, options))) {
      network.to(Dtype.FLOAT64);
      Tensor steps = Tensors.of(new long[] {3, 5}, 2);
      assertThat(Tensors.dtypeName(network.forward(random(Dtype.FLOAT64, 2, 3, 4), steps)))
          .isEqualTo("float64");
    }
  }

  @Test
  void defect21OddEmbeddingsAreRefusedAtOnce() {
    assertThatThrownBy(() -> UnetOptions.plain(4).withStepDim(5))
        .hasMessageStartingWith("stepDim must be even")
        .hasMessageEndingWith("got 5");
  }

  @Test
  void defect15SignalsWithoutInvariantsHaveANetworkWithBiases() {
    Representation vector = Representation.parse("D4: irrep(1,1)");
    EquivariantConditionalUnet1d network =
        moved(
            new EquivariantConditionalUnet1d(
                vector, vector, vector, UnetOptions.equivariant(8, 8).withStepDim(2), WIDE));
    assertThat(network.stateDict()).containsKey("down_modules.0.0.conv1.bias_dof");
    assertEquivariant(network, 1e-11);
  }

  @Test
  void namesAreThoseOfThePythonPackage() {
    Map<String, Tensor> plain =
        new ConditionalUnet1d(3, UnetOptions.plain(4, 6).withStepDim(4)).stateDict();
    assertThat(plain)
        .containsKeys(
            "diffusion_step_encoder.1.weight",
            "diffusion_step_encoder.3.bias",
            "down_modules.0.0.blocks.0.block.0.weight",
            "down_modules.0.0.blocks.1.block.1.bias",
            "down_modules.0.0.cond_encoder.0.weight",
            "down_modules.0.0.residual_conv.weight",
            "down_modules.0.2.conv.weight",
            "mid_modules.1.blocks.1.block.0.bias",
            "up_modules.0.2.conv.weight",
            "final_conv.0.block.1.weight",
            "final_conv.1.weight")
        .doesNotContainKeys("down_modules.0.1.residual_conv.weight", "up_modules.1.2.conv.weight");
    Representation rho = Representation.parse("C3: regular");
    assertThat(
            new EquivariantConditionalUnet1d(
                    rho, null, rho, UnetOptions.equivariant(6, 6).withStepDim(4), NARROW)
                .stateDict())
        .containsKeys(
            "diffusion_step_encoder.3.weight",
            "local_cond_encoder.1.conv1.weight_dof",
            "down_modules.0.0.norm1.norm.affine.scale_dof",
            "down_modules.0.0.affine.trivial_subspace_mask",
            "down_modules.0.0.cond_encoder.1.weight",
            "down_modules.0.0.residual_conv.bias_dof",
            "down_modules.0.2.weight_dof",
            "up_modules.0.2.bias_dof",
            "final_conv.0.homo_basis.Q_out",
            "final_conv.1.norm.affine.scale_dof",
            "final_conv.3.weight_dof");
  }

  @Test
  void badInputIsRefused() {
    Representation rho = Representation.parse("C3: regular");
    UnetOptions options = UnetOptions.equivariant(3, 3, 3).withStepDim(2);
    for (Unet1d network :
        List.of(
            new EquivariantConditionalUnet1d(rho, options), new ConditionalUnet1d(3, options))) {
      assertThatThrownBy(() -> network.forward(random(Dtype.FLOAT32, 2, 3, 10), 1))
          .hasMessage(
              "the length must be a multiple of 4, because 3 levels halve it 2 times, got 10 in [2, 3,"
                  + " 10]; pad the signal or take fewer levels");
      assertThatThrownBy(() -> network.forward(random(Dtype.FLOAT32, 2, 4, 8), 1))
          .hasMessageContaining("the sample must be [batch, 3, time], channels of");
      assertThatThrownBy(() -> network.forward(random(Dtype.FLOAT64, 2, 3, 8), 1))
          .hasMessageContaining("dtype float32, got float64");
      assertThatThrownBy(() -> network.forward(random(Dtype.FLOAT32, 2, 3, 8), Double.NaN))
          .hasMessageContaining("steps must be finite, got [NaN]");
      assertThatThrownBy(
              () -> network.forward(random(Dtype.FLOAT32, 2, 3, 8), random(Dtype.FLOAT32, 3)))
          .hasMessageContaining("steps must be one for all, [2] or [2, 1], got [3]");
      assertThatThrownBy(
              () -> network.plain(new EagerGraph(torch.zeros(1)), random(Dtype.FLOAT32, 2, 3, 8)))
          .hasMessageContaining("takes a sample and a timestep");
    }
    assertThatThrownBy(() -> UnetOptions.plain())
        .hasMessage("a U-Net has at least one level, got none");
    assertThatThrownBy(() -> new ConditionalUnet1d(3, UnetOptions.plain(4, 6).withGroups(2)))
        .hasMessageContaining("groups must divide the channels of every level and of the input")
        .hasMessageContaining("got 2 groups and channels [3, 4, 6]");
    assertThatThrownBy(
            () -> new EquivariantConditionalUnet1d(rho, UnetOptions.equivariant(6).withGroups(2)))
        .hasMessageContaining("groups must be 1 in an equivariant network, got 2");
    assertThatThrownBy(
            () ->
                new EquivariantConditionalUnet1d(
                    rho, Representation.parse("C4: regular"), UnetOptions.equivariant(6)))
        .hasMessageContaining("must be representations of one group");
    Representation irrep = Representation.parse("C3: irrep(1)");
    assertThatThrownBy(
            () ->
                new EquivariantConditionalResidualBlock1d(
                    rho, irrep, rho, UnetOptions.equivariant(6), NARROW))
        .hasMessageContaining("pointwise");
  }

  /** A block of one's own width, by the names of the reference's inputs. */
  @Test
  void blocksTakeTheirInputsByName() {
    Representation rho = Representation.parse("C3: regular");
    Tensor x = random(Dtype.FLOAT32, 2, 3, 5);
    for (ConditionalBlock1d block :
        List.of(
            new EquivariantConditionalResidualBlock1d(
                rho, rho.times(2), rho, UnetOptions.equivariant(3), NARROW),
            new ConditionalResidualBlock1d(
                3, 6, 3, UnetOptions.plain(3), DenseOptions.defaults()))) {
      Tensor c = random(Dtype.FLOAT32, 2, 3);
      @Nullable Tensor y = block.forward(Map.of("x", x, "cond", c));
      assertThat(Tensors.shape(y)).containsExactly(2, 6, 5);
      assertThatThrownBy(() -> block.forward(x, random(Dtype.FLOAT32, 3, 3)))
          .hasMessage("cond must be [2, 3], got [3, 3]");
      assertThatThrownBy(() -> block.forward(random(Dtype.FLOAT32, 2, 4, 5), c))
          .hasMessageContaining("x must be [batch, 3, time]");
    }
  }
}
