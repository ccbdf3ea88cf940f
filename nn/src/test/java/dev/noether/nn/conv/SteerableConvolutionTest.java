package dev.noether.nn.conv;

import static dev.noether.Fixtures.distance;
import static dev.noether.Fixtures.random;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.noether.group.FiniteGroup;
import dev.noether.kernel.Field;
import dev.noether.kernel.FieldType;
import dev.noether.kernel.FrequencyCutoff;
import dev.noether.kernel.Rings;
import dev.noether.kernel.Space;
import dev.noether.nn.Equivariance;
import dev.noether.nn.EquivariantSequential;
import dev.noether.nn.LayerRegistry;
import dev.noether.plain.Border;
import dev.noether.plain.ConvolutionOptions;
import dev.noether.plain.DenseConvolution;
import dev.noether.plain.EagerGraph;
import dev.noether.torch.Dtype;
import dev.noether.torch.LibTorch;
import dev.noether.torch.Tensors;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Convolutions that commute with the group of the plane or of space. */
class SteerableConvolutionTest {
  private static final SteerableOptions SMALL =
      SteerableOptions.kernel(3).withPadding(1).with(Dtype.FLOAT64).withSeed(1);

  @BeforeAll
  static void load() {
    LibTorch.load();
  }

  private static SteerableConvolution layer(FieldType in, FieldType out, SteerableOptions options) {
    return in.space().dimension() == 2
        ? new SteerableConv2d(in, out, options)
        : new SteerableConv3d(in, out, options);
  }

  /** Fields on spaces with quarter turns or mirrors, in and out. */
  static Stream<List<FieldType>> fields() {
    Space c4 = Space.cyclic(4);
    Space c8 = Space.cyclic(8);
    Space d4 = Space.dihedral(4);
    Space mirror = Space.flip(0);
    Space so2 = Space.so2();
    Space o2 = Space.o2();
    Space octahedral = Space.octahedral();
    Space cube = Space.fullOctahedral();
    Space so3 = Space.so3();
    Space o3 = Space.o3();
    return Stream.of(
        List.of(c4.type(c4.trivialField(), 2), c4.type(c4.regularField(), 2)),
        List.of(
            c4.type(c4.regularField(), c4.irrepField(1), c4.regularField(), c4.irrepField(2)),
            c4.type(c4.irrepField(1), c4.trivialField(), c4.irrepField(1), c4.regularField())),
        List.of(c8.type(c8.regularField()), c8.type(c8.irrepField(3), c8.irrepField(1))),
        List.of(d4.type(d4.regularField()), d4.type(d4.irrepField(1, 1), d4.regularField())),
        List.of(mirror.type(mirror.regularField()), mirror.type(mirror.irrepField(1))),
        List.of(
            so2.type(so2.irrepField(0), so2.irrepField(1)),
            so2.type(so2.irrepField(2), so2.irrepField(1))),
        List.of(
            o2.type(o2.irrepField(0, 0), o2.irrepField(1, 1)),
            o2.type(o2.irrepField(1, 2), o2.irrepField(1, 0))),
        List.of(
            octahedral.type(octahedral.trivialField()), octahedral.type(octahedral.regularField())),
        List.of(cube.type(cube.irrepField(0, 1)), cube.type(cube.irrepField(1, 1))),
        List.of(
            so3.type(so3.irrepField(0), so3.irrepField(1)),
            so3.type(so3.irrepField(2), so3.irrepField(1))),
        List.of(o3.type(o3.irrepField(1, 1)), o3.type(o3.irrepField(0, 2), o3.irrepField(0, 0))));
  }

  private static Tensor grid(FieldType type, int side) {
    return type.space().dimension() == 2
        ? random(Dtype.FLOAT64, 2, type.size(), side, side)
        : random(Dtype.FLOAT64, 1, type.size(), side, side, side);
  }

