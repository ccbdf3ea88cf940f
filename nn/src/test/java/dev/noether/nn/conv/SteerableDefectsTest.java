package dev.noether.nn.conv;

import static dev.noether.Fixtures.builtAgain;
import static dev.noether.Fixtures.distance;
import static dev.noether.Fixtures.random;
import static org.assertj.core.api.Assertions.assertThat;

import dev.noether.algebra.Matrix;
import dev.noether.grid.FieldAction;
import dev.noether.group.Element;
import dev.noether.group.Groups;
import dev.noether.kernel.Field;
import dev.noether.kernel.FieldType;
import dev.noether.kernel.Space;
import dev.noether.nn.Equivariance;
import dev.noether.nn.EquivariantLayer;
import dev.noether.plain.Border;
import dev.noether.plain.EagerGraph;
import dev.noether.rep.Representation;
import dev.noether.torch.Dtype;
import dev.noether.torch.LibTorch;
import dev.noether.torch.Tensors;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Where the Python package is wrong about convolutions: each defect has its test here. */
class SteerableDefectsTest {
  private static final SteerableOptions SMALL =
      SteerableOptions.kernel(3).withPadding(1).with(Dtype.FLOAT64).withSeed(1);

  @BeforeAll
  static void load() {
    LibTorch.load();
  }

