package dev.noether.cli.bench;

import dev.noether.io.onnx.OnnxFile;
import dev.noether.io.runtime.RuntimeFile;
import dev.noether.models.EquivariantMlp;
import dev.noether.models.EquivariantTimeCnn;
import dev.noether.models.MlpOptions;
import dev.noether.models.TimeCnnOptions;
import dev.noether.nn.Layer;
import dev.noether.plain.Activation;
import dev.noether.plain.PlainLayer;
import dev.noether.rep.Representation;
import dev.noether.runtime.Model;
import dev.noether.runtime.Port;
import dev.noether.runtime.Session;
import dev.noether.torch.LibTorch;
import dev.noether.torch.Tensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * How long one call of a model takes in plain Java, in LibTorch and in ONNX Runtime, one thread,
 * the contestants in turns.
 */
public final class RuntimeBench {
  /** Calls between two looks at the clock. */
  private static final int CALLS = 20;

  /** Steps of a signal over time. */
  private static final int TIME = 16;

  /**
   * A model and a batch.
   *
   * @param model what it is
   * @param batch how many samples a call has
   * @param noetherUs the median of a call in plain Java, microseconds
   * @param onnxruntimeUs the same in ONNX Runtime on the dense export; null where it is not there
   * @param libtorchUs the same in LibTorch, the layer in evaluation mode
   * @param multiplyAdds for one sample in plain Java
   * @param bytesRead weights that a call in plain Java reads
   */
  public record Row(
      String model,
      int batch,
      double noetherUs,
      @Nullable Double onnxruntimeUs,
      double libtorchUs,
      long multiplyAdds,
      long bytesRead) {}

  /** A layer, and LibTorch's call of it. */
  private record Contestant(Layer layer, UnaryOperator<Tensor> forward) {}

  @FunctionalInterface
  private interface Call {
    float[] run() throws Exception;
  }

  private final int rounds;

  /**
   * A benchmark.
   *
   * @param rounds how many times each contestant's clock is read
   */
  public RuntimeBench(int rounds) {
    this.rounds = rounds;
  }

  private static Map<String, Contestant> models() {
    Map<String, Contestant> models = new LinkedHashMap<>();
    models.put("policy C2 x C2, 48-128-128-128-12", mlp("C2 x C2", 12, 3, 128, 3));
    models.put("MLP D4, 64-256-256-64", mlp("D4", 8, 8, 256, 2));
    models.put("MLP Icosahedral, 60-240-240-60", mlp("Icosahedral", 1, 1, 240, 2));
    models.put("MLP C2 x C2, 240-960-960-240", mlp("C2 x C2", 60, 60, 960, 2));
    models.put("MLP Icosahedral, 120-960-960-120", mlp("Icosahedral", 2, 2, 960, 2));
    models.put("time CNN D4, 32-64-128, 16 steps", timeCnn());
    return models;
  }

  private static Contestant mlp(String group, int in, int out, int width, int layers) {
    int[] hidden = new int[layers];
    Arrays.fill(hidden, width);
    EquivariantMlp layer =
        new EquivariantMlp(
            Representation.parse(group + ": " + in + " x regular"),
            Representation.parse(group + ": " + out + " x regular"),
            new MlpOptions(
                Arrays.stream(hidden).boxed().toList(), List.of(Activation.RELU), 0, false));
    return new Contestant(layer, layer::forward);
  }

  private static Contestant timeCnn() {
    EquivariantTimeCnn layer =
        new EquivariantTimeCnn(
            Representation.parse("D4: 4 x regular"),
            Representation.parse("D4: regular"),
            TimeCnnOptions.channels(TIME, 64, 128));
    return new Contestant(layer, layer::forward);
  }

