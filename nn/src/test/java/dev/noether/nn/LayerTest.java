package dev.noether.nn;

import static dev.noether.Fixtures.distance;
import static dev.noether.Fixtures.random;
import static dev.noether.Fixtures.rotated;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.noether.Fixtures;
import dev.noether.algebra.Matrix;
import dev.noether.group.FiniteGroup;
import dev.noether.hom.BasisExpansion;
import dev.noether.hom.Initialization;
import dev.noether.nn.linear.AffineOptions;
import dev.noether.nn.linear.ChangeToIsotypicBasis;
import dev.noether.nn.linear.EquivariantAffine;
import dev.noether.nn.linear.EquivariantFilm;
import dev.noether.nn.linear.EquivariantLinear;
import dev.noether.nn.linear.Linear;
import dev.noether.nn.linear.MapOptions;
import dev.noether.nn.pooling.InvariantPooling;
import dev.noether.plain.Forward;
import dev.noether.rep.Representation;
import dev.noether.torch.ComputeDevice;
import dev.noether.torch.Dtype;
import dev.noether.torch.LibTorch;
import dev.noether.torch.Tensors;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The tree of layers: state dicts, moves, footprints, and what is refused. */
class LayerTest {
  private final Representation rho = Representation.parse("C5: 2 x regular");
  private final MapOptions options = MapOptions.defaults().withSeed(1);

  @BeforeAll
  static void load() {
    LibTorch.load();
  }

  @Test
  void stateDictKeysAreThoseOfThePythonPackage() {
    try (PointerScope scope = new PointerScope()) {
      assertThat(new EquivariantLinear(rho, rho).stateDict().keySet())
          .containsExactlyInAnyOrder(
              "weight_dof",
              "homo_basis.Q_in_inv",
              "homo_basis.Q_out",
              "homo_basis.endo_basis_flat_(0,)",
              "homo_basis.endo_basis_flat_(1,)",
              "homo_basis.endo_basis_flat_(2,)",
              "homo_basis.endo_basis_norm_sq_(0,)",
              "homo_basis.endo_basis_norm_sq_(1,)",
              "homo_basis.endo_basis_norm_sq_(2,)",
              "bias_module.bias_dof",
              "bias_module.Qout",
              "bias_module.spectral_trivial_mask");
      Linear linear = new Linear(10, 10);
      assertThat(linear.stateDict()).containsOnlyKeys("weight", "bias");
      linear.impose(rho, rho, BasisExpansion.MEMORY_HEAVY);
      assertThat(MemoryFootprint.of(linear).nonTrainableBytes()).isLessThan(2000);
      assertThat(linear.stateDict().keySet())
          .containsExactlyInAnyOrder(
              "parametrizations.weight.original",
              "parametrizations.weight.0.homo_basis.basis_elements",
              "parametrizations.weight.0.homo_basis.basis_norm_sq",
              "parametrizations.bias.original",
              "parametrizations.bias.0.inv_projector");
    }
  }

  @Test
  void aLoadedLayerGivesTheSameOutputs() {
    try (PointerScope scope = new PointerScope()) {
      EquivariantLinear one = new EquivariantLinear(rho, rho, options);
      EquivariantLinear two = new EquivariantLinear(rho, rho, options.withSeed(2));
      Tensor x = random(Dtype.FLOAT32, 3, 10);
      assertThat(distance(one.forward(x), two.forward(x))).isGreaterThan(0.01);
      two.load(one.stateDict());
      assertThat(distance(one.forward(x), two.forward(x))).isZero();
    }
  }

  @Test
  void aStateDictThatDoesNotFitLeavesTheLayerAsItWas() {
    try (PointerScope scope = new PointerScope()) {
      Linear layer = new Linear(4, 3, Fixtures.dense(options));
      double[] before = Tensors.toArray(layer.weight());
      Map<String, Tensor> state = new LinkedHashMap<>();
      layer.stateDict().forEach((name, t) -> state.put(name, t.add(new Scalar(1))));
      Map<String, Tensor> missing = new LinkedHashMap<>(state);
      missing.remove("bias");
      assertThatThrownBy(() -> layer.load(missing))
          .hasMessage(
              "state dict does not fit: missing [bias], unexpected []; the layer is unchanged");
      Map<String, Tensor> unexpected = new LinkedHashMap<>(state);
      unexpected.put("scale", random(Dtype.FLOAT32, 3));
      assertThatThrownBy(() -> layer.load(unexpected))
          .hasMessage(
              "state dict does not fit: missing [], unexpected [scale]; the layer is unchanged");
      Map<String, Tensor> misshaped = new LinkedHashMap<>(state);
      misshaped.put("bias", random(Dtype.FLOAT32, 4));
      assertThatThrownBy(() -> layer.load(misshaped))
          .hasMessage("'bias' must have shape [3], got [4]; the layer is unchanged");
      assertThatThrownBy(() -> layer.loadLenient(misshaped)).hasMessageContaining("[3], got [4]");
      assertThat(Tensors.toArray(layer.weight())).isEqualTo(before);
    }
  }