  @ParameterizedTest
  @MethodSource("fields")
  void commutesWithAllQuarterTurnsAndMirrors(List<FieldType> ends) {
    for (SteerableOptions options :
        List.of(
            SMALL,
            SMALL.withStride(2),
            SMALL.withDilation(2).with(Border.REFLECT),
            SMALL.with(Border.CIRCULAR),
            SMALL.with(Border.REPLICATE).withoutBias())) {
      try (PointerScope scope = new PointerScope();
          NoGradGuard guard = new NoGradGuard()) {
        SteerableConvolution layer = layer(ends.get(0), ends.get(1), options);
        layer
            .namedParameters()
            .values()
            .forEach(p -> p.copy_(random(Dtype.FLOAT64, Tensors.shape(p))));
        Equivariance.Report report =
            Equivariance.check(
                layer, grid(ends.get(0), ends.get(0).space().dimension() == 2 ? 7 : 5));
        assertThat(report.relativeError()).as("%s", layer).isLessThan(1e-12);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("fields")
  void transposedConvolutionsCommuteToo(List<FieldType> ends) {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      FieldType in = ends.get(0);
      FieldType out = ends.get(1);
      SteerableOptions options = SMALL.withStride(2);
      SteerableConvolution layer =
          in.space().dimension() == 2
              ? new SteerableConvTranspose2d(in, out, options)
              : new SteerableConvTranspose3d(in, out, options);
      layer
          .namedParameters()
          .values()
          .forEach(p -> p.copy_(random(Dtype.FLOAT64, Tensors.shape(p))));
      Equivariance.Report report = Equivariance.check(layer, grid(in, 4));
      assertThat(report.relativeError()).as("%s", layer).isLessThan(1e-12);
    }
  }

  static Stream<SteerableConvolution> layersOfOneField() {
    Space c8 = Space.cyclic(8);
    Space octahedral = Space.octahedral();
    FieldType plane = c8.type(c8.regularField(), 2);
    FieldType irreps = c8.type(c8.irrepField(1), 8);
    FieldType space = octahedral.type(octahedral.irrepField(1), 16);
    SteerableOptions five = SMALL.withPadding(2).withSeed(2);
    return Stream.of(
        new SteerableConv2d(plane, plane, five),
        new SteerableConv2d(plane, irreps, five.withStride(2)),
        new SteerableConv2d(irreps, plane, five.with(Border.CIRCULAR).withoutBias()),
        new SteerableConv2d(plane, plane, five.withDilation(2).with(Border.REFLECT)),
        new SteerableConvTranspose2d(plane, irreps, SMALL.withStride(2)),
        new SteerableConv3d(space, space, SMALL));
  }

  @ParameterizedTest
  @MethodSource("layersOfOneField")
  void fewSmallImagesTrainAsWithTheDenseKernel(SteerableConvolution layer) {
    try (PointerScope scope = new PointerScope()) {
      int side = layer.inType().space().dimension() == 2 ? 4 : 3;
      Tensor x = grid(layer.inType(), side).set_requires_grad(true);
      assertThat(layer.trainsWithoutDense(x)).isTrue();
      assertThat(layer.trainsWithoutDense(grid(layer.inType(), 5 * side))).isFalse();
      Tensor own = layer.forward(x);
      Tensor target = random(Dtype.FLOAT64, Tensors.shape(own));
      Tensor dense =
          DenseConvolution.apply(
              x,
              layer.weight(),
              layer.bias(),
              layer.options().geometry(),
              layer instanceof SteerableConvTranspose2d);
      assertThat(distance(own, dense)).isLessThan(1e-12);
      assertThat(distance(gradient(own, target, x), gradient(dense, target, x))).isLessThan(1e-12);
      Tensor weights = layer.weights();
      assertThat(distance(gradient(own, target, weights), gradient(dense, target, weights)))
          .isLessThan(1e-12);
      layer.to(Dtype.FLOAT32);
      Tensor narrow = x.detach().to(torch.ScalarType.Float);
      assertThat(distance(layer.forward(narrow), own.to(torch.ScalarType.Float))).isLessThan(1e-5);
      assertThat(distance(layer.forward(narrow.select(0, 0)), layer.forward(narrow).select(0, 0)))
          .isLessThan(1e-5);
    }
  }

  private static Tensor gradient(Tensor output, Tensor target, Tensor of) {
    TensorVector found =
        torch.grad(
            new TensorVector(output.mul(target).sum()),
            new TensorVector(of),
            new TensorVector(),
            new BoolOptional(true),
            false,
            false);
    return found.get(0);
  }

  /** Five layers on odd grids, with all elements of C4, D4 and the octahedral group. */
  @ParameterizedTest
  @MethodSource("fields")
  void fiveLayersOnAnOddGridCommuteWithAllOfTheGridsSymmetries(List<FieldType> ends) {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      FieldType in = ends.get(0);
      FieldType out = ends.get(1);
      EquivariantSequential net =
          EquivariantSequential.of(
              layer(in, out, SMALL),
              layer(out, in, SMALL.withStride(2)),
              layer(in, in, SMALL),
              layer(in, out, SMALL.with(Border.REPLICATE)),
              layer(out, out, SMALL));
      Equivariance.Report report =
          Equivariance.check(net, grid(in, in.space().dimension() == 2 ? 9 : 5));
      assertThat(report.relativeError()).isLessThan(1e-12);
    }
  }

  @Test
  void theKernelIsTheExpansionOfTheWeights() {
    fields()
        .forEach(
            ends -> {
              try (PointerScope scope = new PointerScope()) {
                SteerableConvolution layer = layer(ends.get(0), ends.get(1), SMALL);
                double[] weights = Tensors.toArray(layer.weights());
                assertThat(Tensors.toArray(layer.weight()))
                    .containsExactly(layer.expansion().expand(weights), within(1e-12));
              }
            });
  }

  /** A basis of 3 x 3 kernels lacks elements of high frequency that vanish on the grid. */
  @Test
  void elementsThatVanishOnTheGridHaveNoWeights() {
    try (PointerScope scope = new PointerScope()) {
      Space so2 = Space.so2();
      FieldType ends = so2.type(so2.irrepField(2), so2.irrepField(3));
      SteerableOptions options = SMALL.with(Rings.of(r -> 6, 0, 1));
      SteerableConvolution layer = new SteerableConv2d(ends, ends, options);
      double[] weights = Tensors.toArray(layer.weights());
      assertThat(Tensors.toArray(layer.weight()))
          .containsExactly(layer.expansion().expand(weights), within(1e-12));
      layer.weight().mul(random(Dtype.FLOAT64, Tensors.shape(layer.weight()))).sum().backward();
      assertThat(layer.weights().grad().abs().min().item().toDouble()).isPositive();
    }
  }

  /** More kernels than the smooth ones, as exact, and saved like them. */
  @ParameterizedTest
  @MethodSource("fieldsOfGroupsThatPermutePixels")
  void kernelsOfAllPixelsCommuteAndAreSavedToo(List<FieldType> ends) {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      SteerableConvolution layer = layer(ends.get(0), ends.get(1), SMALL.ofPixels());
      layer
          .namedParameters()
          .values()
          .forEach(p -> p.copy_(random(Dtype.FLOAT64, Tensors.shape(p))));
      Tensor x = grid(ends.get(0), 5);
      assertThat(Equivariance.check(layer, x).relativeError()).isLessThan(1e-12);
      assertThat(layer.weights().numel())
          .isGreaterThan(layer(ends.get(0), ends.get(1), SMALL).weights().numel());
      SteerableConvolution again =
          (SteerableConvolution)
              LayerRegistry.standard()
                  .build(LayerRegistry.standard().describe(layer).orElseThrow());
      again.load(layer.stateDict());
      assertThat(distance(again.forward(x), layer.forward(x))).isZero();
    }
  }

