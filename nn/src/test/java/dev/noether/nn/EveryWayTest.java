package dev.noether.nn;

import static dev.noether.Fixtures.distance;
import static dev.noether.Fixtures.random;
import static dev.noether.Fixtures.rotated;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.noether.DrawnGroups;
import dev.noether.Fixtures;
import dev.noether.nn.EveryLayerTest.Subject;
import dev.noether.nn.activation.PointwiseNonlinearity;
import dev.noether.nn.frame.FrameAveraging;
import dev.noether.nn.frame.FrameOptions;
import dev.noether.nn.linear.EquivariantLinear;
import dev.noether.nn.linear.InvariantConstraint;
import dev.noether.nn.linear.Linear;
import dev.noether.plain.Activation;
import dev.noether.rep.Representation;
import dev.noether.torch.Dtype;
import dev.noether.torch.LibTorch;
import dev.noether.torch.Tensors;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.SGD;
import org.bytedeco.pytorch.SGDOptions;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorBase;
import org.bytedeco.pytorch.TensorTensorHook;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every layer and model in every way that LibTorch knows to run one. */
class EveryWayTest {
  @BeforeAll
  static void load() {
    LibTorch.load();
  }

  static List<Subject> subjects(Representation rho, Dtype dtype, int samples) {
    List<Subject> all = new ArrayList<>(EveryLayerTest.subjects(rho, dtype, samples));
    all.addAll(PlainSubjects.all(dtype, samples));
    return all;
  }

  /** Sums under drawn groups, in bases of their own. */
  static Stream<Representation> drawn() {
    return DrawnGroups.seeds(11).mapToObj(seed -> rotated(DrawnGroups.few(seed)));
  }

  @ParameterizedTest
  @MethodSource("drawn")
  void aCopyComputesTheSameBitsAndSharesNothing(Representation rho) {
    try (PointerScope scope = new PointerScope()) {
      for (Subject subject : subjects(rho, Dtype.FLOAT32, 2)) {
        Layer layer = subject.layer().to(Dtype.FLOAT32); // some are subjects twice
        subject.apply(subject.inputs().get()); // moves running statistics
        layer.namedParameters().values().stream()
            .findFirst()
            .ifPresent(p -> p.set_requires_grad(false));
        for (Dtype dtype : List.of(Dtype.FLOAT32, Dtype.FLOAT64)) {
          layer.to(dtype).eval();
          layer.namedLayers().values().stream().skip(1).findFirst().ifPresent(Layer::train);
          assertIsACopy(layer.copy(), layer, subject.toString());
        }
      }
    }
  }

  /** All tensors and flags are equal, and a change of one side is not seen on the other. */
  private static void assertIsACopy(Layer copy, Layer layer, String name) {
    assertThat(copy).as(name).isNotSameAs(layer).hasSameClassAs(layer);
    assertThat(LayerRegistry.standard().describe(copy))
        .as(name)
        .isEqualTo(LayerRegistry.standard().describe(layer));
    assertThat(modes(copy)).as(name).isEqualTo(modes(layer));
    assertThat(copy.dtype()).as(name).isEqualTo(layer.dtype());
    assertEqualButApart(copy.namedParameters(), layer.namedParameters(), name);
    assertEqualButApart(copy.namedBuffers(), layer.namedBuffers(), name);
  }

  private static Map<String, Boolean> modes(Layer layer) {
    Map<String, Boolean> modes = new LinkedHashMap<>();
    layer.namedLayers().forEach((name, part) -> modes.put(name, part.isTraining()));
    return modes;
  }