  @Test
  void weightsOfAnotherBasisAreRefused() {
    try (PointerScope scope = new PointerScope()) {
      EquivariantLinear layer = new EquivariantLinear(rho, rho, options);
      double[] before = Tensors.toArray(layer.coefficients());
      EquivariantLinear other = new EquivariantLinear(rho, rotated(rho), options.withSeed(2));
      assertThatThrownBy(() -> layer.load(other.stateDict()))
          .hasMessageStartingWith("'homo_basis.Q_out' differs from this layer's by")
          .hasMessageContaining("convert them through the dense map");
      assertThat(Tensors.toArray(layer.coefficients())).isEqualTo(before);
    }
  }

  @Test
  void aLenientLoadTakesWhatFitsAndTellsTheRest() {
    try (PointerScope scope = new PointerScope()) {
      Linear layer = new Linear(4, 3, Fixtures.dense(options));
      Tensor bias = random(Dtype.FLOAT64, 3);
      LoadReport report =
          layer.loadLenient(Map.of("bias", bias, "scale", random(Dtype.FLOAT32, 3)));
      assertThat(report.missing()).containsExactly("weight");
      assertThat(report.unexpected()).containsExactly("scale");
      assertThat(report.isComplete()).isFalse();
      assertThat(distance(Objects.requireNonNull(layer.bias()), bias.to(ScalarType.Float)))
          .isZero();
    }
  }

  @Test
  void modesReachAllChildrenAndMovesKeepTheParameters() {
    try (PointerScope scope = new PointerScope()) {
      EquivariantLinear layer = new EquivariantLinear(rho, rho, options);
      Tensor coefficients = layer.coefficients();
      layer.eval();
      assertThat(layer.namedLayers().values()).noneMatch(Layer::isTraining);
      layer.train();
      assertThat(layer.namedLayers().values()).allMatch(Layer::isTraining);
      layer.to(Dtype.FLOAT64).to(ComputeDevice.CPU);
      assertThat(layer.coefficients()).isSameAs(coefficients);
      assertThat(Tensors.dtypeName(coefficients)).isEqualTo("float64");
      Equivariance.checkThat(layer, random(Dtype.FLOAT64, 3, 10), 1e-6);
    }
  }

  @Test
  void aHookSeesEveryForwardUntilItIsTakenAway() {
    Representation rho = Representation.parse("C4: regular");
    for (Layer layer : List.of(new EquivariantLinear(rho, rho), new Linear(4, 4))) {
      Tensor x = torch.ones(2, 4);
      List<String> seen = new ArrayList<>();
      Runnable end =
          layer.onForward((input, output) -> seen.add(input.equals(x) + " " + output.size(1)));
      ((Forward) layer).forward(x);
      end.run();
      ((Forward) layer).forward(x);
      assertThat(seen).containsExactly("true 4");
    }
  }

  @Test
  void seedsRepeatTheDraw() {
    try (PointerScope scope = new PointerScope()) {
      for (Dtype dtype : Fixtures.WIDE) {
        MapOptions seeded = options.with(dtype);
        assertThat(Tensors.toArray(new EquivariantLinear(rho, rho, seeded).coefficients()))
            .isEqualTo(Tensors.toArray(new EquivariantLinear(rho, rho, seeded).coefficients()));
        assertThat(Tensors.toArray(new Linear(4, 4, Fixtures.dense(seeded)).weight()))
            .isEqualTo(Tensors.toArray(new Linear(4, 4, Fixtures.dense(seeded)).weight()));
      }
    }
  }

