package dev.noether.nn;

import static dev.noether.Fixtures.distance;
import static dev.noether.Fixtures.random;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.noether.kernel.FieldType;
import dev.noether.kernel.Space;
import dev.noether.nn.activation.FieldGate;
import dev.noether.nn.activation.FieldNormNonlinearity;
import dev.noether.nn.norm.BatchStatisticsOptions;
import dev.noether.nn.norm.FieldNorm;
import dev.noether.nn.norm.InnerBatchNorm;
import dev.noether.nn.pooling.GroupPooling;
import dev.noether.nn.pooling.MaxPooling;
import dev.noether.nn.pooling.NormMaxPooling;
import dev.noether.nn.pooling.NormPooling;
import dev.noether.nn.pooling.Window;
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
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Where the reference's layers around steerable convolutions are wrong or painful, by the numbers
 * of the list of its defects.
 */
class ReferenceDefectsTest {
  private static final Dtype WIDE = Dtype.FLOAT64;

  @BeforeAll
  static void load() {
    LibTorch.load();
  }

  private static FieldType vectors() {
    Space space = Space.so2();
    return space.type(space.irrepField(1), space.irrepField(2), space.irrepField(1));
  }

  private static double deviation(Tensor x) {
    return Math.sqrt(x.mul(x).mean().item().toDouble());
  }

  /** Two layers of one type hold tensors of their own. */
  @Test
  void r3aMoveOfOneLayerLeavesTheOthersAlone() {
    try (PointerScope scope = new PointerScope()) {
      FieldType type = vectors();
      InnerBatchNorm one = new InnerBatchNorm(type);
      InnerBatchNorm two = new InnerBatchNorm(type);
      one.to(WIDE);
      assertThat(Tensors.dtypeName(two.forward(random(Dtype.FLOAT32, 2, 6, 3, 3))))
          .isEqualTo("float32");
    }
  }