  private static void assertEqualButApart(
      Map<String, Tensor> copies, Map<String, Tensor> tensors, String of) {
    assertThat(copies.keySet()).as(of).isEqualTo(tensors.keySet());
    tensors.forEach(
        (name, tensor) -> {
          Tensor copy = Objects.requireNonNull(copies.get(name));
          String what = of + ", " + name;
          assertThat(Tensors.dtypeName(copy)).as(what).isEqualTo(Tensors.dtypeName(tensor));
          assertThat(copy.equal(tensor)).as(what).isTrue();
          assertThat(copy.requires_grad()).as(what).isEqualTo(tensor.requires_grad());
          assertThat(tensor.numel() > 0 && copy.data_ptr().address() == tensor.data_ptr().address())
              .as(what)
              .isFalse();
        });
  }

  @ParameterizedTest
  @MethodSource("drawn")
  void aTrainedCopyLeavesTheOriginalAsItWas(Representation rho) {
    try (PointerScope scope = new PointerScope()) {
      for (Subject subject : subjects(rho, Dtype.FLOAT32, 2)) {
        if (!(subject.layer() instanceof EquivariantLayer layer) || subject.in().size() > 1) {
          continue;
        }
        List<Tensor> x = subject.inputs().get();
        layer.eval();
        EquivariantLayer copy = layer.copy();
        Tensor before = subject.apply(x).detach().clone();
        torch.manual_seed(1);
        Tensor output = copy.forward(x.get(0));
        assertThat(distance(output, before)).as("%s", subject).isZero();
        if (output.requires_grad()) {
          output.pow(new Scalar(2)).sum().backward();
          new SGD(copy.parameters(), new SGDOptions(0.1)).step();
        }
        assertThat(distance(subject.apply(x), before)).as("%s", subject).isZero();
      }
    }
  }

  static Stream<Representation> small() {
    return Stream.of("C3: regular + irrep(1)", "Q8: irrep(1,1) + trivial")
        .map(text -> rotated(Representation.parse(text)));
  }

  @Test
  void aCopyDrawsNothingAndKeepsWhatIsShared() {
    try (PointerScope scope = new PointerScope()) {
      Representation rho = Representation.parse("D4: 2 x regular");
      EquivariantLinear twice = new EquivariantLinear(rho, rho);
      EquivariantSequential chain =
          EquivariantSequential.of(
              twice, new PointwiseNonlinearity(rho, Activation.RELU), new Residual(twice));
      torch.manual_seed(7);
      Tensor next = torch.rand(5);
      torch.manual_seed(7);
      EquivariantLayer copy = chain.copy();
      assertThat(distance(torch.rand(5), next)).isZero();
      assertThat(copy.namedParameters()).hasSize(2);
      Tensor x = random(Dtype.FLOAT32, 5, rho.size());
      for (EquivariantLayer own : List.of(chain, copy)) {
        own.forward(x).pow(new Scalar(2)).mean().backward();
        new SGD(own.parameters(), new SGDOptions(0.1)).step();
      }
      assertThat(distance(copy.forward(x), chain.forward(x))).isZero();
    }
  }

  /** Running statistics, modes and trained numbers are after a check what they were before. */
  @ParameterizedTest
  @MethodSource("drawn")
  void aCheckLeavesEveryLayerAsItWas(Representation rho) {
    try (PointerScope scope = new PointerScope()) {
      for (Subject subject : EveryLayerTest.subjects(rho, Dtype.FLOAT64, 2)) {
        Layer layer = subject.layer();
        for (boolean training : new boolean[] {true, false}) {
          Layer mixed = training ? layer.train() : layer.eval();
          mixed.namedLayers().values().stream()
              .skip(1)
              .forEach(part -> assertThat(training ? part.eval() : part.train()).isSameAs(part));
          Layer before = layer.copy();
          Equivariance.checkEach(layer);
          if (layer instanceof EquivariantLayer own && subject.inputs().get().size() == 1) {
            Tensor x = subject.inputs().get().get(0);
            Equivariance.check(own, x);
            assertThatThrownBy(() -> Equivariance.check(own, x.narrow(0, 0, 0)))
                .as("%s", subject)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("a check needs at least one sample, got [0");
          }
          assertIsACopy(before, layer, subject.toString());
        }
      }
    }
  }

