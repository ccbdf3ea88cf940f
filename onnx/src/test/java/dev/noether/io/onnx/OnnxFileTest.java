package dev.noether.io.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import dev.noether.Fixtures;
import dev.noether.algebra.Matrix;
import dev.noether.hom.BasisExpansion;
import dev.noether.io.FileContents;
import dev.noether.kernel.Space;
import dev.noether.models.EquivariantMlp;
import dev.noether.models.MlpOptions;
import dev.noether.nn.EquivariantLayer;
import dev.noether.nn.EquivariantSequential;
import dev.noether.nn.EveryLayerTest;
import dev.noether.nn.Layer;
import dev.noether.nn.activation.PointwiseNonlinearity;
import dev.noether.nn.attention.AttentionOptions;
import dev.noether.nn.attention.EquivariantMultiheadAttention;
import dev.noether.nn.conv.EquivariantConv1d;
import dev.noether.nn.conv.EquivariantConvTranspose1d;
import dev.noether.nn.conv.SteerableConv2d;
import dev.noether.nn.conv.SteerableConv3d;
import dev.noether.nn.conv.SteerableConvTranspose2d;
import dev.noether.nn.conv.SteerableConvTranspose3d;
import dev.noether.nn.conv.SteerableOptions;
import dev.noether.nn.linear.DenseOptions;
import dev.noether.nn.linear.EquivariantLinear;
import dev.noether.nn.linear.FieldLinear;
import dev.noether.nn.linear.FieldList;
import dev.noether.nn.linear.Linear;
import dev.noether.nn.linear.MapOptions;
import dev.noether.nn.norm.BatchStatisticsOptions;
import dev.noether.nn.norm.EquivariantBatchNorm1d;
import dev.noether.nn.norm.EquivariantRmsNorm;
import dev.noether.nn.pooling.InvariantPooling;
import dev.noether.plain.Activation;
import dev.noether.plain.Axes;
import dev.noether.plain.Border;
import dev.noether.plain.ConvolutionOptions;
import dev.noether.plain.PlainGraph;
import dev.noether.plain.PlainLayer;
import dev.noether.rep.Representation;
import dev.noether.torch.Dtype;
import dev.noether.torch.LibTorch;
import dev.noether.torch.Tensors;
import java.io.IOException;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Exported models under onnxruntime. */
class OnnxFileTest {
  @TempDir private Path folder;

  @BeforeAll
  static void load() {
    LibTorch.load();
  }

