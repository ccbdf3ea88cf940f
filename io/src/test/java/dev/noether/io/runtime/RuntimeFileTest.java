package dev.noether.io.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.sun.management.ThreadMXBean;
import dev.noether.Noether;
import dev.noether.PlainForms;
import dev.noether.io.SafeTensors;
import dev.noether.kernel.FieldType;
import dev.noether.kernel.Space;
import dev.noether.models.EquivariantMlp;
import dev.noether.models.EquivariantTimeCnn;
import dev.noether.models.EquivariantTransformerEncoderLayer;
import dev.noether.models.MlpOptions;
import dev.noether.models.TimeCnnOptions;
import dev.noether.models.TransformerLayerOptions;
import dev.noether.nn.EquivariantLayer;
import dev.noether.nn.EquivariantSequential;
import dev.noether.nn.EveryLayerTest;
import dev.noether.nn.Layer;
import dev.noether.nn.activation.FourierNonlinearity;
import dev.noether.nn.activation.GatedNonlinearity;
import dev.noether.nn.activation.NormNonlinearity;
import dev.noether.nn.attention.PositionEncoding;
import dev.noether.nn.conv.SteerableConv2d;
import dev.noether.nn.conv.SteerableOptions;
import dev.noether.nn.linear.EquivariantLinear;
import dev.noether.nn.linear.MapOptions;
import dev.noether.nn.norm.EquivariantLayerNorm;
import dev.noether.nn.norm.EquivariantRmsNorm;
import dev.noether.plain.Activation;
import dev.noether.plain.ConvolutionOptions;
import dev.noether.plain.DenseConvolution;
import dev.noether.plain.PlainGraph;
import dev.noether.plain.PlainLayer;
import dev.noether.rep.Representation;
import dev.noether.runtime.Model;
import dev.noether.runtime.Port;
import dev.noether.runtime.Session;
import dev.noether.torch.Dtype;
import dev.noether.torch.LibTorch;
import dev.noether.torch.Tensors;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The runtime computes what LibTorch computes, and its models are as symmetric as ours. */
class RuntimeFileTest {
  private static final int BATCH = 3;

  @TempDir private Path folder = Path.of("");

  private static Representation of(String text) {
    return Representation.parse(text);
  }

  static Stream<Layer> layers() {
    Noether.seed(0);
    Representation regular = of("D4: 3 x regular");
    Representation mixed = of("D4: irrep(1,1) + 2 x regular + trivial + irrep(1,1)");
    Representation turned = mixed.changeBasis(mixed.changeOfBasis());
    return Stream.<Layer>of(
        new EquivariantLinear(mixed, regular),
        new EquivariantLinear(turned, mixed),
        new EquivariantLinear(of("C5: 9 x regular"), of("C5: irrep(1) + 10 x regular")),
        new EquivariantLinear(of("Q8: 2 x regular"), of("Q8: irrep(1,1) + regular")),
        new EquivariantLinear(of("Icosahedral: 2 x regular"), of("Icosahedral: 4 x regular")),
        new EquivariantLinear(
            of("SO(3): 2 x irrep(0) + 3 x irrep(1)"), of("SO(3): irrep(1) + irrep(2) + irrep(0)")),
        EquivariantSequential.of(
            new EquivariantLinear(mixed, regular),
            new EquivariantRmsNorm(regular),
            new NormNonlinearity(regular, Activation.ELU),
            new EquivariantLayerNorm(regular),
            new FourierNonlinearity(regular, Activation.GELU),
            new EquivariantLinear(regular, new GatedNonlinearity(mixed).in()),
            new GatedNonlinearity(mixed)),
        new EquivariantMlp(
            of("C2 x C2: 12 x regular"), of("C2 x C2: 3 x regular"), MlpOptions.hidden(128, 128)),
        new EquivariantTransformerEncoderLayer(
            of("C3: 4 x regular"), TransformerLayerOptions.equivariant(2)),
        new EquivariantTimeCnn(
            of("C3: 2 x regular"), of("C3: regular"), TimeCnnOptions.channels(5, 12, 12)));
  }

  @ParameterizedTest
  @MethodSource("layers")
  void theRuntimeComputesWhatLibTorchComputes(Layer layer) throws IOException {
    compare(layer);
  }

