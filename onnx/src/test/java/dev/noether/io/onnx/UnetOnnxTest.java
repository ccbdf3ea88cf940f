package dev.noether.io.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.noether.models.ConditionalUnet1d;
import dev.noether.models.Downsample;
import dev.noether.models.EquivariantConditionalUnet1d;
import dev.noether.models.Unet1d;
import dev.noether.models.UnetOptions;
import dev.noether.nn.linear.DenseOptions;
import dev.noether.nn.linear.MapOptions;
import dev.noether.plain.Activation;
import dev.noether.plain.Port;
import dev.noether.rep.Representation;
import dev.noether.torch.Dtype;
import dev.noether.torch.LibTorch;
import dev.noether.torch.Tensors;
import java.io.IOException;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Conditional U-Nets of several inputs under onnxruntime. */
class UnetOnnxTest {
  @TempDir private Path folder;

  @BeforeAll
  static void load() {
    LibTorch.load();
  }

  private static List<Unet1d> networks(Dtype dtype) {
    Representation rho = Representation.parse("D3: irrep(1,1) + trivial");
    Representation seen = Representation.parse("D3: irrep(1,1) + 2 x trivial");
    UnetOptions strided = UnetOptions.equivariant(6, 6).withStepDim(4);
    UnetOptions pooled = strided.with(Downsample.POOLING).withoutScale().with(Activation.SILU);
    MapOptions maps = MapOptions.defaults().with(dtype).withSeed(3);
    DenseOptions dense = DenseOptions.defaults().with(dtype).withSeed(3);
    return List.of(
        new EquivariantConditionalUnet1d(rho, seen, rho, strided, maps),
        new EquivariantConditionalUnet1d(rho, null, null, pooled, maps),
        new ConditionalUnet1d(
            3, 2, 2, UnetOptions.plain(5, 10).withGroups(5).withStepDim(4), dense),
        new ConditionalUnet1d(3, 0, 0, pooled, dense));
  }

  private static Tensor numbers(Port port, Dtype dtype, int batch, int time) {
    if (port.name().equals("timestep")) {
      return Tensors.of(dtype, new Random(5).doubles(batch, 0, 20).toArray(), batch, 1);
    }
    long[] shape =
        port.axes().hasTime()
            ? new long[] {batch, port.size(), time}
            : new long[] {batch, port.size()};
    int count = (int) Arrays.stream(shape).reduce(1, (a, b) -> a * b);
    return Tensors.of(dtype, new Random(port.size()).doubles(count, -1, 1).toArray(), shape);
  }

  @ParameterizedTest
  @EnumSource(
      value = Dtype.class,
      names = {"FLOAT32", "FLOAT64"})
  void networksGiveTheSameOutputsForAnyLength(Dtype dtype) throws IOException, OrtException {
    Path file = folder.resolve("network.onnx");
    for (Unet1d network : networks(dtype)) {
      OnnxFile.write(network, file);
      network.eval();
      for (int time : new int[] {4, 10}) {
        try (PointerScope scope = new PointerScope();
            NoGradGuard guard = new NoGradGuard()) {
          Map<String, Tensor> inputs = new LinkedHashMap<>();
          network.inputs().forEach(p -> inputs.put(p.name(), numbers(p, dtype, 3, time)));
          double[] expected = Tensors.toArray(network.forward(inputs));
          double largest = Arrays.stream(expected).map(Math::abs).max().orElseThrow();
          double tolerance = dtype == Dtype.FLOAT32 ? 2e-5 : 1e-11;
          assertThat(execute(file, dtype, inputs))
              .as("%s", network)
              .containsExactly(expected, within(tolerance * Math.max(1, largest)));
        }
      }
    }
  }

  /** A model under onnxruntime, with inputs by their names. */
  static double[] execute(Path file, Dtype dtype, Map<String, Tensor> inputs) throws OrtException {
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    Map<String, OnnxTensor> values = new LinkedHashMap<>();
    for (Map.Entry<String, Tensor> input : inputs.entrySet()) {
      double[] wide = Tensors.toArray(input.getValue());
      long[] shape = Tensors.shape(input.getValue());
      float[] narrow = new float[wide.length];
      for (int i = 0; i < wide.length; i++) {
        narrow[i] = (float) wide[i];
      }
      values.put(
          input.getKey(),
          dtype == Dtype.FLOAT64
              ? OnnxTensor.createTensor(environment, DoubleBuffer.wrap(wide), shape)
              : OnnxTensor.createTensor(environment, FloatBuffer.wrap(narrow), shape));
    }
    try (OrtSession session = environment.createSession(file.toString());
        OrtSession.Result result = session.run(values)) {
      OnnxTensor output = (OnnxTensor) result.get(0);
      if (dtype == Dtype.FLOAT64) {
        double[] found = new double[output.getDoubleBuffer().remaining()];
        output.getDoubleBuffer().get(found);
        return found;
      }
      float[] found = new float[output.getFloatBuffer().remaining()];
      output.getFloatBuffer().get(found);
      double[] wide = new double[found.length];
      for (int i = 0; i < found.length; i++) {
        wide[i] = found[i];
      }
      return wide;
    } finally {
      values.values().forEach(OnnxTensor::close);
    }
  }
}