  /** A word that a layer does not know is told with those that it knows, whatever the layer. */
  @ParameterizedTest
  @MethodSource("drawn")
  void noLayerTakesASettingOrARepresentationThatItDoesNotHave(Representation rho) {
    try (PointerScope scope = new PointerScope()) {
      LayerRegistry registry = LayerRegistry.standard();
      for (Subject subject : subjects(rho, Dtype.FLOAT32, 2)) {
        Architecture own = registry.describe(subject.layer()).orElseThrow();
        Map<String, String> settings = new LinkedHashMap<>(own.settings());
        settings.put("bais", "false");
        assertThatThrownBy(
                () ->
                    registry.build(
                        new Architecture(
                            own.type(), own.representations(), settings, own.layers())))
            .as("%s", subject)
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessageStartingWith(own.type() + " has no setting 'bais'; it has [");
        Map<String, Representation> roles = new LinkedHashMap<>(own.representations());
        roles.put("hiden", rho);
        assertThatThrownBy(
                () ->
                    registry.build(
                        new Architecture(own.type(), roles, own.settings(), own.layers())))
            .as("%s", subject)
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessageStartingWith(own.type() + " has no representation 'hiden'; it has [");
      }
    }
  }

  @Test
  void mapsAttachedToParametersAreCopied() {
    try (PointerScope scope = new PointerScope()) {
      Representation rho = Representation.parse("D3: regular");
      Linear layer = new Linear(6, 6);
      layer.parametrize("bias", new InvariantConstraint(rho, Dtype.FLOAT32));
      Linear copy = (Linear) layer.copy();
      assertThat(copy.namedParameters().keySet()).isEqualTo(layer.namedParameters().keySet());
      Tensor x = random(Dtype.FLOAT32, 4, 6);
      assertThat(distance(copy.forward(x), layer.forward(x))).isZero();
    }
  }

  /** A user's layer, not registered, which tells how it is built. */
  private static class Scaled extends EquivariantLayer {
    private final EquivariantLayer inner;
    private final Parameter scale;

    Scaled(EquivariantLayer inner) {
      super(inner.in(), inner.out());
      this.inner = registerChild("inner", inner);
      scale = registerParameter("scale", torch.rand(1));
    }

    @Override
    protected Tensor compute(Tensor x) {
      return inner.forward(x).mul(scale.value());
    }
  }

  private static final class Rebuildable extends Scaled {
    private final EquivariantLayer own;

    Rebuildable(EquivariantLayer inner) {
      super(inner);
      own = inner;
    }

    @Override
    protected Optional<Layer> rebuild() {
      return Optional.of(new Rebuildable(own.copy()));
    }
  }

  @Test
  void aLayerOfOnesOwnIsCopiedOnceItTellsHowItIsBuilt() {
    try (PointerScope scope = new PointerScope()) {
      Representation rho = Representation.parse("D3: regular");
      Tensor x = random(Dtype.FLOAT32, 4, 6);
      EquivariantSequential chain =
          EquivariantSequential.of(
              new Rebuildable(new EquivariantLinear(rho, rho)),
              Fixtures.ownLayer(rho, t -> t.mul(t)));
      EquivariantLayer copy = chain.copy();
      assertIsACopy(copy, chain, "chain");
      assertThat(distance(copy.forward(x), chain.forward(x))).isZero();
    }
  }

