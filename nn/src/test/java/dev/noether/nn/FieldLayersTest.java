package dev.noether.nn;

import static dev.noether.Fixtures.distance;
import static dev.noether.Fixtures.random;
import static dev.noether.Fixtures.rotated;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.noether.group.CompactGroup;
import dev.noether.group.Element;
import dev.noether.group.FiniteGroup;
import dev.noether.group.Irrep;
import dev.noether.group.Orthogonal2;
import dev.noether.group.Subgroup;
import dev.noether.kernel.Disentangling;
import dev.noether.kernel.Field;
import dev.noether.kernel.FieldType;
import dev.noether.kernel.Space;
import dev.noether.lie.FiniteEmbedding;
import dev.noether.lie.Quadrature;
import dev.noether.nn.activation.FieldDropout;
import dev.noether.nn.activation.FieldGate;
import dev.noether.nn.activation.FieldNormNonlinearity;
import dev.noether.nn.activation.FourierPointwise;
import dev.noether.nn.activation.PointwiseDropout;
import dev.noether.nn.activation.SamplePoints;
import dev.noether.nn.linear.Branches;
import dev.noether.nn.linear.Disentangle;
import dev.noether.nn.linear.EquivariantLinear;
import dev.noether.nn.linear.Restricted;
import dev.noether.nn.norm.FieldNorm;
import dev.noether.nn.norm.InnerBatchNorm;
import dev.noether.nn.pooling.AveragePooling;
import dev.noether.nn.pooling.GaussianPooling;
import dev.noether.nn.pooling.GroupPooling;
import dev.noether.nn.pooling.Mask;
import dev.noether.nn.pooling.MaxPooling;
import dev.noether.nn.pooling.NormMaxPooling;
import dev.noether.nn.pooling.NormPooling;
import dev.noether.nn.pooling.Upsampling;
import dev.noether.nn.pooling.Window;
import dev.noether.plain.Activation;
import dev.noether.plain.Axes;
import dev.noether.rep.Representation;
import dev.noether.torch.Dtype;
import dev.noether.torch.LibTorch;
import dev.noether.torch.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Layers of fields over the plane and space: laws for every group, refusals. */
class FieldLayersTest {
  private static final Dtype WIDE = Dtype.FLOAT64;

  @BeforeAll
  static void load() {
    LibTorch.load();
  }

  /** Fields of every kind that the group has, one of them in a rotated basis. */
  static Stream<FieldType> types() {
    return Stream.of(
        mixed(Space.trivialPlane()),
        mixed(Space.cyclic(6)),
        mixed(Space.dihedral(3)),
        mixed(Space.flip()),
        Space.so2().type(Space.so2().irrepField(2), Space.so2().trivialField()),
        Space.o2().type(Space.o2().irrepField(1, 1), Space.o2().irrepField(1, 0)),
        Space.so3().type(Space.so3().irrepField(1), Space.so3().trivialField()),
        Space.o3().type(Space.o3().irrepField(1, 1), Space.o3().irrepField(0, 0)));
  }

  private static FieldType mixed(Space space) {
    Field regular = space.regularField();
    Field turned = new Field("turned", rotated(regular.representation()));
    return space.type(regular, space.trivialField(), turned, regular);
  }

  private static Tensor field(FieldType type) {
    return type.space().dimension() == 2
        ? random(WIDE, 2, type.size(), 5, 5)
        : random(WIDE, 2, type.size(), 3, 3, 3);
  }

  /** rho(g) on the channels at every place; layers that move no places commute with that alone. */
  private static Tensor onChannels(FieldType type, Element g, Tensor x) {
    int axis = -1 - type.space().dimension();
    Tensor matrix = Tensors.of(WIDE, type.representation().at(g));
    return x.movedim(axis, -1).matmul(matrix.t()).movedim(-1, axis);
  }

  private static List<? extends Element> elements(FieldType type) {
    return type.space().group() instanceof FiniteGroup finite
        ? finite.elements()
        : type.space().group().sample(5, 1);
  }