  /** The file of the state dict: in Python names and shapes depend on the mode. */
  @Test
  void r2StateDictsAreTheSameInBothModes() {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      Space space = Space.cyclic(4);
      FieldType fields = space.type(space.regularField());
      SteerableConv2d layer = new SteerableConv2d(fields, fields, SMALL);
      Map<String, Tensor> training = layer.stateDict();
      layer.eval();
      layer.weight();
      assertThat(layer.stateDict().keySet()).isEqualTo(training.keySet());
    }
  }

  /** Written in evaluation, in place, by a load, or by an average of weights: never stale. */
  @Test
  void r2WeightsWrittenInEvaluationAreSeen() {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      Space space = Space.cyclic(4);
      FieldType fields = space.type(space.regularField());
      SteerableConv2d layer = new SteerableConv2d(fields, fields, SMALL);
      SteerableConv2d other = new SteerableConv2d(fields, fields, SMALL.withSeed(2));
      Tensor x = random(Dtype.FLOAT64, 1, 4, 5, 5);
      layer.eval();
      Tensor before = layer.forward(x).clone();
      layer.weights().mul_(new Scalar(2.0));
      assertThat(distance(layer.forward(x), before.mul(new Scalar(2.0)))).isLessThan(1e-14);
      layer.load(other.stateDict());
      assertThat(distance(layer.forward(x), other.forward(x))).isZero();
    }
  }

  @Test
  void r3AMoveOfOneLayerLeavesTheOthersAlone() {
    try (PointerScope scope = new PointerScope()) {
      Space space = Space.cyclic(8);
      FieldType fields = space.type(space.regularField());
      SteerableOptions options = SMALL.with(Dtype.FLOAT32);
      SteerableConv2d one = new SteerableConv2d(fields, fields, options);
      SteerableConv2d two = new SteerableConv2d(fields, fields, options);
      Tensor x = random(Dtype.FLOAT32, 1, 8, 5, 5);
      Tensor before = two.forward(x);
      one.to(Dtype.FLOAT64);
      assertThat(distance(two.forward(x), before)).isZero();
    }
  }

  /** Two axes of reflection in one process have two bases. */
  @Test
  void r4AnotherAxisOfReflectionHasAnotherBasis() {
    for (double axis : new double[] {Math.PI / 2, 0, Math.PI / 4}) {
      try (PointerScope scope = new PointerScope();
          NoGradGuard guard = new NoGradGuard()) {
        for (Space space : List.of(Space.o2(axis), Space.dihedral(4, axis))) {
          FieldType fields = space.type(space.irrepField(1, 1), space.irrepField(1, 0));
          SteerableConv2d layer = new SteerableConv2d(fields, fields, SMALL);
          Tensor x = random(Dtype.FLOAT64, 1, 3, 5, 5);
          assertThat(Equivariance.check(layer, x).relativeError()).isLessThan(1e-12);
        }
      }
    }
  }

  /** Fields of one name and other matrices have bases of their own. */
  @Test
  void r5TwoFieldsOfOneNameHaveTwoBases() {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      Space space = Space.cyclic(4);
      Representation regular = Representation.regular(Groups.cyclic(4));
      Matrix swap = Matrix.of(4, 4, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1);
      Field one = new Field("mine", regular);
      Field two = new Field("mine", regular.changeBasis(swap.times(regular.changeOfBasis())));
      FieldType fields = space.type(one, two, one);
      SteerableConv2d layer = new SteerableConv2d(fields, fields, SMALL);
      assertThat(layer.expansion().pairs()).hasSize(4);
      Tensor x = random(Dtype.FLOAT64, 1, 12, 5, 5);
      assertThat(Equivariance.check(layer, x).relativeError()).isLessThan(1e-12);
    }
  }

  /** What is kept in evaluation holds no graph, so that gradients and copies go on. */
  @Test
  void r6AnEvaluatedLayerIsCopiedAndGivesGradientsAgain() {
    try (PointerScope scope = new PointerScope()) {
      Space space = Space.dihedral(4);
      FieldType fields = space.type(space.regularField());
      SteerableConv2d layer = new SteerableConv2d(fields, fields, SMALL);
      layer.eval();
      Tensor x = random(Dtype.FLOAT64, 1, 8, 5, 5);
      for (int pass = 0; pass < 2; pass++) {
        layer.zeroGrad();
        layer.forward(x).sin().sum().backward();
        assertThat(layer.weights().grad().abs().max().item().toDouble()).isPositive();
      }
      EquivariantLayer copy = (EquivariantLayer) builtAgain(layer);
      assertThat(distance(copy.forward(x), layer.forward(x))).isLessThan(1e-14);
      copy.eval();
      assertThat(distance(copy.forward(x), layer.forward(x))).isZero();
      assertThat(distance(layer.copy().forward(x), layer.forward(x))).isZero();
    }
  }

  /** Turned places are float64: a smooth blob keeps its shape however large the image. */
  @ParameterizedTest
  @CsvSource({"65, 1.2e-2", "257, 3e-3", "1025, 8e-4"})
  void r10PlacesOfInterpolatedImagesAreDoubles(int size, double tolerance) {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      Space space = Space.cyclic(8);
      FieldType grey = space.type(space.trivialField());
      Element eighth = Groups.cyclic(8).element(1);
      Tensor turned = FieldAction.turn(grey, eighth, blob(size, size / 8.0, 0));
      double c = Math.sqrt(0.5);
      Tensor expected = blob(size, c * size / 8.0, c * size / 8.0);
      assertThat(distance(turned, expected)).isLessThan(tolerance);
    }
  }

  /** A round bump at (x, y) from the centre, y up, a sixteenth of the image wide. */
  private static Tensor blob(int size, double x, double y) {
    double[] values = new double[size * size];
    double centre = (size - 1) / 2.0;
    double width = size / 16.0;
    for (int row = 0; row < size; row++) {
      for (int column = 0; column < size; column++) {
        double dx = column - centre - x;
        double dy = centre - row - y;
        values[row * size + column] = Math.exp(-(dx * dx + dy * dy) / (2 * width * width));
      }
    }
    return Tensors.of(Dtype.FLOAT64, values, 1, 1, size, size);
  }

  /** Quarter turns are exact; what is between them is told as what it is. */
  @Test
  void r11DiscretizationIsToldElementByElement() {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      Space space = Space.cyclic(8);
      SteerableConv2d layer =
          new SteerableConv2d(
              space.type(space.trivialField()),
              space.type(space.regularField()),
              SMALL.withPadding(2).with(Dtype.FLOAT64));
      for (Equivariance.Turned turned : Equivariance.checkTurned(layer, blob(33, 3, 1))) {
        if (turned.exact()) {
          assertThat(turned.relativeError()).isLessThan(1e-12);
        } else {
          assertThat(turned.relativeError()).isBetween(1e-5, 0.05);
        }
      }
    }
  }

  @Test
  void r14PlainFormsKeepThePaddingAndTheOutputPadding() {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      Space space = Space.cyclic(4);
      FieldType fields = space.type(space.regularField());
      Tensor x = random(Dtype.FLOAT64, 1, 4, 6, 6);
      SteerableConv2d torus = new SteerableConv2d(fields, fields, SMALL.with(Border.CIRCULAR));
      assertThat(distance(torus.plain(new EagerGraph(x), x), torus.forward(x))).isZero();
      SteerableOptions larger = SMALL.with(SMALL.geometry().withStride(2).withOutputPadding(1));
      SteerableConvTranspose2d up = new SteerableConvTranspose2d(fields, fields, larger);
      assertThat(Tensors.shape(up.plain(new EagerGraph(x), x))).containsExactly(1, 4, 12, 12);
      assertThat(up.outputSize(6)).isEqualTo(12);
    }
  }

  @Test
  void r16DoublesStayDoubles() {
    try (PointerScope scope = new PointerScope()) {
      Space space = Space.so2();
      FieldType fields = space.type(space.irrepField(1));
      SteerableConv2d layer = new SteerableConv2d(fields, fields, SMALL);
      Tensor y = layer.forward(random(Dtype.FLOAT64, 1, 2, 5, 5));
      assertThat(Tensors.dtypeName(y)).isEqualTo("float64");
    }
  }
}