  @ParameterizedTest
  @ValueSource(strings = {"C3: 2 x regular + irrep(1)", "D4: irrep(1,1) + 2 x regular + trivial"})
  void everyLayerWithAPlainFormRunsThere(String text) throws IOException {
    LibTorch.load();
    int compared = 0;
    for (EquivariantLayer layer : EveryLayerTest.layers(of(text), Dtype.FLOAT32)) {
      if (PlainForms.isAdmitted(layer)) {
        compare(layer);
        compared++;
      }
    }
    assertThat(compared).isGreaterThan(15);
  }

  @ParameterizedTest
  @EnumSource
  void sequencesOfTheirOwnLengthsRunThere(PositionEncoding.Kind kind) throws IOException {
    LibTorch.load();
    for (Layer layer : PlainForms.ofSequences(kind, Dtype.FLOAT32)) {
      compare(layer);
    }
  }

  @Test
  void imagesAndVolumesRunThere() throws IOException {
    LibTorch.load();
    for (Layer layer : PlainForms.ofFields(Dtype.FLOAT32)) {
      compare(layer);
    }
  }

  /** Turning the image and its fields turns the output. */
  @Test
  void theSymmetryOfImagesAndVolumesIsCheckedThere() throws IOException {
    LibTorch.load();
    int checked = 0;
    for (Layer layer : PlainForms.ofFields(Dtype.FLOAT32)) {
      RuntimeFile.write((PlainLayer) layer, folder.resolve("model.noether"));
      double error = Model.load(folder.resolve("model.noether")).check();
      if (!Double.isNaN(error)) {
        assertThat(error).as("%s", layer).isLessThan(1e-4);
        checked++;
      }
    }
    assertThat(checked).isGreaterThan(20);
  }

  /** A convolution that says it commutes with turns, of a kernel that does not. */
  private static final class Claimed extends EquivariantLayer implements PlainLayer {
    private final Tensor kernel;
    private final ConvolutionOptions geometry = ConvolutionOptions.kernel(3).withPadding(1);

    Claimed(FieldType fields, Tensor kernel) {
      super(fields, fields);
      this.kernel = kernel;
    }

    @Override
    protected Tensor compute(Tensor input) {
      return DenseConvolution.apply(input, kernel, null, geometry, false);
    }

    @Override
    public <V> V plain(PlainGraph<V> graph, V x) {
      return graph.convolution(x, kernel, null, geometry, false);
    }
  }

  @Test
  void aNetworkOfImagesThatIsNotSymmetricIsFoundThere() throws IOException {
    LibTorch.load();
    Space plane = Space.cyclic(4);
    FieldType fields = plane.type(plane.regularField());
    SteerableConv2d steerable =
        new SteerableConv2d(fields, fields, SteerableOptions.kernel(3).withSeed(1));
    Path file = folder.resolve("claimed.noether");
    RuntimeFile.write(new Claimed(fields, steerable.weight()), file);
    assertThat(Model.load(file).check()).isLessThan(1e-5);
    RuntimeFile.write(new Claimed(fields, steerable.weight().flip(new long[] {3})), file);
    assertThat(Model.load(file).check()).isGreaterThan(0.1);
  }

  @Test
  void networksOverTimeRunThere() throws IOException {
    LibTorch.load();
    for (Layer layer : PlainForms.unets(Dtype.FLOAT32)) {
      compare(layer);
    }
  }

  @Test
  void moreStepsThanTheModelKnowsAreRefused() throws IOException {
    LibTorch.load();
    Layer attention = PlainForms.ofSequences(PositionEncoding.Kind.ABSOLUTE, Dtype.FLOAT32).get(0);
    Path file = folder.resolve("model.noether");
    RuntimeFile.write((PlainLayer) attention, file);
    Model model = Model.load(file);
    float[] nine = new float[9 * 12];
    assertThatThrownBy(() -> model.run(nine, nine.clone()))
        .hasMessageContaining(
            "the model knows places 0 to 7, got 8.0: the input is longer than the model was made"
                + " for");
    model.run(new float[8 * 12], new float[8 * 12]);
  }