  /** A max pool of 2 is exact at 28 and not at 27; the check on such an image tells. */
  @Test
  void r9downsamplingOffTheGridIsFound() {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      Space space = Space.cyclic(4);
      MaxPooling layer = new MaxPooling(space.type(space.trivialField(), 1), Window.of(2));
      assertThat(Equivariance.check(layer, random(WIDE, 1, 1, 28, 28)).maxError()).isZero();
      assertThat(Equivariance.check(layer, random(WIDE, 1, 1, 27, 27)).maxError())
          .isGreaterThan(0.1);
    }
  }

  /** NormBatchNorm of the reference divides by the running variance in training too. */
  @Test
  void r12aBatchIsNormalisedByItsOwnVariance() {
    try (PointerScope scope = new PointerScope()) {
      Tensor x = random(WIDE, 8, 6, 5, 5).mul(new Scalar(5));
      InnerBatchNorm layer =
          new InnerBatchNorm(vectors(), BatchStatisticsOptions.defaults().with(WIDE));
      assertThat(deviation(layer.forward(x))).isCloseTo(1, within(1e-4));
    }
  }

  /** Its other norms take their statistics for constants: their gradients are no derivatives. */
  @Test
  void r12gradientsOfNormsAreDerivatives() {
    try (PointerScope scope = new PointerScope()) {
      FieldType type = vectors();
      Tensor direction = random(WIDE, 3, 6, 3, 3).cos();
      for (EquivariantLayer layer :
          List.of(
              new InnerBatchNorm(type, BatchStatisticsOptions.defaults().with(WIDE)),
              new FieldNorm(type, 1e-5, true, WIDE))) {
        Tensor x = random(WIDE, 3, 6, 3, 3).set_requires_grad(true);
        layer.forward(x).sin().sum().backward();
        double slope = x.grad().mul(direction).sum().item().toDouble();
        double step = 1e-5;
        double up = along(layer, x.detach().add(direction, new Scalar(step)));
        double down = along(layer, x.detach().sub(direction, new Scalar(step)));
        assertThat(slope).as("%s", layer).isCloseTo((up - down) / (2 * step), within(1e-6));
      }
    }
  }

  private static double along(EquivariantLayer layer, Tensor x) {
    return layer.forward(x).sin().sum().item().toDouble();
  }

  /**
   * A batch norm leaves a trivial field its variation, where a field norm leaves its bias alone.
   */
  @Test
  void r12aTrivialFieldIsNotLostInABatchNorm() {
    try (PointerScope scope = new PointerScope()) {
      FieldType type = Space.so2().type(Space.so2().trivialField(), 1);
      Tensor x = random(WIDE, 4, 1, 5, 5);
      InnerBatchNorm batch = new InnerBatchNorm(type, BatchStatisticsOptions.defaults().with(WIDE));
      assertThat(deviation(batch.forward(x))).isCloseTo(1, within(1e-3));
      assertThat(deviation(new FieldNorm(type, 1e-5, true, WIDE).forward(x))).isZero();
    }
  }

  /** By the names' order, so that an optimizer's state means the same in every process. */
  @Test
  void r13parametersHaveOneOrder() {
    Space space = Space.dihedral(4);
    FieldType type = space.type(space.regularField(), space.irrepField(1, 1), space.trivialField());
    assertThat(new FieldNorm(type).namedParameters().keySet())
        .containsExactly(
            "irrep_0,0_weight",
            "irrep_0,0_bias",
            "irrep_1,1_weight",
            "regular_weight",
            "regular_bias");
  }

  /** The padding of the windows counts once: the size is that of the plain pooling. */
  @Test
  void r15anAntialiasedMaximumPadsOnce() {
    try (PointerScope scope = new PointerScope()) {
      FieldType type = Space.cyclic(4).type(Space.cyclic(4).regularField(), 1);
      for (int size = 5; size < 10; size++) {
        Tensor x = random(WIDE, 1, 4, size, size);
        Window window = new Window(3, 2, 1, false);
        long[] plain = Tensors.shape(new MaxPooling(type, window).forward(x));
        Tensor antialiased = MaxPooling.antialiased(type, window, 0.6, WIDE).forward(x);
        assertThat(Tensors.shape(antialiased)).isEqualTo(plain);
      }
    }
  }

  @Test
  void r16doublesStayDoubles() {
    try (PointerScope scope = new PointerScope()) {
      FieldType type = Space.cyclic(4).type(Space.cyclic(4).regularField(), 2);
      List<EquivariantLayer> layers = new ArrayList<>();
      layers.add(new GroupPooling(type));
      layers.add(new NormPooling(type));
      layers.add(new NormMaxPooling(type, Window.of(2)));
      layers.add(FieldGate.halves(FieldGate.withGates(type)));
      for (EquivariantLayer layer : layers) {
        layer.to(WIDE);
        Tensor x = random(WIDE, 1, layer.in().size(), 4, 4);
        assertThat(Tensors.dtypeName(layer.forward(x))).as("%s", layer).isEqualTo("float64");
      }
    }
  }

  /**
   * The smallest field gets the first gate, wherever it stands; so loaded weights mean the same.
   */
  @Test
  void r18gatesAreDealtOutBySize() {
    try (PointerScope scope = new PointerScope()) {
      Space space = Space.so2();
      FieldType type = FieldGate.withGates(space.type(space.irrepField(1), space.trivialField()));
      FieldGate layer = new FieldGate(type, List.of(0, 1), true, OptionalLong.of(1), WIDE);
      layer.load(with(layer, "bias", Tensors.of(WIDE, new double[2], 1, 2)));
      // Gates wide open and shut: the vector (size 2) gets the second one, the scalar the first.
      Tensor x = Tensors.of(WIDE, new double[] {100, -100, 3, 4, 5}, 5, 1, 1);
      assertThat(Tensors.toArray(layer.forward(x)))
          .containsExactly(new double[] {0, 0, 5}, within(1e-9));
    }
  }

  @Test
  void r18biasesOfNormsAreDealtOutBySize() {
    try (PointerScope scope = new PointerScope()) {
      Space space = Space.so2();
      FieldType type = space.type(space.irrepField(1), space.trivialField());
      FieldNormNonlinearity layer =
          new FieldNormNonlinearity(type, FieldNormNonlinearity.Function.RELU, true, WIDE);
      Tensor logs = Tensors.of(WIDE, new double[] {Math.log(2), Math.log(4)}, 1, 2, 1, 1);
      layer.load(with(layer, "log_bias", logs));
      Tensor x = Tensors.of(WIDE, new double[] {3, 4, 6}, 3, 1, 1);
      // |(3, 4)| = 5 minus 4, |6| minus 2.
      assertThat(Tensors.toArray(layer.forward(x)))
          .containsExactly(new double[] {0.6, 0.8, 4}, within(1e-12));
    }
  }

  /** First biases come from a seed where one is given. */
  @Test
  void r18gatesHaveASeed() {
    FieldType type = FieldGate.withGates(vectors());
    List<Integer> gates = IntStream.range(0, 3).boxed().toList();
    FieldGate one = new FieldGate(type, gates, true, OptionalLong.of(7), WIDE);
    FieldGate two = new FieldGate(type, gates, true, OptionalLong.of(7), WIDE);
    FieldGate other = new FieldGate(type, gates, true, OptionalLong.of(8), WIDE);
    assertThat(distance(bias(one), bias(two))).isZero();
    assertThat(distance(bias(one), bias(other))).isPositive();
  }

  private static Tensor bias(Layer layer) {
    return Objects.requireNonNull(layer.stateDict().get("bias"));
  }

  private static Map<String, Tensor> with(Layer layer, String name, Tensor value) {
    Map<String, Tensor> state = new LinkedHashMap<>(layer.stateDict());
    state.put(name, value);
    return state;
  }
}
