package dev.noether.nn;

import static dev.noether.Fixtures.distance;
import static dev.noether.Fixtures.random;
import static dev.noether.Fixtures.rotated;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.noether.DrawnGroups;
import dev.noether.nn.EveryLayerTest.Subject;
import dev.noether.nn.activation.NormNonlinearity;
import dev.noether.nn.linear.EquivariantLinear;
import dev.noether.nn.norm.EquivariantLayerNorm;
import dev.noether.nn.norm.EquivariantRmsNorm;
import dev.noether.plain.Activation;
import dev.noether.rep.Representation;
import dev.noether.torch.Autocast;
import dev.noether.torch.Dtype;
import dev.noether.torch.LibTorch;
import dev.noether.torch.Tensors;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Layers and models in 16 bits: made there, moved there, and under autocast. */
class SixteenBitsTest {
  @BeforeAll
  static void load() {
    LibTorch.load();
  }

  private static List<Subject> subjects(Representation rho, Dtype dtype, int samples) {
    return EveryWayTest.subjects(rho, dtype, samples);
  }

  /** A sum under a drawn group, another one for another {@code -Dnoether.seed}. */
  private static Representation rho() {
    return rotated(DrawnGroups.few(Long.getLong("noether.seed", 50)));
  }

  private static Tensor in(Dtype dtype, Tensor tensor) {
    return tensor.detach().to(dtype.scalarType());
  }

  private static void setMode(Layer layer, boolean training) {
    if (training) {
      layer.train();
    } else {
      layer.eval();
    }
  }

  /** The largest difference relative to entries above one. */
  private static double error(Tensor actual, Tensor expected) {
    double scale = Math.max(1, expected.abs().max().item().toDouble());
    return distance(in(Dtype.FLOAT64, actual), in(Dtype.FLOAT64, expected)) / scale;
  }

  private static double rounding(Dtype half) {
    return half == Dtype.BFLOAT16 ? 0.05 : 0.01;
  }

  private static void assertFinite(Dtype half, Tensor tensor, Object of) {
    assertThat(tensor.isfinite().all().item().toBool()).as("%s in %s", of, half).isTrue();
  }

  /** A tenth of the largest number of float16. */
  private static final double FITS_FLOAT16 = 6000;

  /**
   * Features of any size, and none: where the gradients of float32 fit into 16 bits, those of 16
   * bits are numbers. What is between them must not leave the range: squares, eps, the cube of a
   * reciprocal root in its slope.
   */
  @ParameterizedTest
  @EnumSource(
      value = Dtype.class,
      names = {"BFLOAT16", "FLOAT16"})
  void gradientsInSixteenBitsAreFinite(Dtype half) {
    try (PointerScope scope = new PointerScope()) {
      List<Subject> wide = subjects(rho(), Dtype.FLOAT32, 2);
      List<Subject> narrow = subjects(rho(), half, 2);
      for (int i = 0; i < wide.size(); i++) {
        narrow.get(i).layer().loadTrained(wide.get(i).layer().trainedState());
        List<Tensor> x = wide.get(i).inputs().get();
        for (double scale : new double[] {0, 1e-4, 1e-2, 100}) {
          try (PointerScope round = new PointerScope()) {
            List<Tensor> scaled = x.stream().map(t -> t.mul(new Scalar(scale))).toList();
            assertFiniteIn(half, narrow.get(i), wide.get(i), scaled);
          }
        }
      }
    }
  }

  private static void assertFiniteIn(
      Dtype half, Subject narrow, Subject wide, List<Tensor> inputs) {
    for (boolean training : new boolean[] {true, false}) {
      setMode(wide.layer(), training);
      setMode(narrow.layer(), training);
      if (largest(slopes(wide, Dtype.FLOAT32, inputs, wide::apply)) < FITS_FLOAT16) {
        slopes(narrow, half, inputs, narrow::apply)
            .forEach((name, slope) -> assertFinite(half, slope, name));
        slopes(wide, Dtype.FLOAT32, inputs, x -> mixed(half, wide, x))
            .forEach((name, slope) -> assertFinite(half, slope, name + ", autocast"));
      }
    }
  }