  /** Any shapes: each input has its own. */
  private void compare(Layer layer) throws IOException {
    Path file = folder.resolve("model.noether");
    RuntimeFile.write((PlainLayer) layer, file);
    Model model = Model.load(file);
    layer.eval();
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      Map<String, Tensor> inputs = PlainForms.inputs((PlainLayer) layer, Dtype.FLOAT32, BATCH);
      double[] wanted = Tensors.toArray(PlainForms.apply(layer, inputs));
      int[][] shapes =
          inputs.values().stream()
              .map(x -> Arrays.stream(Tensors.shape(x)).mapToInt(Math::toIntExact).toArray())
              .toArray(int[][]::new);
      Session session = model.session();
      session.run(
          shapes, inputs.values().stream().map(RuntimeFileTest::floats).toArray(float[][]::new));
      float[] found = session.output(0);
      double most = Arrays.stream(wanted).map(Math::abs).max().orElse(1);
      assertThat(found).as("%s", layer).hasSameSizeAs(wanted);
      for (int i = 0; i < wanted.length; i++) {
        assertThat((double) found[i])
            .as("%s", layer)
            .isCloseTo(wanted[i], within(1e-5 * Math.max(1, most)));
      }
    }
    assertSamplesAlone(layer, model);
    double error = model.check();
    assertThat(Double.isNaN(error) || error < 1e-5).as("%s: %s", layer, error).isTrue();
  }

  /** Coefficients are rounded, so that any representation keeps its symmetry. */
  @ParameterizedTest
  @ValueSource(strings = {"C2 x C2: 12 x regular", "D4: 9 x irrep(1,1) + 4 x regular"})
  void equivariantMapsInInt8StayEquivariantAndAreSmall(String text) throws IOException {
    Representation rho = of(text);
    MapOptions options = MapOptions.defaults().withSeed(1);
    EquivariantMlp layer = new EquivariantMlp(rho, rho, MlpOptions.hidden(64, 64), options);
    Path whole = folder.resolve("whole.noether");
    Path small = folder.resolve("small.noether");
    RuntimeFile.write(layer, whole);
    RuntimeFile.writeInt8(layer, small);
    Model model = Model.load(small);
    assertThat(model.check()).isLessThan(1e-5);
    float[] x = new float[rho.size()];
    for (int i = 0; i < x.length; i++) {
      x[i] = (float) Math.sin(i + 1);
    }
    float[] wanted = new float[rho.size()];
    float[] found = new float[rho.size()];
    Model.load(whole).run(x, wanted);
    model.run(x, found);
    double most = 0;
    double largest = 0;
    for (int i = 0; i < wanted.length; i++) {
      most = Math.max(most, Math.abs(wanted[i] - found[i]));
      largest = Math.max(largest, Math.abs(wanted[i]));
    }
    assertThat(most).isBetween(1e-6 * largest, 0.05 * largest);
    assertThat(layerWeights(small)).isLessThan(layerWeights(whole) / 3);
  }

  /** Bytes of the blocks of weights in a file. */
  private static long layerWeights(Path path) throws IOException {
    long bytes = 0;
    try (PointerScope scope = new PointerScope();
        SafeTensors file = SafeTensors.open(path)) {
      for (String name : file.entries().keySet()) {
        Tensor tensor = file.tensor(name);
        bytes += name.contains("block.") ? tensor.numel() * tensor.element_size() : 0;
      }
    }
    return bytes;
  }

  /** A batch is its samples bit for bit. */
  private static void assertSamplesAlone(Layer layer, Model model) {
    List<Port> ports = model.inputs();
    if (!ports.stream().allMatch(port -> port.axes().indexOf("batch") == 0)) {
      return; // time first: samples are not in one piece
    }
    float[][] all = new float[ports.size()][];
    int[][] shapes = new int[ports.size()][];
    float[][] one = new float[ports.size()][];
    int[][] single = new int[ports.size()][];
    try (PointerScope scope = new PointerScope()) {
      Map<String, Tensor> inputs = PlainForms.inputs((PlainLayer) layer, Dtype.FLOAT32, 5);
      for (int i = 0; i < all.length; i++) {
        Tensor input = Objects.requireNonNull(inputs.get(ports.get(i).name()));
        shapes[i] = Arrays.stream(Tensors.shape(input)).mapToInt(Math::toIntExact).toArray();
        all[i] = floats(input);
        single[i] = shapes[i].clone();
        single[i][0] = 1;
        one[i] = Arrays.copyOfRange(all[i], 4 * all[i].length / 5, all[i].length);
      }
    }
    Session session = model.session();
    session.run(shapes, all);
    float[] results = session.output(0);
    session.run(single, one);
    assertThat(session.output(0))
        .as("%s", layer)
        .containsExactly(Arrays.copyOfRange(results, 4 * results.length / 5, results.length));
  }

  private static float[] floats(Tensor x) {
    double[] values = Tensors.toArray(x);
    float[] floats = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      floats[i] = (float) values[i];
    }
    return floats;
  }

  @ParameterizedTest
  @ValueSource(strings = {"C2 x C2: 32 x regular", "Icosahedral: 4 x regular"})
  void aWideEquivariantMapIsLessWorkThanADenseOne(String text) throws IOException {
    Representation rho = of(text);
    Path file = folder.resolve("linear.noether");
    RuntimeFile.write(new EquivariantLinear(rho, rho), file);
    Model model = Model.load(file);
    assertThat(model.multiplyAdds()).isLessThan((long) rho.size() * rho.size() * 6 / 10);
  }

  @Test
  void callsMakeNoObjectsOnceWarm() throws IOException {
    LibTorch.load();
    List<Layer> layers = new ArrayList<>();
    layers.add(new EquivariantMlp(of("D4: 2 x regular"), of("D4: regular"), MlpOptions.hidden(64)));
    layers.add(
        new EquivariantTimeCnn(
            of("C3: 2 x regular"), of("C3: regular"), TimeCnnOptions.channels(5, 12)));
    layers.addAll(PlainForms.ofSequences(PositionEncoding.Kind.ROTARY, Dtype.FLOAT32));
    layers.addAll(PlainForms.ofFields(Dtype.FLOAT32).subList(0, 12));
    for (Layer layer : layers) {
      RuntimeFile.write((PlainLayer) layer, folder.resolve("model.noether"));
      Session session = Model.load(folder.resolve("model.noether")).session();
      int[][] shapes =
          session.model().inputs().stream()
              .map(
                  port ->
                      port.axes().stream()
                          .mapToInt(axis -> axis.isEmpty() ? port.size() : 3)
                          .toArray())
              .toArray(int[][]::new);
      if (layer instanceof EquivariantTimeCnn) {
        shapes[0][2] = 5;
      } else if (layer.toString().startsWith("Mask")) {
        continue; // of another size
      }
      float[][] in = new float[shapes.length][];
      for (int i = 0; i < in.length; i++) {
        in[i] = new float[Arrays.stream(shapes[i]).reduce(1, (a, b) -> a * b)];
      }
      session.run(shapes, in);
      float[] out = session.output(0);
      assertThat(allocated(session, shapes, in, out)).as("%s", layer).isZero();
    }
  }

  /** The least of a few tries, because the JVM does things of its own now and then. */
  private static long allocated(Session session, int[][] shapes, float[][] in, float[] out) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long id = Thread.currentThread().getId();
    long least = Long.MAX_VALUE;
    for (int attempt = 0; attempt < 5; attempt++) {
      long before = threads.getThreadAllocatedBytes(id);
      long between = threads.getThreadAllocatedBytes(id);
      for (int i = 0; i < 20; i++) {
        session.run(shapes, in);
        session.copyOutput(0, out);
      }
      least = Math.min(least, threads.getThreadAllocatedBytes(id) - between - (between - before));
    }
    return Math.max(0, least);
  }

  @Test
  void sixteenThreadsAgree() throws Exception {
    LibTorch.load();
    RuntimeFile.write(
        new EquivariantMlp(of("D4: 2 x regular"), of("D4: regular"), MlpOptions.hidden(64)),
        folder.resolve("model.noether"));
    Model model = Model.load(folder.resolve("model.noether"));
    float[] in = floats(torch.randn(7, 16));
    float[] wanted = new float[56];
    model.run(in, wanted);
    ExecutorService threads = Executors.newFixedThreadPool(16);
    try {
      List<Future<Boolean>> results = new ArrayList<>();
      for (int i = 0; i < 16; i++) {
        results.add(
            threads.submit(
                () -> {
                  boolean same = true;
                  float[] out = new float[56];
                  for (int call = 0; call < 50; call++) {
                    model.run(in, out);
                    same &= Arrays.equals(out, wanted);
                  }
                  return same;
                }));
      }
      for (Future<Boolean> result : results) {
        assertThat(result.get()).isTrue();
      }
    } finally {
      threads.shutdown();
    }
  }

  @Test
  void aBatchIsItsSamplesBitForBit() throws IOException {
    EquivariantMlp policy =
        new EquivariantMlp(of("D4: 2 x regular"), of("D4: regular"), MlpOptions.hidden(64));
    Path file = folder.resolve("policy.noether");
    RuntimeFile.write(policy, file);
    Model model = Model.load(file);
    LibTorch.load();
    float[] all = floats(torch.randn(5, 16));
    float[] results = new float[5 * 8];
    model.run(all, results);
    for (int i = 0; i < 5; i++) {
      float[] one = new float[8];
      model.run(Arrays.copyOfRange(all, 16 * i, 16 * i + 16), one);
      assertThat(one).isEqualTo(Arrays.copyOfRange(results, 8 * i, 8 * i + 8));
    }
  }
}
