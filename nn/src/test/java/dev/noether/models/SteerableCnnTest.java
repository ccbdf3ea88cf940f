package dev.noether.models;

import static dev.noether.Fixtures.distance;
import static dev.noether.Fixtures.random;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.noether.kernel.FieldType;
import dev.noether.kernel.Space;
import dev.noether.nn.Equivariance;
import dev.noether.nn.EquivariantLayer;
import dev.noether.nn.EquivariantSequential;
import dev.noether.nn.Layer;
import dev.noether.nn.activation.PointwiseNonlinearity;
import dev.noether.nn.conv.SteerableConv2d;
import dev.noether.nn.conv.SteerableConv3d;
import dev.noether.nn.conv.SteerableOptions;
import dev.noether.nn.linear.Linear;
import dev.noether.nn.norm.InnerBatchNorm;
import dev.noether.nn.pooling.GaussianPooling;
import dev.noether.nn.pooling.GroupPooling;
import dev.noether.nn.symmetry.Restriction;
import dev.noether.plain.Activation;
import dev.noether.torch.Dtype;
import dev.noether.torch.LibTorch;
import dev.noether.torch.Tensors;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Networks of steerable convolutions. */
class SteerableCnnTest {
  private static final Dtype WIDE = Dtype.FLOAT64;

  @BeforeAll
  static void load() {
    LibTorch.load();
  }

  private static EquivariantSequential fiveLayers(Space space, int width, int kernel) {
    SteerableOptions options = SteerableOptions.kernel(kernel).with(WIDE).withSeed(1);
    List<EquivariantLayer> layers = new ArrayList<>();
    FieldType in = space.type(space.trivialField(), 1);
    FieldType out = space.type(space.regularField(), width);
    for (int i = 0; i < 5; i++) {
      SteerableOptions own =
          i == 2 ? options.withStride(2).withPadding(1) : options.withPadding(kernel / 2);
      layers.add(
          space.dimension() == 2
              ? new SteerableConv2d(in, out, own)
              : new SteerableConv3d(in, out, own));
      layers.add(new InnerBatchNorm(out));
      layers.add(new PointwiseNonlinearity(out.representation(), Activation.ELU));
      in = out;
    }
    layers.add(new GroupPooling(out));
    EquivariantSequential network = new EquivariantSequential(layers);
    network.to(WIDE);
    return network;
  }

  static Stream<Space> ofTheSquare() {
    return Stream.of(Space.cyclic(4), Space.dihedral(4), Space.flip());
  }

  /** Kernels of quarter turns and mirrors are kernels of each alone, and there are more. */
  @Test
  void fiveLayersGoToASmallerGroup() {
    try (PointerScope scope = new PointerScope()) {
      EquivariantSequential network = fiveLayers(Space.dihedral(4), 2, 3);
      Tensor x = random(WIDE, 2, 1, 11, 11);
      network.forward(x); // statistics of a batch
      network.eval();
      for (Space smaller : List.of(Space.cyclic(4), Space.flip(), Space.cyclic(2))) {
        Restriction restriction = Restriction.of(network, smaller);
        EquivariantSequential free = (EquivariantSequential) restriction.layer();
        assertThat(distance(free.forward(x), network.forward(x))).isLessThan(1e-12);
        assertThat(Equivariance.check(free, x).relativeError()).isLessThan(1e-12);
        assertThat(weights(free)).isGreaterThan(weights(network));
        Restriction.Back back = restriction.back(free);
        assertThat(back.distance()).isLessThan(1e-13);
        EquivariantSequential again = (EquivariantSequential) back.layer();
        assertThat(distance(again.forward(x), network.forward(x))).isLessThan(1e-12);
      }
      assertThatThrownBy(() -> Restriction.of(network, Space.cyclic(8)))
          .hasMessageContaining("is no group inside");
      assertThatThrownBy(() -> Restriction.of(new Linear(2, 2), Space.cyclic(2)))
          .hasMessage(
              "Linear(2, 2) is of no fields over the plane or space: restrict it to a subgroup");
    }
  }

  private static long weights(Layer layer) {
    return layer.namedParameters().values().stream().mapToLong(Tensor::numel).sum();
  }

  @ParameterizedTest
  @MethodSource("ofTheSquare")
  void fiveLayersCommuteExactlyWithTheSquare(Space space) {
    try (PointerScope scope = new PointerScope()) {
      EquivariantSequential network = fiveLayers(space, 2, 3);
      Tensor x = random(WIDE, 2, 1, 11, 11);
      assertThat(Equivariance.check(network, x).relativeError()).isLessThan(1e-12);
      network.eval();
      assertThat(Equivariance.check(network, x).relativeError()).isLessThan(1e-12);
    }
  }

  @Test
  void fiveLayersCommuteExactlyWithTheCube() {
    try (PointerScope scope = new PointerScope()) {
      EquivariantSequential network = fiveLayers(Space.octahedral(), 1, 3);
      Tensor x = random(WIDE, 2, 1, 5, 5, 5);
      assertThat(Equivariance.check(network, x).relativeError()).isLessThan(1e-12);
    }
  }

  private static SteerableCnnBuilder small(Space space) {
    return SteerableCnn.builder(space, 13).seed(1).with(WIDE);
  }

  static Stream<SteerableCnn> networks() {
    return Stream.of(
        small(Space.cyclic(4)).block(2, 5).block(3, 3).pool().block(2, 3).head(3, 4),
        small(Space.dihedral(4))
            .block(2, 5)
            .restrict(Space.cyclic(4))
            .pool()
            .block(3, 3)
            .head(3, 4),
        small(Space.cyclic(8)).block(1, 5).pool().block(2, 3).dropout(0.25).head(3, 4),
        small(Space.so2()).frequencies(1).block(2, 5).pool().block(3, 3).head(3, 4),
        small(Space.o2()).frequencies(1).block(2, 3).head(3, 4),
        small(Space.cyclic(4)).block(2, 3).wideBlock(2, 3, 1).wideBlock(3, 3, 2).head(3, 4));
  }