  @Test
  void footprintCountsEveryTensorOnce() {
    try (PointerScope scope = new PointerScope()) {
      MemoryFootprint plain = MemoryFootprint.of(new Linear(4, 3));
      assertThat(plain.trainableBytes()).isEqualTo((12 + 3) * 4);
      assertThat(plain.nonTrainableBytes()).isZero();
      assertThat(MemoryFootprint.megabytes(3 * 1024 * 1024)).isEqualTo(3);
      MemoryFootprint affine =
          MemoryFootprint.of(new EquivariantAffine(rho, AffineOptions.defaults()));
      assertThat(affine.trainableBytes()).isEqualTo((6 + 2) * 4);
      assertThat(affine.toString())
          .contains("scale_dof", "[6]", "float32", "trainable", " 24 bytes");
      assertThat(MemoryFootprint.onDevice(new Linear(4, 3), ComputeDevice.CPU))
          .isEqualTo(new MemoryFootprint.OnDevice(0, 0));
    }
  }

  @Test
  void item03RepresentationsThatShareANameGiveDifferentLayers() {
    try (PointerScope scope = new PointerScope()) {
      Representation plain = Representation.parse("D4: 2 x irrep(1,1)");
      Representation one = rotated(plain);
      Representation two =
          plain.changeBasis(Matrix.of(4, 4, 0, 0, 0, 1, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0));
      assertThat(one).hasToString(two.toString());
      for (Representation rho : new Representation[] {one, two, plain}) {
        for (EquivariantLayer layer :
            List.of(
                new EquivariantLinear(rho, rho, options),
                new ChangeToIsotypicBasis(rho, Dtype.FLOAT32),
                new InvariantPooling(rho, Dtype.FLOAT32),
                new EquivariantAffine(rho, Fixtures.affine(options)))) {
          Equivariance.checkThat(layer, random(Dtype.FLOAT32, 3, 4), 1e-6);
        }
      }
    }
  }

  @Test
  void item14ASingleTypeOfIrrepKeepsItsRotatedBasis() {
    try (PointerScope scope = new PointerScope()) {
      Representation rotated = rotated(Representation.parse("D4: 2 x irrep(1,1)"));
      Representation regular = Representation.parse("D4: regular");
      for (BasisExpansion expansion : BasisExpansion.values()) {
        Equivariance.checkThat(
            new EquivariantLinear(rotated, rotated, options.with(expansion)),
            random(Dtype.FLOAT32, 3, 4),
            1e-6);
        Equivariance.checkThat(
            new EquivariantLinear(rotated, regular, options.with(expansion)),
            random(Dtype.FLOAT32, 3, 4),
            1e-6);
      }
    }
  }

  @Test
  void item12TheCheckFindsASymmetryThatOnlyASubgroupHas() {
    // Corners of a polygon: the layer commutes with its rotations, not with its reflections. A few
    // random elements would miss the reflections of some of these polygons.
    for (int corners = 3; corners <= 40; corners++) {
      try (PointerScope scope = new PointerScope()) {
        int n = corners;
        Representation rotations = Representation.parse("C" + n + ": regular");
        EquivariantLinear layer = new EquivariantLinear(rotations, rotations, options);
        Representation polygon =
            Representation.permutation(
                FiniteGroup.named("D" + n),
                IntStream.range(0, n).boxed().toList(),
                (g, corner) ->
                    g.index() < n ? (corner + g.index()) % n : (g.index() - corner + n) % n);
        Tensor x = random(Dtype.FLOAT32, 3, n);
        assertThat(Equivariance.check(layer, x).relativeError()).isLessThan(1e-5);
        assertThat(Equivariance.check(layer::forward, polygon, polygon, x).relativeError())
            .isGreaterThan(0.01);
      }
    }
  }

  @Test
  void item10ResetLeavesZerosInTheBias() {
    try (PointerScope scope = new PointerScope()) {
      EquivariantLinear layer = new EquivariantLinear(rho, rho, options);
      Tensor bias = Objects.requireNonNull(layer.namedParameters().get("bias_module.bias_dof"));
      bias.set_data(random(Dtype.FLOAT32, Tensors.shape(bias)));
      layer.reset(Initialization.KAIMING_NORMAL, OptionalLong.of(1));
      assertThat(Tensors.toArray(Objects.requireNonNull(layer.bias()))).containsOnly(0);
    }
  }

  @Test
  void item12TheCheckReportsTheLargestErrorOverAGeneratingSet() {
    try (PointerScope scope = new PointerScope()) {
      Linear plain = new Linear(10, 10, Fixtures.dense(options));
      Equivariance.Report report =
          Equivariance.check(plain::forward, rho, rho, random(Dtype.FLOAT32, 2, 3, 10));
      assertThat(report.maxError()).isGreaterThan(0.1);
      assertThat(distance(report.transformedInput(), report.transformedOutput()))
          .isEqualTo(report.maxError());
      EquivariantLayer claimed = Fixtures.ownLayer(rho, plain::forward);
      assertThatThrownBy(() -> Equivariance.checkThat(claimed, random(Dtype.FLOAT32, 3, 10), 1e-6))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("is not equivariant: relative error");
    }
  }