  private static Tensor mixed(Dtype half, Subject subject, List<Tensor> x) {
    try (Autocast mixed = Autocast.to(half)) {
      return subject.apply(x);
    }
  }

  private static double largest(Map<String, Tensor> tensors) {
    return tensors.values().stream()
        .filter(t -> t.numel() > 0)
        .mapToDouble(t -> t.abs().max().item().toDouble())
        .map(size -> Double.isNaN(size) ? Double.POSITIVE_INFINITY : size)
        .max()
        .orElse(0);
  }

  /** The output of a layer and all gradients of its sum. */
  private static Map<String, Tensor> slopes(
      Subject subject, Dtype dtype, List<Tensor> inputs, Function<List<Tensor>, Tensor> call) {
    List<Tensor> x = inputs.stream().map(t -> in(dtype, t).set_requires_grad(true)).toList();
    subject.layer().zeroGrad();
    Map<String, Tensor> all = new LinkedHashMap<>();
    Tensor output = call.apply(x);
    all.put(subject.toString(), output);
    output.sum().backward();
    for (int i = 0; i < x.size(); i++) {
      all.put(subject + ", input " + i, x.get(i).grad());
    }
    subject
        .layer()
        .namedParameters()
        .forEach((name, p) -> all.put(subject + ", " + name, p.grad()));
    all.values().removeIf(tensor -> !tensor.defined());
    return all;
  }

  /** Made in 16 bits or moved there, a layer computes what it does in float32. */
  @ParameterizedTest
  @EnumSource(
      value = Dtype.class,
      names = {"BFLOAT16", "FLOAT16"})
  void everyLayerWorksInSixteenBits(Dtype half) {
    try (PointerScope scope = new PointerScope()) {
      List<Subject> wide = subjects(rho(), Dtype.FLOAT32, 2);
      List<Subject> made = subjects(rho(), half, 2);
      List<Subject> moved = subjects(rho(), Dtype.FLOAT32, 2);
      for (int i = 0; i < wide.size(); i++) {
        for (Subject narrow : List.of(made.get(i), moved.get(i))) {
          narrow.layer().to(half).loadTrained(wide.get(i).layer().trainedState());
          for (boolean training : new boolean[] {false, true}) {
            assertComputesTheSame(narrow, wide.get(i), half, training);
          }
        }
      }
    }
  }

  private static void assertComputesTheSame(
      Subject narrow, Subject wide, Dtype half, boolean training) {
    setMode(narrow.layer(), training);
    setMode(wide.layer(), training);
    List<Tensor> x = wide.inputs().get();
    Tensor expected = wide.apply(x);
    List<Tensor> own = x.stream().map(t -> in(half, t).set_requires_grad(true)).toList();
    Tensor actual = narrow.apply(own);
    assertThat(Tensors.dtypeName(actual)).as("%s", narrow).isEqualTo(half.toString());
    if (!EveryLayerTest.chooses(narrow.layer())) { // rounded numbers may choose another pose
      assertThat(error(actual, expected)).as("%s", narrow).isLessThan(rounding(half));
    }
    narrow.layer().zeroGrad();
    actual.sum().backward();
    own.forEach(input -> assertFinite(half, input.grad(), narrow));
    narrow
        .layer()
        .namedParameters()
        .values()
        .forEach(
            p -> {
              if (p.grad().defined()) {
                assertThat(Tensors.dtypeName(p.grad())).isEqualTo(half.toString());
                assertFinite(half, p.grad(), narrow);
              }
            });
  }