  /** Of a compact group any elements, whether they permute the grid or not. */
  @ParameterizedTest
  @MethodSource("types")
  void everyLayerCommutesWithTheActionOnChannels(FieldType type) {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      for (EquivariantLayer layer : FieldLayers.of(type, WIDE)) {
        FieldType in = layer.inFields().orElseThrow();
        FieldType out = layer.outFields().orElseThrow();
        Tensor x = field(in);
        for (Element g : elements(in)) {
          torch.manual_seed(1);
          Tensor expected = onChannels(out, g, layer.forward(x));
          torch.manual_seed(1);
          Tensor actual = layer.forward(onChannels(in, g, x));
          assertThat(distance(actual, expected)).as("%s at %s", layer, g).isLessThan(1e-11);
        }
      }
    }
  }

  /** All elements that permute the grid: quarter turns, mirrors, those of the cube. */
  @ParameterizedTest
  @MethodSource("types")
  void everyLayerCommutesWithMovesOfTheGrid(FieldType type) {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      for (EquivariantLayer layer : FieldLayers.of(type, WIDE)) {
        layer.eval();
        assertThat(Equivariance.check(layer, field(layer.inFields().orElseThrow())).relativeError())
            .as("%s", layer)
            .isLessThan(1e-11);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("types")
  void everyLayerIsBuiltAgainFromItsDescription(FieldType type) {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      for (EquivariantLayer layer : FieldLayers.of(type, WIDE)) {
        EquivariantLayer again = layer.copy();
        assertThat(again.inFields()).isEqualTo(layer.inFields());
        assertThat(again.outFields()).isEqualTo(layer.outFields());
        Tensor x = field(layer.inFields().orElseThrow());
        layer.eval();
        again.eval();
        assertThat(distance(layer.forward(x), again.forward(x))).as("%s", layer).isZero();
      }
    }
  }

  /** What a batch gives, one sample gives without the axis of the batch. */
  @ParameterizedTest
  @MethodSource("types")
  void theBatchMayBeLeftOut(FieldType type) {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      for (EquivariantLayer layer : FieldLayers.of(type, WIDE)) {
        layer.eval();
        Tensor x = field(layer.inFields().orElseThrow()).narrow(0, 0, 1);
        assertThat(distance(layer.forward(x).squeeze(0), layer.forward(x.squeeze(0))))
            .as("%s", layer)
            .isLessThan(1e-12);
      }
    }
  }

  @Test
  void layersOfFeaturesWorkInChainsOfFields() {
    try (PointerScope scope = new PointerScope()) {
      FieldType type = mixed(Space.dihedral(4));
      EquivariantSequential chain =
          EquivariantSequential.of(
              new InnerBatchNorm(type),
              new EquivariantLinear(type.representation(), type.representation()),
              new FieldNormNonlinearity(type));
      chain.to(WIDE);
      assertThat(chain.axes()).isEqualTo(Axes.PLANE);
      assertThat(chain.inFields()).contains(type);
      assertThat(Equivariance.check(chain, field(type)).relativeError()).isLessThan(1e-11);
    }
  }

  /** D_4 in the first part, C_4 in the second. */
  @Test
  void aNetworkLosesSymmetryInItsMiddle() {
    try (PointerScope scope = new PointerScope()) {
      FieldType large = Space.dihedral(4).type(Space.dihedral(4).regularField(), 2);
      Restricted first = new Restricted(new InnerBatchNorm(large), Space.cyclic(4));
      FieldType small = first.outFields().orElseThrow();
      Disentangle apart = new Disentangle(small);
      FieldType regular = Space.cyclic(4).type(Space.cyclic(4).regularField(), 4);
      assertThat(apart.outFields()).contains(regular);
      EquivariantSequential network =
          EquivariantSequential.of(first, apart, new GroupPooling(regular));
      network.to(WIDE);
      assertThat(Equivariance.check(network, field(small)).relativeError()).isLessThan(1e-12);
    }
  }

  @ParameterizedTest
  @MethodSource("types")
  void whatIsTakenApartActsAsTheFieldsDid(FieldType type) {
    FieldType restricted = type.restrict(FieldLayers.smaller(type.space()));
    Disentangling parts = Disentangling.of(restricted);
    for (Element g : elements(restricted)) {
      double[] whole = restricted.representation().at(g).toArray();
      double[] apart = parts.out().representation().at(g).toArray();
      int n = type.size();
      for (int i = 0; i < n; i++) {
        for (int j = 0; j < n; j++) {
          assertThat(apart[i * n + j])
              .isCloseTo(whole[parts.order().get(i) * n + parts.order().get(j)], within(1e-12));
        }
      }
    }
  }

  @Test
  void restrictedFieldsActAsTheElementsThatMovePointsAlike() {
    Space whole = Space.o2(0.4);
    Space smaller = Space.dihedral(3, 0.4);
    FieldType type = whole.type(whole.irrepField(1, 2), whole.irrepField(1, 0));
    FieldType restricted = type.restrict(smaller);
    FiniteGroup group = (FiniteGroup) smaller.group();
    for (int g = 0; g < group.order(); g++) {
      Element image = new Orthogonal2(2 * Math.PI * (g % 3) / 3, g >= 3);
      assertThat(restricted.representation().at(group.element(g)).toArray())
          .containsExactly(type.representation().at(image).toArray(), within(1e-12));
    }
  }

  @Test
  void aGroupThatDoesNotLieInTheOtherIsRefused() {
    FieldType type = mixed(Space.cyclic(4));
    assertThatThrownBy(() -> type.restrict(Space.cyclic(3)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("C3 on R^2 is no group inside C4 on R^2");
    assertThatThrownBy(() -> type.restrict(Space.flip()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("no group inside");
    assertThatThrownBy(() -> type.restrict(Space.trivialSpace()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("the dimensions differ");
    assertThatThrownBy(() -> type.restrict(Space.so2()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("more elements");
  }

  /** Half a turn and a mirror are both of order 2: the groups are equal, the spaces are not. */
  @Test
  void fieldsOfDifferentSpacesAreRefused() {
    FieldType turns = mixed(Space.cyclic(2));
    FieldType mirrors = mixed(Space.flip());
    assertThatThrownBy(
            () -> EquivariantSequential.of(new InnerBatchNorm(turns), new InnerBatchNorm(mirrors)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("field types must live on one space");
    assertThatThrownBy(() -> Branches.split(new InnerBatchNorm(turns), new InnerBatchNorm(mirrors)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("field types must live on one space");
  }

  @Test
  void branchesThatDoNotFitAreRefused() {
    FieldType type = mixed(Space.cyclic(4));
    assertThatThrownBy(() -> Branches.sum(new InnerBatchNorm(type), new NormPooling(type)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("outputs of the branches must transform alike");
    assertThatThrownBy(Branches::sum)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("at least one layer");
  }

  @Test
  void fieldsThatAreNotPermutedHaveNoMaximum() {
    FieldType type = Space.so2().type(Space.so2().irrepField(1));
    assertThatThrownBy(() -> new GroupPooling(type))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("the largest channel breaks the symmetry of the field irrep_1")
        .hasMessageContaining("use NormPooling");
    assertThatThrownBy(() -> new MaxPooling(type, Window.of(2)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("use NormMaxPooling");
    assertThatThrownBy(() -> new PointwiseDropout(type, 0.5))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("use FieldDropout");
  }

  @Test
  void samplesBelowTheFrequenciesAreRefused() {
    Space space = Space.so2();
    List<Irrep> irreps = List.of(space.group().irrep(0), space.group().irrep(3));
    assertThatThrownBy(
            () ->
                FourierPointwise.onGroup(
                    space,
                    2,
                    irreps,
                    SamplePoints.turns(CompactGroup.SO2, 6),
                    Activation.RELU,
                    WIDE))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("6 samples do not tell the 3 coefficients")
        .hasMessageContaining("take more samples, or lower frequencies");
  }

  /** With all irreps of the cosets the function is applied to the values on them, exactly. */
  @ParameterizedTest
  @ValueSource(strings = {"C4", "D4", "D6", "Tetrahedral"})
  void functionsOnCosetsAreMappedPointByPoint(String name) {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      FiniteGroup group = FiniteGroup.named(name);
      Space space =
          name.equals("Tetrahedral")
              ? Space.of(FiniteEmbedding.standard(group, CompactGroup.SO3))
              : name.startsWith("C") ? Space.cyclic(4) : Space.dihedral(group.order() / 2);
      for (Subgroup subgroup : group.subgroups()) {
        Representation cosets = Representation.quotient(subgroup);
        List<Irrep> irreps = new ArrayList<>(new LinkedHashSet<>(cosets.irreps()));
        FourierPointwise layer =
            FourierPointwise.onCosets(
                space, 1, subgroup, irreps, SamplePoints.cosets(subgroup), Activation.ELU, WIDE);
        assertThat(layer.in().size()).as("%s", subgroup).isEqualTo(cosets.size());
        long[] shape = new long[2 + space.dimension()];
        Arrays.fill(shape, 1);
        shape[1] = cosets.size();
        Tensor x = random(WIDE, shape);
        Tensor y = layer.forward(x);
        for (Element g : group.elements()) {
          Tensor turn = Tensors.of(WIDE, layer.in().at(g));
          Tensor moved = layer.forward(turn.matmul(x.flatten()).view(shape));
          assertThat(distance(moved.flatten(), turn.matmul(y.flatten()))).isLessThan(1e-6);
        }
        Tensor sampling = Objects.requireNonNull(layer.stateDict().get("A"));
        Tensor values = sampling.matmul(x.flatten());
        Tensor mapped = Objects.requireNonNull(layer.stateDict().get("A")).matmul(y.flatten());
        assertThat(distance(Activation.ELU.apply(values), mapped)).isLessThan(1e-6);
      }
    }
  }

  @Test
  void irrepsWithoutFunctionsOnTheCosetsAreRefused() {
    Space space = Space.dihedral(4);
    Subgroup all = ((FiniteGroup) space.group()).subgroupWhere(g -> true);
    assertThatThrownBy(
            () ->
                FourierPointwise.onCosets(
                    space,
                    1,
                    all,
                    List.of(space.group().irrep(1, 1)),
                    SamplePoints.cosets(all),
                    Activation.RELU,
                    WIDE))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("has no vector that")
        .hasMessageContaining("leave it out");
  }

  @Test
  void theSphereNeedsRotationsOfSpace() {
    assertThatThrownBy(
            () ->
                FourierPointwise.onSphere(
                    Space.so2(),
                    1,
                    List.of(0),
                    SamplePoints.of(List.of(Orthogonal2.IDENTITY)),
                    Activation.RELU,
                    WIDE))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("the sphere needs SO(3) or O(3)");
  }

  /** The more samples, the nearer to equivariance. */
  @Test
  void samplesOfTheSphereConverge() {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      assertThat(sphereDefect(8)).isGreaterThan(2 * sphereDefect(24)).isLessThan(0.2);
    }
  }

  private static double sphereDefect(int exactness) {
    SamplePoints samples = SamplePoints.of(Quadrature.sphere(exactness));
    FourierPointwise layer =
        FourierPointwise.onSphere(Space.so3(), 1, List.of(0, 1, 2), samples, Activation.ELU, WIDE);
    FieldType type = layer.inFields().orElseThrow();
    Tensor x = field(type);
    Tensor y = layer.forward(x);
    return elements(type).stream()
        .mapToDouble(g -> distance(layer.forward(onChannels(type, g, x)), onChannels(type, g, y)))
        .max()
        .orElseThrow();
  }

  @Test
  void gatesMustBeTrivialAndOneForEachField() {
    Space space = Space.cyclic(4);
    FieldType type = space.type(space.regularField(), 2);
    assertThatThrownBy(() -> FieldGate.halves(type))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("a gate must be one of the trivial fields, got field 0");
    FieldType gated = FieldGate.withGates(type);
    assertThatThrownBy(() -> new FieldGate(gated, List.of(0), true, OptionalLong.empty(), WIDE))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(
            "every gated field needs a gate of its own, got 1 gates for 3 fields");
  }

  @Test
  void squashHasNoBias() {
    assertThatThrownBy(
            () ->
                new FieldNormNonlinearity(
                    mixed(Space.cyclic(4)), FieldNormNonlinearity.Function.SQUASH, true, WIDE))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("squash has no bias");
  }

  @Test
  void fieldsOfOneNameMustBeOfOneKind() {
    Space space = Space.cyclic(4);
    FieldType type = space.type(space.regularField(), space.trivialField().named("regular"));
    assertThatThrownBy(() -> new FieldNorm(type))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("two fields are called 'regular' and differ");
  }

  @Test
  void inputsMustBeFieldsOnAGrid() {
    FieldType type = mixed(Space.cyclic(4));
    int size = type.size();
    assertThatThrownBy(() -> new InnerBatchNorm(type).forward(random(Dtype.FLOAT32, 2, 5, 5, size)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("input must be [batch, in.size(), height, width]");
    assertThatThrownBy(() -> new Mask(type, 7, 0).forward(random(Dtype.FLOAT32, 2, size, 5, 5)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("the mask is for grids of 7 cells a side");
    assertThatThrownBy(
            () ->
                new AveragePooling(type, Window.of(6))
                    .forward(random(Dtype.FLOAT32, 2, size, 5, 5)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("a window of side 6 does not fit the grid [5, 5]");
    assertThatThrownBy(
            () ->
                new GaussianPooling(type, 2, 1, 0, Dtype.FLOAT32)
                    .forward(random(Dtype.FLOAT32, 2, size, 5, 5)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("a filter of side 13 does not fit a grid of side 5");
  }

  @Test
  void oneValueHasNoVariance() {
    FieldType type = mixed(Space.cyclic(4));
    assertThatThrownBy(
            () -> new InnerBatchNorm(type).forward(random(Dtype.FLOAT32, 1, type.size(), 1, 1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("a variance needs at least 2");
  }

  @Test
  void numbersOutOfRangeAreRefused() {
    FieldType type = mixed(Space.cyclic(4));
    assertThatThrownBy(() -> Window.of(0)).hasMessageContaining("at least 1, got 0");
    assertThatThrownBy(() -> Window.of(2).withStride(0)).hasMessageContaining("at least 1, got 0");
    assertThatThrownBy(() -> Window.of(3).withPadding(2)).hasMessageContaining("between 0 and 1");
    assertThatThrownBy(() -> new GaussianPooling(type, 0, 2)).hasMessageContaining("positive");
    assertThatThrownBy(() -> new GaussianPooling(type, 1e9, 2)).hasMessageContaining("at most 255");
    assertThatThrownBy(() -> new GaussianPooling(type, 1, 0)).hasMessageContaining("stride");
    assertThatThrownBy(() -> new Upsampling(type, 0)).hasMessageContaining("at least 1, got 0");
    assertThatThrownBy(() -> new Upsampling(type, 2, Upsampling.Mode.NEAREST, true))
        .hasMessageContaining("corners are aligned in linear mode only");
    assertThatThrownBy(() -> new Mask(type, 5, 101)).hasMessageContaining("0 to 100 percent");
    assertThatThrownBy(() -> new Mask(type, 0, 0)).hasMessageContaining("cells a side");
    assertThatThrownBy(() -> new FieldDropout(type, 1)).hasMessageContaining("got 1");
  }

  /** Whole fields at all places; what is drawn does not depend on the place. */
  @Test
  void fieldDropoutKeepsOrDropsAFieldEverywhere() {
    try (PointerScope scope = new PointerScope()) {
      FieldType type = mixed(Space.cyclic(4));
      Tensor x = torch.ones(50, type.size(), 3, 3);
      torch.manual_seed(3);
      Tensor y = new FieldDropout(type, 0.25).forward(x);
      Tensor ofField = y.narrow(1, 0, 4).flatten(1, -1);
      assertThat(distance(ofField.amax(new long[] {1}, false), ofField.amin(new long[] {1}, false)))
          .isZero();
      assertThat(y.mean().item().toDouble()).isCloseTo(1, within(0.15));
      assertThat(y.max().item().toDouble()).isCloseTo(4 / 3.0, within(1e-6));
    }
  }

  @Test
  void pointwiseDropoutIsTheIdentityInEvaluation() {
    try (PointerScope scope = new PointerScope()) {
      FieldType type = Space.cyclic(4).type(Space.cyclic(4).regularField());
      PointwiseDropout layer = new PointwiseDropout(type, 0.5);
      Tensor x = torch.ones(20, 4, 5, 5);
      torch.manual_seed(3);
      Tensor y = layer.forward(x);
      assertThat(y.mean().item().toDouble()).isCloseTo(1, within(0.1));
      assertThat(y.eq(new Scalar(0)).sum().item().toDouble()).isBetween(900.0, 1100.0);
      layer.eval();
      assertThat(distance(layer.forward(x), x)).isZero();
    }
  }

  /** Names as escnn writes them, so that its state dicts load. */
  @Test
  void namesAreThoseOfTheReference() {
    Space space = Space.cyclic(4);
    FieldType type = space.type(space.regularField(), space.trivialField(), space.regularField());
    assertThat(new InnerBatchNorm(type).stateDict().keySet())
        .containsExactlyInAnyOrderElementsOf(
            Stream.of("1", "4")
                .flatMap(
                    s ->
                        Stream.of(
                            "indices_" + s,
                            "batch_norm_[" + s + "].weight",
                            "batch_norm_[" + s + "].bias",
                            "batch_norm_[" + s + "].running_mean",
                            "batch_norm_[" + s + "].running_var",
                            "batch_norm_[" + s + "].num_batches_tracked"))
                .toList());
    assertThat(new FieldNormNonlinearity(type).stateDict().keySet())
        .isEqualTo(Set.of("log_bias", "eps", "indices_1", "indices_4"));
    assertThat(new GroupPooling(type).stateDict().keySet())
        .isEqualTo(Set.of("in_indices_1", "in_indices_4", "out_indices_1", "out_indices_4"));
    assertThat(new NormMaxPooling(type, Window.of(2)).stateDict().keySet())
        .isEqualTo(Set.of("indices_1", "indices_4"));
    assertThat(new Mask(type, 5, 0).stateDict().keySet()).isEqualTo(Set.of("mask"));
  }
}