  /** All quarter turns and mirrors that the group holds. */
  @ParameterizedTest
  @MethodSource("networks")
  void answersAreInvariant(SteerableCnn model) {
    try (PointerScope scope = new PointerScope()) {
      model.eval();
      Equivariance.Report report = Equivariance.check(model.equivariance().orElseThrow());
      assertThat(report.relativeError()).isLessThan(1e-12);
    }
  }

  @ParameterizedTest
  @MethodSource("networks")
  void aCopyIsBuiltFromItsDescription(SteerableCnn model) {
    try (PointerScope scope = new PointerScope()) {
      Layer copy = model.copy();
      copy.eval();
      model.eval();
      Tensor x = random(WIDE, 2, 1, 13, 13);
      assertThat(distance(((SteerableCnn) copy).forward(x), model.forward(x))).isZero();
    }
  }

  @ParameterizedTest
  @MethodSource("networks")
  void everyParameterHasAGradient(SteerableCnn model) {
    try (PointerScope scope = new PointerScope()) {
      model.forward(random(WIDE, 4, 1, 13, 13)).sin().sum().backward();
      model
          .namedParameters()
          .forEach((name, p) -> assertThat(p.grad().defined()).as(name).isTrue());
    }
  }

  /** 29 cells, 25 after an unpadded convolution would be escnn's; here the size is kept. */
  @Test
  void sizesAndExactnessAreTold() {
    try (PointerScope scope = new PointerScope()) {
      String summary =
          SteerableCnn.builder(Space.cyclic(8), 29)
              .block(2, 7)
              .pool()
              .block(2, 5)
              .head(10, 4)
              .sizes();
      assertThat(summary)
          .contains("Mask")
          .contains("SteerableConv2d")
          .contains("C8 on R^2: 2 x regular")
          .contains("parameters: ")
          .contains("exact");
      assertThat(
              summary
                  .lines()
                  .filter(line -> line.contains("GaussianPooling"))
                  .findFirst()
                  .orElseThrow())
          .contains(" 15 ");
    }
  }

  @Test
  void aPoolingOffTheGridIsNamed() {
    try (PointerScope scope = new PointerScope()) {
      String summary =
          SteerableCnn.builder(Space.cyclic(4), 28).block(1, 3).pool().head(2, 3).sizes();
      assertThat(summary).contains("not exact").contains("a size of 27 or 29 would be");
    }
  }

  @Test
  void equalSeedsGiveEqualNetworks() {
    try (PointerScope scope = new PointerScope()) {
      Tensor x = random(WIDE, 2, 1, 13, 13);
      Tensor one = small(Space.so2()).block(1, 3).head(2, 3).forward(x);
      Tensor two = small(Space.so2()).block(1, 3).head(2, 3).forward(x);
      assertThat(distance(one, two)).isZero();
    }
  }

  @Test
  void imagesOfAnotherSizeAreRefused() {
    SteerableCnn model = small(Space.cyclic(4)).block(1, 3).head(2, 3);
    assertThatThrownBy(() -> model.forward(random(WIDE, 2, 1, 12, 12)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("images must be [batch, 1, 13, 13], got [2, 1, 12, 12]");
  }

  @Test
  void featuresMustBeInvariant() {
    Space space = Space.cyclic(4);
    FieldType type = space.type(space.regularField(), 1);
    assertThatThrownBy(
            () ->
                new SteerableCnn(
                    List.of(new InnerBatchNorm(type)), new Mlp(4, 2, MlpOptions.hidden(3)), 5))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("the features of a classifier must be invariant");
    assertThatThrownBy(
            () ->
                new SteerableCnn(
                    List.of(new GroupPooling(type)), new Mlp(4, 2, MlpOptions.hidden(3)), 5))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("the head takes 4 features, the layers before it give 1");
  }

  @Test
  void buildersSayWhatIsMissing() {
    assertThatThrownBy(() -> small(Space.cyclic(4)).head(2, 3))
        .hasMessageContaining("at least one block before its head");
    assertThatThrownBy(() -> small(Space.cyclic(4)).restrict(Space.cyclic(2)))
        .hasMessageContaining("no layer to restrict");
    assertThatThrownBy(() -> small(Space.cyclic(4)).block(0, 3))
        .hasMessageContaining("at least one field, got 0");
    assertThatThrownBy(() -> small(Space.cyclic(4)).block(1, 3).seed(2))
        .hasMessageContaining("the seed is told before the first block");
    assertThatThrownBy(() -> small(Space.so2()).block(1, 3).wideBlock(1, 3, 1))
        .hasMessageContaining("a wide block is of regular fields");
    assertThatThrownBy(() -> small(Space.so2()).frequencies(-1))
        .hasMessageContaining("at least 0, got -1");
    assertThatThrownBy(() -> SteerableCnn.builder(Space.so2(), 0))
        .hasMessageContaining("at least 1, got 0");
  }

  /** The pools of the reference's tutorial halve 25 to 13 to 7. */
  @Test
  void gaussianPoolingHalvesOddSizes() {
    try (PointerScope scope = new PointerScope()) {
      Space space = Space.cyclic(8);
      GaussianPooling pool = new GaussianPooling(space.type(space.trivialField(), 1), 0.66, 2);
      Tensor x = random(Dtype.FLOAT32, 1, 1, 25, 25);
      assertThat(Tensors.shape(pool.forward(pool.forward(x)))).containsExactly(1, 1, 7, 7);
    }
  }
}