  /** Nothing is left behind: what is computed before and after is the same. */
  @ParameterizedTest
  @EnumSource(
      value = Dtype.class,
      names = {"BFLOAT16", "FLOAT16"})
  void everyLayerWorksUnderAutocast(Dtype half) {
    try (PointerScope scope = new PointerScope()) {
      for (Subject subject : subjects(rho(), Dtype.FLOAT32, 2)) {
        for (boolean training : new boolean[] {true, false}) {
          setMode(subject.layer(), training);
          List<Tensor> x = subject.inputs().get();
          Tensor expected = subject.apply(x);
          for (Dtype arriving : List.of(Dtype.FLOAT32, half)) {
            subject.layer().zeroGrad();
            Tensor mixed =
                underAutocast(half, subject, x.stream().map(t -> in(arriving, t)).toList());
            assertThat(error(mixed, expected)).as("%s", subject).isLessThan(rounding(half));
            subject.layer().namedParameters().values().stream()
                .map(Tensor::grad)
                .filter(Tensor::defined)
                .forEach(gradient -> assertFinite(half, gradient, subject));
            assertThat(distance(subject.apply(x), expected)).as("%s", subject).isZero();
            try (NoGradGuard guard = new NoGradGuard()) {
              assertThat(error(subject.apply(x), expected)).as("%s", subject).isLessThan(1e-5);
            }
          }
        }
      }
    }
  }

  /** Served first, then trained: what the first keeps must not be in 16 bits. */
  private static Tensor underAutocast(Dtype half, Subject subject, List<Tensor> x) {
    Tensor result;
    try (Autocast mixed = Autocast.to(half)) {
      try (NoGradGuard guard = new NoGradGuard()) {
        assertThat(subject.apply(x).defined()).isTrue();
      }
      result = subject.apply(x);
    }
    if (result.requires_grad()) {
      result.sum().backward();
    }
    return result;
  }

  @Test
  void twoLinearLayersUnderAutocastGiveSixteenBits() {
    try (PointerScope scope = new PointerScope()) {
      Representation rho = Representation.parse("D4: 2 x regular");
      EquivariantLinear first = new EquivariantLinear(rho, rho);
      EquivariantLinear second = new EquivariantLinear(rho, rho);
      Tensor x = random(Dtype.FLOAT32, 5, rho.size());
      for (EquivariantLayer both : List.of(EquivariantSequential.of(first, second), second)) {
        try (Autocast mixed = Autocast.to(Dtype.BFLOAT16)) {
          Tensor y = both == second ? second.forward(first.forward(x)) : both.forward(x);
          assertThat(Tensors.dtypeName(y)).isEqualTo("bfloat16");
        }
      }
      assertThatThrownBy(() -> first.forward(in(Dtype.BFLOAT16, x)))
          .hasMessage(
              "input must have the layer's dtype float32, got bfloat16; convert one of them with "
                  + "to(...)");
      assertThatThrownBy(() -> Autocast.to(Dtype.FLOAT64))
          .hasMessage("autocast computes in bfloat16 or float16, got float64");
    }
  }

  /** Squares above 65504 are no number of float16. */
  @Test
  void normsInFloat16MeasureFeaturesAboveItsRoot() {
    try (PointerScope scope = new PointerScope()) {
      Representation rho = Representation.parse("D3: 2 x regular");
      Tensor x = random(Dtype.FLOAT32, 3, rho.size()).mul(new Scalar(2000.0));
      for (EquivariantLayer layer :
          List.of(
              new EquivariantRmsNorm(rho),
              new EquivariantLayerNorm(rho),
              new NormNonlinearity(rho, Activation.SILU))) {
        Tensor expected = layer.forward(x);
        layer.to(Dtype.FLOAT16);
        assertThat(error(layer.forward(in(Dtype.FLOAT16, x)), expected))
            .as("%s", layer)
            .isLessThan(0.01);
        assertThat(layer.copy().dtype()).isEqualTo(Dtype.FLOAT16);
      }
    }
  }

  /** From one dtype of 16 bits to the other, bases do not keep the digits they lost. */
  @Test
  void basesOfSixteenBitsAreTakenAnew() {
    try (PointerScope scope = new PointerScope()) {
      EquivariantLayerNorm layer = new EquivariantLayerNorm(rho());
      EquivariantLayerNorm other = new EquivariantLayerNorm(rho());
      layer.to(Dtype.BFLOAT16).to(Dtype.FLOAT16);
      other.to(Dtype.FLOAT16);
      layer
          .namedBuffers()
          .forEach(
              (name, buffer) ->
                  assertThat(buffer.equal(Objects.requireNonNull(other.namedBuffers().get(name))))
                      .as(name)
                      .isTrue());
    }
  }
}