  @Test
  void aLayerThatTellsNobodyHowItIsBuiltIsRefused() {
    Representation rho = Representation.parse("D3: regular");
    EquivariantLayer silent = EquivariantSequential.of(new Scaled(new EquivariantLinear(rho, rho)));
    assertThatThrownBy(silent::copy)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("Scaled")
        .hasMessageEndingWith(
            " tells nobody how it is built: register its LayerType as a service of "
                + "dev.noether.nn.LayerTypes, or override Layer.rebuild()");
    Linear inner = new Linear(6, 6);
    FrameAveraging average =
        new FrameAveraging(rho, rho, inner, inner::forward, FrameOptions.defaults());
    assertThatThrownBy(average::copy)
        .hasMessageContaining("a function of Linear(6, 6)")
        .hasMessageEndingWith(
            "cannot be copied: built again it has other layers or tensors; a function of one's own "
                + "cannot hold layers, and rebuild() must repeat how the layer was made");
    EquivariantLayer wrong =
        new Scaled(new EquivariantLinear(rho, rho)) {
          @Override
          protected Optional<Layer> rebuild() {
            return Optional.of(new EquivariantLinear(rho, rho));
          }
        };
    assertThatThrownBy(wrong::copy)
        .hasMessageContaining("rebuild() must repeat how the layer was made");
  }

  /** What a gradient penalty needs: the slope of |grad f| along a direction in every leaf. */
  @ParameterizedTest
  @MethodSource({"drawn", "small"})
  void secondDerivativesAgreeWithFiniteDifferencesOfGradients(Representation rho) {
    try (PointerScope scope = new PointerScope()) {
      for (Subject subject : subjects(rho, Dtype.FLOAT64, 1)) {
        for (boolean training : new boolean[] {true, false}) {
          if (training && EveryLayerTest.chooses(subject.layer())) {
            continue;
          }
          if (training) {
            subject.layer().train();
          } else {
            subject.layer().eval();
          }
          List<Tensor> inputs = subject.inputs().get();
          Map<String, Tensor> leaves = new LinkedHashMap<>(subject.layer().namedParameters());
          for (int i = 0; i < inputs.size(); i++) {
            leaves.put("input " + i, inputs.get(i).set_requires_grad(true));
          }
          assertSecondSlopes(
              subject + (training ? ", training" : ""), leaves, () -> subject.apply(inputs));
        }
      }
    }
  }

  private static void assertSecondSlopes(
      String name, Map<String, Tensor> leaves, Supplier<Tensor> function) {
    TensorVector all = new TensorVector(leaves.values().toArray(Tensor[]::new));
    Supplier<Tensor> penalty =
        () -> {
          Tensor loss = function.get().sin().sum();
          TensorVector gradients =
              torch.grad(
                  new TensorVector(loss),
                  all,
                  new TensorVector(),
                  new org.bytedeco.pytorch.BoolOptional(true),
                  true,
                  true);
          Tensor sum = loss.mul(new Scalar(0.0));
          for (long i = 0; i < gradients.size(); i++) {
            if (gradients.get(i).defined()) {
              sum = sum.add(gradients.get(i).pow(new Scalar(2)).sum());
            }
          }
          return sum;
        };
    Tensor value = penalty.get();
    TensorVector second =
        torch.grad(
            new TensorVector(value),
            all,
            new TensorVector(),
            new org.bytedeco.pytorch.BoolOptional(false),
            false,
            true);
    // A direction in all leaves at once: a term for each, and two evaluations instead of two each.
    List<Tensor> directions = new ArrayList<>();
    double slope = 0;
    for (Tensor leaf : leaves.values()) {
      Tensor gradient = second.get(directions.size());
      directions.add(random(Dtype.FLOAT64, Tensors.shape(leaf)).cos());
      if (gradient.defined()) {
        slope += gradient.mul(directions.get(directions.size() - 1)).sum().item().toDouble();
      }
    }
    double up = along(leaves.values(), directions, 1e-6, penalty);
    double down = along(leaves.values(), directions, -1e-6, penalty);
    double expected = (up - down) / 2e-6;
    assertThat(slope).as(name).isCloseTo(expected, within(1e-5 * Math.max(1, Math.abs(expected))));
  }