  @Test
  void filmWithoutItsScaleIsRefused() {
    try (PointerScope scope = new PointerScope()) {
      EquivariantFilm film = new EquivariantFilm(rho, Fixtures.affine(options));
      Tensor x = random(Dtype.FLOAT32, 3, 10);
      assertThatThrownBy(() -> film.forward(x, random(Dtype.FLOAT32, 3, 6)))
          .hasMessage("this FiLM layer has a bias: forward(input, scale, bias)");
      assertThatThrownBy(
              () -> film.forward(x, random(Dtype.FLOAT32, 2, 6), random(Dtype.FLOAT32, 3, 2)))
          .hasMessage(
              "scale must be [3, 6], the input's leading axes (or 1) and 6 numbers, got [2, 6]");
    }
  }

  @Test
  void imposingOnALayerThatDoesNotFitIsRefused() {
    Linear linear = new Linear(4, 10);
    assertThatThrownBy(() -> linear.impose(rho, rho, BasisExpansion.ISOTYPIC_EXPANSION))
        .hasMessage(
            "the layer must map in.size() = 10 (C5: 2 x regular) to out.size() = 10 (C5: 2 x "
                + "regular), got Linear(4, 10)");
    assertThatThrownBy(() -> new EquivariantLinear(rho, Representation.parse("C4: regular")))
        .hasMessageContaining("must be representations of one group");
  }

  @Test
  void aGpuThatIsNotThereIsRefused() {
    org.junit.jupiter.api.Assumptions.assumeFalse(LibTorch.cudaIsAvailable());
    assertThatThrownBy(() -> ComputeDevice.parse("cuda"))
        .hasMessageContaining("device 'cuda:0' needs an NVIDIA GPU");
    assertThatThrownBy(() -> dev.noether.torch.Cuda.synchronize(ComputeDevice.CUDA))
        .hasMessageContaining("needs an NVIDIA GPU");
    assertThatThrownBy(() -> ComputeDevice.parse("tpu"))
        .hasMessage("a device is cpu, cuda or cuda:N, got 'tpu'");
  }

  /** A layer that knows two rules; weights of the old one bring a mark. */
  private static final class TwoRules extends Layer {
    private boolean isOld;

    TwoRules() {
      registerParameter("weight", Tensors.of(Dtype.FLOAT32, new double[2], 2));
      registerMark(
          "mark",
          () -> Tensors.of(Dtype.FLOAT64, new double[] {1, 2}, 2),
          () -> isOld,
          found -> isOld = found);
      registerIgnored("noise", () -> Tensors.of(Dtype.FLOAT64, new double[1], 1), () -> isOld);
    }
  }

  @Test
  void marksOfAStateDictTellItsRule() {
    try (PointerScope scope = new PointerScope()) {
      Tensor weight = random(Dtype.FLOAT32, 2);
      Tensor mark = Tensors.of(Dtype.FLOAT32, new double[] {1, 2}, 2);
      TwoRules layer = new TwoRules();
      assertThat(layer.stateDict()).containsOnlyKeys("weight");
      layer.load(Map.of("weight", weight, "mark", mark, "noise", random(Dtype.FLOAT32, 7)));
      assertThat(layer.isOld).isTrue();
      assertThat(layer.stateDict()).containsOnlyKeys("weight", "mark", "noise");
      assertThat(layer.trainedState()).containsOnlyKeys("weight");

      TwoRules copy = new TwoRules();
      copy.load(layer.stateDict());
      assertThat(copy.isOld).isTrue();
      layer.loadTrained(Map.of("weight", weight));
      layer.loadLenient(Map.of());
      assertThatThrownBy(() -> layer.load(Map.of("mark", mark))).hasMessageContaining("missing");
      assertThat(layer.isOld).isTrue();
      layer.load(Map.of("weight", weight));
      assertThat(layer.isOld).isFalse();
      assertThatThrownBy(() -> layer.load(Map.of("weight", weight, "mark", mark.neg())))
          .hasMessageStartingWith("'mark' differs from this layer's");
      assertThat(layer.isOld).isFalse();
    }
  }
}
