package dev.noether.benchmarks.campaign;

import dev.noether.io.runtime.RuntimeFile;
import dev.noether.nn.Layer;
import dev.noether.plain.EagerGraph;
import dev.noether.plain.PlainLayer;
import dev.noether.plain.Port;
import dev.noether.runtime.Model;
import dev.noether.runtime.ModelFileException;
import dev.noether.runtime.Session;
import dev.noether.torch.Dtype;
import dev.noether.torch.Tensors;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * Exported models in plain Java: every registered layer that has a plain form, at random inputs,
 * against LibTorch with float64 as the judge of both; then their files, damaged.
 */
final class RuntimeModels implements Part {
  private static final int INPUTS = 1_000;
  private static final int BATCH = 50;
  private static final int MUTANTS = 100_000;

  /** Files that load in a moment. */
  private static final int LARGEST = 1 << 18;

  /** Steps and cells to try: some layers know few places, others need many. */
  private static final int[] SIZES = {8, 7, 6, 5, 4, 3, 2, 1};

  private static final double TOLERANCE = 1e-5;

  @Override
  public void run(Means means) throws Exception {
    Map<String, byte[]> files = new TreeMap<>();
    for (Map.Entry<String, Layer> entry : AnyLayer.ofEveryType().entrySet()) {
      if (entry.getValue() instanceof PlainLayer) {
        compare(entry.getKey(), entry.getValue(), files, means);
      }
    }
    List<String> names = new ArrayList<>(files.keySet());
    Mutations mutations = new Mutations(means.random());
    for (int i = 0; i < MUTANTS && (i < names.size() || means.hasTime()); i++) {
      String name = names.get(i % names.size());
      byte[] whole = files.getOrDefault(name, new byte[0]);
      String how = mutations.next(whole);
      while (Arrays.equals(mutations.result(), whole)) {
        how = mutations.next(whole); // no damage
      }
      means
          .tally()
          .attempt(
              "damaged model",
              name + ", " + how,
              () -> Model.load(new ByteArrayInputStream(mutations.result())),
              ModelFileException.class);
    }
  }

  private static void compare(String name, Layer layer, Map<String, byte[]> files, Means means)
      throws IOException {
    Path file = means.folder().resolve("model.noether");
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      for (Tensor p : layer.namedParameters().values()) {
        p.add_(random(means.random(), Tensors.shape(p)).mul(new Scalar(0.2)));
      }
      layer.eval();
      try {
        RuntimeFile.write((PlainLayer) layer, file);
      } catch (IllegalArgumentException e) {
        means.tally().count("layers without a plain form");
        return;
      }
      byte[] bytes = Files.readAllBytes(file);
      if (bytes.length <= LARGEST) {
        files.put(name, bytes);
      }
      Layer judge = layer.copy();
      judge.to(Dtype.FLOAT64);
      judge.eval();
      compare(name, (PlainLayer) layer, (PlainLayer) judge, Model.load(file).session(), means);
    } finally {
      Files.deleteIfExists(file);
    }
  }

  private static void compare(
      String name, PlainLayer layer, PlainLayer judge, Session session, Means means) {
    int size = size(layer, means.random());
    if (size == 0) {
      means.tally().count("layers that no size fits: " + name);
      return;
    }
    means.tally().count("layers compared");
    for (int done = 0; done < INPUTS && (done == 0 || means.hasTime(0.5)); done += BATCH) {
      try (PointerScope scope = new PointerScope()) {
        List<Tensor> inputs = inputs(layer, size, means.random());
        double[] torch = apply(layer, inputs);
        double[] exact = apply(judge, inputs.stream().map(x -> x.to(doubles())).toList());
        session.run(
            inputs.stream().map(RuntimeModels::shape).toArray(int[][]::new),
            inputs.stream().map(RuntimeModels::floats).toArray(float[][]::new));
        judge(name, session.output(0), torch, exact, means.tally());
        for (int i = 0; i < BATCH; i++) {
          means.tally().count("inputs compared");
        }
      }
    }
  }

  private static org.bytedeco.pytorch.global.torch.ScalarType doubles() {
    return Dtype.FLOAT64.scalarType();
  }

  /** The runtime may be as far from the truth as LibTorch, and a little further. */
  private static void judge(
      String name, float[] found, double[] torch, double[] exact, Tally tally) {
    double most = 1;
    double error = 0;
    double own = 0;
    for (int i = 0; i < exact.length; i++) {
      most = Math.max(most, Math.abs(exact[i]));
      error = Math.max(error, Math.abs(found[i] - exact[i]));
      own = Math.max(own, Math.abs(torch[i] - exact[i]));
    }
    if (!(error <= TOLERANCE * most + 2 * own) || found.length != exact.length) {
      tally.finding(
          name + " differs",
          String.format(Locale.ROOT, "%.1e of %.1e, LibTorch %.1e", error, most, own));
    }
  }

  private static double[] apply(PlainLayer layer, List<Tensor> inputs) {
    return Tensors.toArray(layer.plain(new EagerGraph(inputs.get(0)), inputs));
  }

  private static int size(PlainLayer layer, Random random) {
    for (int size : SIZES) {
      try (PointerScope scope = new PointerScope()) {
        apply(layer, inputs(layer, size, random));
        return size;
      } catch (RuntimeException e) {
        // Another size.
      }
    }
    return 0;
  }

  private static List<Tensor> inputs(PlainLayer layer, int size, Random random) {
    return layer.inputs().stream().map(port -> input(port, size, random)).toList();
  }

  private static Tensor input(Port port, int size, Random random) {
    return random(
        random,
        port.axes().names().stream()
            .mapToLong(axis -> axis.isEmpty() ? port.size() : axis.equals("batch") ? BATCH : size)
            .toArray());
  }

  private static Tensor random(Random random, long... shape) {
    int size = 1;
    for (long axis : shape) {
      size = Math.toIntExact(size * axis);
    }
    float[] numbers = new float[size];
    for (int i = 0; i < size; i++) {
      numbers[i] = (float) random.nextGaussian();
    }
    return Tensors.of(numbers, shape);
  }

  private static int[] shape(Tensor x) {
    long[] shape = Tensors.shape(x);
    int[] result = new int[shape.length];
    for (int i = 0; i < shape.length; i++) {
      result[i] = Math.toIntExact(shape[i]);
    }
    return result;
  }

  private static float[] floats(Tensor x) {
    double[] numbers = Tensors.toArray(x);
    float[] result = new float[numbers.length];
    for (int i = 0; i < numbers.length; i++) {
      result[i] = (float) numbers[i];
    }
    return result;
  }
}