  private static double along(
      Iterable<Tensor> leaves, List<Tensor> directions, double step, Supplier<Tensor> value) {
    try (PointerScope scope = new PointerScope()) {
      List<Tensor> before = new ArrayList<>();
      try (NoGradGuard guard = new NoGradGuard()) {
        for (Tensor leaf : leaves) {
          Tensor way = directions.get(before.size());
          before.add(leaf.detach().clone());
          leaf.add_(way, new Scalar(step));
        }
      }
      double result = value.get().item().toDouble();
      try (NoGradGuard guard = new NoGradGuard()) {
        int i = 0;
        for (Tensor leaf : leaves) {
          leaf.copy_(before.get(i++));
        }
      }
      return result;
    }
  }

  /** Frozen weights change nothing but that they get no gradients. */
  @ParameterizedTest
  @MethodSource("drawn")
  void aFrozenLayerGivesTheSameGradientsToItsInputs(Representation rho) {
    try (PointerScope scope = new PointerScope()) {
      for (Subject subject : subjects(rho, Dtype.FLOAT64, 2)) {
        for (boolean training : new boolean[] {true, false}) {
          Layer layer = training ? subject.layer().train() : subject.layer().eval();
          List<Tensor> inputs =
              subject.inputs().get().stream().map(x -> x.set_requires_grad(true)).toList();
          layer.requiresGrad(true).zeroGrad();
          Tensor free = subject.apply(inputs);
          free.sin().sum().backward();
          List<Tensor> expected = inputs.stream().map(x -> x.grad().clone()).toList();
          inputs.forEach(x -> x.mutable_grad().put(new Tensor()));
          layer.requiresGrad(false).zeroGrad();
          Tensor frozen = subject.apply(inputs);
          frozen.sin().sum().backward();
          assertThat(distance(frozen, free)).as("%s", subject).isLessThan(1e-12);
          for (int i = 0; i < inputs.size(); i++) {
            assertThat(distance(inputs.get(i).grad(), expected.get(i)))
                .as("%s", subject)
                .isLessThan(1e-12);
          }
          layer
              .namedParameters()
              .forEach((name, p) -> assertThat(p.grad().defined()).as(name).isFalse());
          layer.requiresGrad(true);
        }
      }
    }
  }

  /** Replaces a gradient by its double. */
  private static final class Doubling extends TensorTensorHook {
    private int calls;

    @Override
    public TensorBase call(TensorBase gradient) {
      calls++;
      return new Tensor(gradient).mul(new Scalar(2.0));
    }
  }

  /** LibTorch has room for ten hooks of a class at a time, so they come one after the other. */
  @ParameterizedTest
  @MethodSource("drawn")
  void hooksOnParametersSeeAndChangeTheirGradients(Representation rho) {
    try (PointerScope scope = new PointerScope()) {
      for (Subject subject : subjects(rho, Dtype.FLOAT64, 2)) {
        if (subject.layer().namedParameters().isEmpty()) {
          continue;
        }
        List<Tensor> x = subject.inputs().get();
        subject.layer().zeroGrad();
        subject.apply(x).sin().sum().backward();
        Map<Tensor, Tensor> gradients = new LinkedHashMap<>();
        for (Tensor parameter : subject.layer().namedParameters().values()) {
          if (parameter.grad().defined()) {
            gradients.put(parameter, parameter.grad().clone());
          }
        }
        for (Map.Entry<Tensor, Tensor> entry : gradients.entrySet()) {
          Tensor parameter = entry.getKey();
          Tensor plain = entry.getValue();
          subject.layer().zeroGrad();
          try (Doubling hook = new Doubling()) {
            int handle = parameter.register_hook(hook);
            subject.apply(x).sin().sum().backward();
            parameter.remove_hook(handle);
            assertThat(hook.calls).as("%s", subject).isEqualTo(1);
          }
          assertThat(distance(parameter.grad(), plain.mul(new Scalar(2.0))))
              .as("%s", subject)
              .isLessThan(1e-12);
        }
      }
    }
  }
}