  private static double[] execute(Path file, Dtype dtype, double[] values, long[] shape)
      throws OrtException {
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    float[] narrow = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      narrow[i] = (float) values[i];
    }
    try (OrtSession session = environment.createSession(file.toString());
        OnnxTensor input =
            dtype == Dtype.FLOAT64
                ? OnnxTensor.createTensor(environment, DoubleBuffer.wrap(values), shape)
                : OnnxTensor.createTensor(environment, FloatBuffer.wrap(narrow), shape);
        OrtSession.Result result = session.run(Map.of("input", input))) {
      OnnxTensor output = (OnnxTensor) result.get(0);
      if (dtype == Dtype.FLOAT64) {
        double[] found = new double[output.getDoubleBuffer().remaining()];
        output.getDoubleBuffer().get(found);
        return found;
      }
      FloatBuffer buffer = output.getFloatBuffer();
      double[] found = new double[buffer.remaining()];
      for (int i = 0; i < found.length; i++) {
        found[i] = buffer.get(i);
      }
      return found;
    }
  }

  /** Entries that are equal along orbits are equal when they are rounded. */
  @Test
  void int8BetweenPermutationsStaysEquivariant() throws IOException, OrtException {
    Representation rho = Representation.parse("D4: 3 x regular");
    EquivariantMlp model =
        new EquivariantMlp(rho, rho, MlpOptions.hidden(48, 48), MapOptions.defaults().withSeed(1));
    Path whole = folder.resolve("whole.onnx");
    Path small = folder.resolve("small.onnx");
    OnnxFile.write(model, whole);
    OnnxFile.writeInt8(model, small);
    assertThat(Files.size(small)).isLessThan(Files.size(whole) / 2);
    double[] x = new Random(1).doubles(rho.size(), -1, 1).toArray();
    long[] shape = {1, rho.size()};
    double[] y = execute(small, Dtype.FLOAT32, x, shape);
    double size = Arrays.stream(y).map(Math::abs).max().orElseThrow();
    for (int g : rho.finiteGroup().generators()) {
      Matrix move = rho.at(rho.finiteGroup().element(g));
      double[] moved = execute(small, Dtype.FLOAT32, moved(move, x), shape);
      assertThat(moved).containsExactly(moved(move, y), within(1e-6 * size));
    }
    double[] wanted = execute(whole, Dtype.FLOAT32, x, shape);
    assertThat(y).containsExactly(wanted, within(0.05 * size));
    assertThat(y).isNotEqualTo(wanted);
  }

  private static double[] moved(Matrix matrix, double[] x) {
    return matrix.times(Matrix.of(x.length, 1, x)).toArray();
  }

  @Test
  void int8IsForFloat32() {
    Representation rho = Representation.parse("C2: regular");
    EquivariantLinear wide =
        new EquivariantLinear(rho, rho, MapOptions.defaults().with(Dtype.FLOAT64));
    assertThatThrownBy(() -> OnnxFile.writeInt8(wide, folder.resolve("wide.onnx")))
        .hasMessageContaining("int8 goes with float32");
  }

  private <L extends EquivariantLayer> void assertSameUnderOnnx(L model, Dtype dtype)
      throws IOException, OrtException {
    Path file = folder.resolve("model.onnx");
    OnnxFile.write((PlainLayer) model, file);
    Layer layer = (Layer) model;
    layer.eval();
    boolean time = model.axes() == Axes.CHANNELS;
    boolean attends =
        layer.namedLayers().values().stream()
            .anyMatch(EquivariantMultiheadAttention.class::isInstance);
    // onnxruntime folds the scale of attention into a product, as a float32 attribute; the error
    // function of GELU is computed in float32.
    boolean narrowed = attends || layer.toString().contains("gelu");
    double tolerance = dtype == Dtype.FLOAT32 ? 1e-5 : narrowed ? 1e-6 : 1e-12;
    for (int batch : new int[] {1, 64}) {
      int size = model.in().size();
      int steps = batch == 1 ? 6 : 9;
      long[] shape =
          time
              ? new long[] {batch, size, steps}
              : attends ? new long[] {batch, steps, size} : new long[] {batch, size};
      int count = (int) Arrays.stream(shape).reduce(1, (a, b) -> a * b);
      double[] values = new Random(batch).doubles(count, -1, 1).toArray();
      try (PointerScope scope = new PointerScope()) {
        double[] expected = Tensors.toArray(model.forward(Tensors.of(dtype, values, shape)));
        double largest = Arrays.stream(expected).map(Math::abs).max().orElseThrow();
        double[] found = execute(file, dtype, values, shape);
        assertThat(found)
            .as("%s", model)
            .containsExactly(expected, within(tolerance * Math.max(1, largest)));
      }
    }
  }

  /** Every way to pad, groups, strides, transposed ones, and a pointwise layer between them. */
  @Test
  void steerableConvolutionsGiveTheSameOutputs() throws IOException, OrtException {
    Space plane = Space.dihedral(4);
    dev.noether.kernel.FieldType fields = plane.type(plane.regularField(), 2);
    Space volume = Space.octahedral();
    dev.noether.kernel.FieldType vectors = volume.type(volume.irrepField(3), 2);
    SteerableOptions options = SteerableOptions.kernel(3).withPadding(1).withSeed(1);
    List<EquivariantLayer> models = new ArrayList<>();
    for (Border mode : Border.values()) {
      models.add(new SteerableConv2d(fields, fields, options.with(mode).withStride(2)));
      models.add(new SteerableConv3d(vectors, vectors, options.with(mode).withGroups(2)));
    }
    models.add(new SteerableConvTranspose2d(fields, fields, options.withStride(2).withGroups(2)));
    models.add(new SteerableConvTranspose3d(vectors, vectors, options.withStride(2)));
    models.add(
        EquivariantSequential.of(
            new SteerableConv2d(fields, fields, options),
            new EquivariantLinear(fields.representation(), fields.representation()),
            new SteerableConv2d(fields, fields, options.withDilation(2))));
    for (EquivariantLayer model : models) {
      Path file = folder.resolve("model.onnx");
      OnnxFile.write((PlainLayer) model, file);
      model.eval();
      for (int side : new int[] {5, 8}) {
        long[] shape = new long[1 - model.axes().featureAxis()];
        Arrays.fill(shape, side);
        shape[0] = 2;
        shape[1] = model.in().size();
        int count = (int) Arrays.stream(shape).reduce(1, (a, b) -> a * b);
        double[] values = new Random(side).doubles(count, -1, 1).toArray();
        try (PointerScope scope = new PointerScope()) {
          assertThat(execute(file, Dtype.FLOAT32, values, shape))
              .as("%s", model)
              .containsExactly(
                  Tensors.toArray(model.forward(Tensors.of(Dtype.FLOAT32, values, shape))),
                  within(1e-5));
        }
      }
    }
  }

  @Test
  void everyLayerGivesTheSameOutputs() throws IOException, OrtException {
    Representation plain = Representation.parse("D3: regular + 2 x irrep(1,1) + trivial");
    Representation regular = Representation.parse("Q8: regular");
    Representation bent = Fixtures.rotated(regular);
    for (Dtype dtype : Fixtures.WIDE) {
      for (Representation rho : List.of(plain, bent, regular)) {
        for (EquivariantLayer layer : EveryLayerTest.layers(rho, dtype)) {
          if (layer instanceof EquivariantBatchNorm1d norm && norm.runningMean() == null) {
            continue;
          }
          ((Layer) layer).to(dtype);
          assertSameUnderOnnx(layer, dtype);
        }
      }
    }
  }

  /** Whose kernels onnxruntime has for the CPU. */
  @Test
  void aLayerOfSixteenBitsIsWrittenInFloat32() throws IOException, OrtException {
    Representation rho = Representation.parse("D3: regular");
    for (Dtype half : List.of(Dtype.BFLOAT16, Dtype.FLOAT16)) {
      EquivariantLinear layer = new EquivariantLinear(rho, rho);
      layer.to(half);
      EquivariantLayer wide = layer.copy();
      wide.to(Dtype.FLOAT32);
      Path file = folder.resolve("model.onnx");
      OnnxFile.write(layer, file);
      double[] values = new Random(1).doubles(12, -1, 1).toArray();
      try (PointerScope scope = new PointerScope()) {
        double[] expected = Tensors.toArray(wide.forward(Tensors.of(Dtype.FLOAT32, values, 2, 6)));
        assertThat(execute(file, Dtype.FLOAT32, values, new long[] {2, 6}))
            .containsExactly(expected, within(half == Dtype.BFLOAT16 ? 0.05 : 0.005));
      }
    }
  }

  @Test
  void everyFunctionRunsInFloat64() throws IOException, OrtException {
    Representation rho = Representation.parse("C3: 4 x regular");
    for (Activation function : Activation.values()) {
      PointwiseNonlinearity layer = new PointwiseNonlinearity(rho, function);
      layer.to(Dtype.FLOAT64);
      assertSameUnderOnnx(layer, Dtype.FLOAT64);
      Path file = folder.resolve("model.onnx");
      double[] ends = {-40, -20.5, -1, -1e-3, 0, 1e-9, 0.3, 19.9, 20.1, 30, 100, 700};
      double[] expected =
          Tensors.toArray(layer.forward(Tensors.of(Dtype.FLOAT64, ends, 1, ends.length)));
      double tolerance = function == Activation.GELU ? 1e-6 : 1e-12;
      assertThat(execute(file, Dtype.FLOAT64, ends, new long[] {1, ends.length}))
          .as("%s", function)
          .containsExactly(expected, within(tolerance));
      assertThat(FileContents.of(file).texts().getOrDefault("doc", ""))
          .isEqualTo(
              function == Activation.GELU
                  ? "float64; the error function of GELU is computed in float32"
                  : "");
    }
  }

  /** Every size and stride, with paddings and dilations of all kinds, transposed ones too. */
  @Test
  void convolutionsOfEveryGeometryRunInFloat64() throws IOException, OrtException {
    Representation rho = Representation.parse("C2: regular");
    MapOptions options = MapOptions.defaults().with(Dtype.FLOAT64).withSeed(2);
    for (int kernel = 1; kernel <= 3; kernel++) {
      for (int stride = 1; stride <= 3; stride++) {
        ConvolutionOptions geometry =
            ConvolutionOptions.kernel(kernel)
                .withStride(stride)
                .withPadding((kernel + stride) % 3)
                .withDilation(1 + kernel * stride % 2);
        assertSameUnderOnnx(
            new EquivariantConv1d(rho, rho.times(2), geometry, options), Dtype.FLOAT64);
        assertSameUnderOnnx(
            new EquivariantConvTranspose1d(
                rho.times(2), rho, geometry.withOutputPadding(stride - 1), options),
            Dtype.FLOAT64);
      }
    }
  }

  @Test
  void stacksGiveTheSameOutputs() throws IOException, OrtException {
    Representation rho = Representation.parse("Icosahedral: regular");
    List<EquivariantLayer> chain = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      chain.add(new EquivariantLinear(rho, rho));
      for (Activation f : List.of(Activation.GELU, Activation.SILU, Activation.LEAKY_RELU)) {
        chain.add(new PointwiseNonlinearity(rho, f));
      }
    }
    chain.add(new InvariantPooling(rho, Dtype.FLOAT32));
    assertSameUnderOnnx(new EquivariantSequential(chain), Dtype.FLOAT32);
    Representation tokens = Representation.parse("D4: 2 x regular");
    EquivariantMultiheadAttention attention =
        new EquivariantMultiheadAttention(tokens, AttentionOptions.heads(2));
    assertSameUnderOnnx(
        EquivariantSequential.of(
            new EquivariantRmsNorm(tokens, 1e-6, Dtype.FLOAT32),
            attention,
            new EquivariantLinear(tokens, tokens)),
        Dtype.FLOAT32);
    assertSameUnderOnnx(
        new EquivariantMultiheadAttention(tokens, AttentionOptions.heads(2).timeFirst()),
        Dtype.FLOAT32);
    FieldList fields = FieldList.of(tokens, 2);
    assertSameUnderOnnx(new FieldLinear(fields, fields, MapOptions.defaults()), Dtype.FLOAT32);
  }

  @Test
  void plainWeightsAreThoseOfPlainLayers() {
    Representation rho = Representation.parse("C5: regular");
    EquivariantLinear first = new EquivariantLinear(rho, rho.times(2));
    EquivariantLinear second = new EquivariantLinear(rho.times(2), rho);
    Map<String, Tensor> weights = OnnxFile.plainWeights(EquivariantSequential.of(first, second));
    assertThat(weights.keySet()).containsExactly("0.weight", "0.bias", "1.weight", "1.bias");
    assertThat(Objects.requireNonNull(weights.get("1.weight")).equal(second.weight())).isTrue();
    assertThat(first.isTraining()).isTrue();
  }

  @Test
  void plainWeightsOfAttentionHaveTheNamesOfPyTorch() {
    Representation rho = Representation.parse("C3: 2 x regular");
    Map<String, Tensor> weights =
        OnnxFile.plainWeights(new EquivariantMultiheadAttention(rho, AttentionOptions.heads(2)));
    assertThat(weights.keySet())
        .containsExactly("in_proj_weight", "in_proj_bias", "out_proj.weight", "out_proj.bias");
    assertThat(Tensors.shape(Objects.requireNonNull(weights.get("in_proj_weight"))))
        .containsExactly(18, 6);
  }

  @Test
  void constrainedLinearLayersGiveTheSameOutputs() throws IOException, OrtException {
    Representation rho = Representation.parse("D3: regular");
    Linear linear = new Linear(6, 12, DenseOptions.defaults().withSeed(4));
    linear.impose(rho, rho.times(2), BasisExpansion.ISOTYPIC_EXPANSION);
    Path file = folder.resolve("linear.onnx");
    OnnxFile.write(linear, file);
    double[] values = new Random(1).doubles(18, -1, 1).toArray();
    double[] expected = Tensors.toArray(linear.forward(Tensors.of(Dtype.FLOAT32, values, 3, 6)));
    assertThat(execute(file, Dtype.FLOAT32, values, new long[] {3, 6}))
        .containsExactly(expected, within(1e-5));
  }

  @Test
  void axesAreNamedAsTheLayoutHasThem() throws IOException, OrtException {
    Representation rho = Representation.parse("C3: regular");
    Path file = folder.resolve("axes.onnx");
    OnnxFile.write(
        new EquivariantMultiheadAttention(rho, AttentionOptions.heads(1).timeFirst()), file);
    try (OrtSession session = OrtEnvironment.getEnvironment().createSession(file.toString())) {
      var info = (TensorInfo) Objects.requireNonNull(session.getInputInfo().get("input")).getInfo();
      assertThat(info.getDimensionNames()).containsExactly("time", "batch", "");
      assertThat(info.getShape()).containsExactly(-1, -1, 3);
    }
  }

  /** A layer of a user's own that is nothing but constants. */
  private static final class Constants extends EquivariantLayer implements PlainLayer {
    private final Map<String, Tensor> tensors;

    Constants(Representation rho, Map<String, Tensor> tensors) {
      super(rho, rho);
      this.tensors = tensors;
    }

    @Override
    protected Tensor compute(Tensor input) {
      return input;
    }

    @Override
    public <V> V plain(PlainGraph<V> graph, V x) {
      V sum = x;
      for (Map.Entry<String, Tensor> e : tensors.entrySet()) {
        sum = graph.add(sum, graph.constant(e.getKey(), e.getValue()));
      }
      return sum;
    }
  }

  @Test
  void modelsBeyondTwoGigabytesAreRefusedBeforeAnythingIsWritten() {
    Path file = folder.resolve("large.onnx");
    Representation rho = Representation.parse("C3: regular");
    Tensor wide = Tensors.of(Dtype.FLOAT32, new double[3], 1, 3).expand(100_000_000, 3);
    assertThatThrownBy(() -> OnnxFile.write(new Constants(rho, Map.of("a", wide, "b", wide)), file))
        .hasMessageMatching(
            "the weights take 24000\\d{5} bytes, and an ONNX file has at most 2147483647: .*");
    assertThat(Files.exists(file)).isFalse();
  }

  @Test
  void whatHasNoPlainFormIsRefusedBeforeAnythingIsWritten() {
    Path file = folder.resolve("none.onnx");
    Representation rho = Representation.parse("C5: regular");
    EquivariantBatchNorm1d norm =
        new EquivariantBatchNorm1d(
            rho, BatchStatisticsOptions.defaults().withoutRunningStatistics());
    assertThatThrownBy(() -> OnnxFile.write(norm, file))
        .hasMessageEndingWith("has no running statistics, so no plain form");
    EquivariantSequential chain =
        EquivariantSequential.of(
            new EquivariantRmsNorm(rho, 1e-6, Dtype.FLOAT32), Fixtures.ownLayer(rho, x -> x));
    assertThatThrownBy(() -> OnnxFile.write(chain, file))
        .hasMessage("layer 1 has no plain form: mine must implement PlainLayer");
    assertThat(chain.isTraining()).isTrue();
    assertThat(Files.exists(file)).isFalse();
  }
}