  @Test
  void kernelsAreOfRingsOrOfPixels() {
    SteerableOptions rings = SMALL.with(Rings.standard(2, 3, 1));
    assertThat(SMALL.ofPixels().with(Rings.standard(2, 3, 1)).pixels()).isFalse();
    assertThat(rings.ofPixels().rings()).isEmpty();
    assertThatThrownBy(
            () ->
                new SteerableOptions(
                    rings.geometry(),
                    rings.rings(),
                    true,
                    rings.filter(),
                    true,
                    false,
                    rings.seed(),
                    rings.dtype()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("kernels are those of rings or all of pixels, got both");
  }

  static Stream<List<FieldType>> fieldsOfGroupsThatPermutePixels() {
    return fields()
        .filter(ends -> !ends.get(0).space().equals(Space.cyclic(8)))
        .filter(ends -> ends.get(0).space().group() instanceof FiniteGroup);
  }

  @Test
  void groupsAreConvolutionsSideBySide() {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      Space space = Space.dihedral(4);
      Field regular = space.regularField();
      FieldType in = space.type(regular, 2);
      FieldType out = space.type(regular, 4);
      SteerableConv2d layer = new SteerableConv2d(in, out, SMALL.withGroups(2));
      Tensor x = random(Dtype.FLOAT64, 1, 16, 5, 5);
      assertThat(Equivariance.check(layer, x).relativeError()).isLessThan(1e-12);
      Tensor changed = x.clone();
      changed.narrow(1, 8, 8).zero_();
      Tensor difference = layer.forward(x).sub(layer.forward(changed)).abs();
      assertThat(difference.narrow(1, 0, 16).max().item().toDouble()).isZero();
      assertThat(difference.narrow(1, 16, 16).max().item().toDouble()).isPositive();
      SteerableConvTranspose2d back =
          new SteerableConvTranspose2d(out, in, SMALL.withGroups(2).withStride(2));
      assertThat(Tensors.shape(back.weight())).containsExactly(32, 8, 3, 3);
      Tensor y = random(Dtype.FLOAT64, 1, 32, 3, 3);
      assertThat(Equivariance.check(back, y).relativeError()).isLessThan(1e-12);
    }
  }

  @ParameterizedTest
  @EnumSource(Border.class)
  void plainFormsAndArchitecturesGiveTheSameFunction(Border mode) {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      Space space = Space.cyclic(4);
      FieldType ends = space.type(space.regularField(), space.irrepField(1), space.regularField());
      SteerableOptions options =
          SMALL
              .with(mode)
              .with(Rings.of(FrequencyCutoff.proportional(2), 0, 0.8).withWidths(0.3, 0.5))
              .where(element -> element.frequency() != 1);
      SteerableConv2d layer = new SteerableConv2d(ends, ends, options);
      Tensor x = grid(ends, 5);
      Tensor y = layer.forward(x);
      assertThat(distance(layer.plain(new EagerGraph(x), x), y)).isLessThan(1e-14);
      SteerableConv2d again =
          (SteerableConv2d)
              LayerRegistry.standard()
                  .build(LayerRegistry.standard().describe(layer).orElseThrow());
      again.load(layer.stateDict());
      assertThat(distance(again.forward(x), y)).isZero();
    }
  }