  /**
   * Runs it.
   *
   * @param progress is told which model is timed
   * @return a row for each model and batch
   * @throws IOException if a model cannot be written or read
   * @throws IllegalStateException if the contestants do not agree to 1e-4
   */
  public List<Row> run(Consumer<String> progress) throws IOException {
    LibTorch.load();
    List<Row> rows = new ArrayList<>();
    Path folder = Files.createTempDirectory("noether");
    try {
      for (Map.Entry<String, Contestant> model : models().entrySet()) {
        for (int batch : new int[] {1, 64}) {
          progress.accept("bench: " + model.getKey() + ", batch " + batch);
          rows.add(row(model.getKey(), model.getValue(), batch, folder));
        }
      }
    } catch (IOException | RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IOException("a runtime failed: " + e.getMessage(), e);
    } finally {
      try (var files = Files.list(folder)) {
        for (Path file : files.toList()) {
          Files.delete(file);
        }
      }
      Files.delete(folder);
    }
    return rows;
  }

  private Row row(String name, Contestant contestant, int batch, Path folder) throws Exception {
    Layer layer = contestant.layer();
    layer.eval();
    Path file = folder.resolve("model.noether");
    Path onnx = folder.resolve("model.onnx");
    RuntimeFile.write((PlainLayer) layer, file);
    OnnxFile.write((PlainLayer) layer, onnx);
    Model model = Model.load(file);
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      Port port = model.inputs().get(0);
      int time = port.axes().contains("time") ? TIME : 1;
      long[] shape =
          time > 1 ? new long[] {batch, port.size(), time} : new long[] {batch, port.size()};
      float[] in = new float[batch * port.size() * time];
      for (int i = 0; i < in.length; i++) {
        in[i] = (float) Math.sin(i);
      }
      float[] out = new float[batch * model.outputs().get(0).size()];
      Session session = model.session();
      Map<String, Call> calls = new LinkedHashMap<>();
      calls.put(
          "noether",
          () -> {
            session.run(batch, time, in);
            session.copyOutput(0, out);
            return out;
          });
      calls.put("libtorch", () -> libtorch(contestant, in, shape, out.length));
      Optional<Rival> rival = ServiceLoader.load(Rival.class).findFirst();
      try (Rival.Model other = rival.isPresent() ? rival.get().load(onnx) : null) {
        if (other != null) {
          calls.put("onnxruntime", () -> other.run(in, shape));
        }
        Map<String, Double> medians = race(calls, batch);
        return new Row(
            name,
            batch,
            medians.getOrDefault("noether", 0.0),
            medians.get("onnxruntime"),
            medians.getOrDefault("libtorch", 0.0),
            model.multiplyAdds(),
            model.bytesRead());
      }
    }
  }

  /** As a service would call it: numbers in, numbers out. */
  private static float[] libtorch(Contestant layer, float[] in, long[] shape, int size) {
    try (PointerScope scope = new PointerScope()) {
      Tensor y = layer.forward().apply(Tensors.of(in, shape));
      float[] out = new float[size];
      y.data_ptr_float().get(out);
      return out;
    }
  }

  private Map<String, Double> race(Map<String, Call> calls, int batch) throws Exception {
    int repeats = Math.max(1, CALLS / batch);
    Map<String, double[]> times = new LinkedHashMap<>();
    float[] first = calls.values().iterator().next().run().clone();
    for (Map.Entry<String, Call> call : calls.entrySet()) {
      requireSame(first, call.getValue().run(), call.getKey());
      times.put(call.getKey(), new double[rounds]);
    }
    for (int round = -rounds; round < rounds; round++) { // the first half warms up
      for (Map.Entry<String, Call> call : calls.entrySet()) {
        long start = System.nanoTime();
        for (int i = 0; i < repeats; i++) {
          call.getValue().run();
        }
        double[] own = times.getOrDefault(call.getKey(), new double[rounds]);
        own[Math.max(0, round)] = (System.nanoTime() - start) / 1e3 / repeats;
      }
    }
    Map<String, Double> medians = new LinkedHashMap<>();
    times.forEach((name, values) -> medians.put(name, Spread.of(values).median()));
    return medians;
  }

  private static void requireSame(float[] a, float[] b, String name) {
    double most = 0;
    double error = 0;
    for (int i = 0; i < a.length; i++) {
      most = Math.max(most, Math.abs(a[i]));
      error = Math.max(error, Math.abs((double) a[i] - b[i]));
    }
    if (!(error <= 1e-4 * most)) {
      throw new IllegalStateException(name + " disagrees by " + error + " of " + most);
    }
  }
}