  /** Deviations are those of He and others: white noise of variance 1 keeps it. */
  @Test
  void firstWeightsKeepTheVariance() {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      Space space = Space.cyclic(8);
      FieldType ends = space.type(space.regularField(), 8);
      SteerableConv2d layer =
          new SteerableConv2d(ends, ends, SteerableOptions.kernel(5).withSeed(3).withPadding(2));
      Tensor x = org.bytedeco.pytorch.global.torch.randn(4, ends.size(), 16, 16);
      double variance = layer.forward(x).narrow(2, 3, 10).narrow(3, 3, 10).var().item().toDouble();
      assertThat(variance).isBetween(0.8, 1.2);
      SteerableConv2d twin =
          new SteerableConv2d(ends, ends, SteerableOptions.kernel(5).withSeed(3).withPadding(2));
      assertThat(distance(layer.weights(), twin.weights())).isZero();
    }
  }

  @ParameterizedTest
  @CsvSource({"27, true", "28, false", "29, true"})
  void defectR9StridesThatLeaveOneSideUncoveredAreTold(long size, boolean exact) {
    Space space = Space.cyclic(4);
    FieldType in = space.type(space.trivialField());
    SteerableConv2d layer = new SteerableConv2d(in, in, SMALL.withStride(2));
    assertThat(layer.exactness(size).holds()).isEqualTo(exact);
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      double error =
          Equivariance.check(layer, random(Dtype.FLOAT64, 1, 1, size, size)).relativeError();
      assertThat(error < 1e-12).isEqualTo(exact);
    }
    if (!exact) {
      assertThat(layer.exactness(size).toString())
          .contains("stride 2 leaves 1 of 28 cells")
          .contains("a size of 27 or 29 would be");
    }
  }

  @Test
  void inputsOnWhichAnExactLayerIsNotAreRefused() {
    Space space = Space.cyclic(4);
    FieldType in = space.type(space.trivialField());
    SteerableConv2d layer = new SteerableConv2d(in, in, SMALL.withStride(2).exactly());
    layer.forward(random(Dtype.FLOAT64, 1, 1, 7, 7));
    assertThatThrownBy(() -> layer.forward(random(Dtype.FLOAT64, 1, 1, 8, 8)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("was asked to be exact, got size 8")
        .hasMessageContaining("7 or 9");
    SteerableOptions uneven =
        SteerableOptions.of(
                ConvolutionOptions.kernel(3).withStride(2).withPadding(1).withOutputPadding(1))
            .exactly();
    assertThatThrownBy(() -> new SteerableConvTranspose2d(in, in, uneven))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("output padding must be 0, got 1");
  }

  @Test
  void defectR7KernelsOfEvenSizeAreRefusedWithTheReason() {
    Space space = Space.cyclic(4);
    FieldType in = space.type(space.regularField());
    assertThatThrownBy(() -> new SteerableConv2d(in, in, SteerableOptions.kernel(4)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("a cell in its centre")
        .hasMessageContaining("odd, got 4; take 3 or 5");
  }

  @Test
  void badInputIsToldAsEarlyAsItCanBeKnown() {
    Space c4 = Space.cyclic(4);
    Space octahedral = Space.octahedral();
    FieldType in = c4.type(c4.regularField(), 3);
    List<Refusal> refusals = new ArrayList<>();
    refusals.add(
        new Refusal(
            () ->
                new SteerableConv2d(
                    Space.cyclic(2).type(Space.cyclic(2).trivialField()),
                    Space.flip().type(Space.flip().trivialField()),
                    SMALL),
            "on C2 on R^2 and on C2 on R^2 by reflection"));
    refusals.add(
        new Refusal(
            () ->
                new SteerableConv2d(
                    octahedral.type(octahedral.trivialField()),
                    octahedral.type(octahedral.trivialField()),
                    SMALL),
            "SteerableConv2d works in 2 dimensions, got fields on Octahedral on R^3"));
    refusals.add(
        new Refusal(
            () -> new SteerableConv2d(in, in, SMALL.withGroups(2)),
            "2 groups must share the fields of in evenly, got 3 fields"));
    FieldType mixed = c4.type(c4.regularField(), c4.trivialField());
    refusals.add(
        new Refusal(
            () -> new SteerableConv2d(mixed, in, SMALL.withGroups(2)),
            "all 2 groups must have the same list of fields"));
    refusals.add(
        new Refusal(
            () ->
                new SteerableConv2d(
                    in, in, SteerableOptions.of(ConvolutionOptions.kernel(3).withOutputPadding(1))),
            "output padding belongs to transposed convolutions, got 1"));
    refusals.add(
        new Refusal(
            () -> new SteerableConvTranspose2d(in, in, SMALL.with(Border.CIRCULAR)),
            "a transposed convolution pads with zeros, got 'circular'"));
    refusals.add(
        new Refusal(
            () -> new SteerableConv2d(in, in, SMALL.with(Rings.of(r -> 1, 0, 3))),
            "rings must lie inside a kernel of size 3"));
    Space so2 = Space.so2();
    refusals.add(
        new Refusal(
            () ->
                new SteerableConv2d(
                    so2.type(so2.trivialField()),
                    so2.type(so2.irrepField(3)),
                    SMALL.with(Rings.of(r -> 2, 0, 1))),
            "the lowest frequency that leads there from SO(2) on R^2: irrep_0 is 3"));
    SteerableConv2d valid = new SteerableConv2d(in, in, SteerableOptions.kernel(5));
    refusals.add(
        new Refusal(
            () -> valid.forward(random(Dtype.FLOAT32, 1, 12, 4, 9)),
            "the kernel reaches over 5 cells, the padded input has 4"));
    refusals.add(
        new Refusal(
            () -> valid.forward(random(Dtype.FLOAT32, 1, 11, 7, 7)),
            "input must be [batch, in.size(), height, width] with in.size() = 12"));
    refusals.add(
        new Refusal(
            () -> Equivariance.check(valid, random(Dtype.FLOAT32, 1, 12, 7, 9)),
            "give images as wide as high"));
    for (Refusal refusal : refusals) {
      assertThatThrownBy(refusal.attempt::run)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining(refusal.message);
    }
  }

  /** What is tried, and what the answer says. */
  private record Refusal(Runnable attempt, String message) {}
}
