package dev.noether.benchmarks.campaign;

import dev.noether.io.Checkpoint;
import dev.noether.io.FileContents;
import dev.noether.io.TensorFile;
import dev.noether.io.TensorFormat;
import dev.noether.io.onnx.OnnxFile;
import dev.noether.nn.EquivariantSequential;
import dev.noether.nn.Layer;
import dev.noether.nn.activation.NormNonlinearity;
import dev.noether.nn.linear.EquivariantLinear;
import dev.noether.nn.norm.EquivariantBatchNorm1d;
import dev.noether.plain.Activation;
import dev.noether.rep.Representation;
import dev.noether.torch.Tensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.bytedeco.pytorch.Adam;
import org.bytedeco.pytorch.AdamOptions;
import org.bytedeco.pytorch.Optimizer;
import org.bytedeco.pytorch.Tensor;

/**
 * Damaged files of every format, through everything that reads files. A load that fails leaves the
 * layer as it was, and one of a checkpoint that goes through gives the numbers that were saved.
 */
final class FileMutants implements Part {
  private record Sample(String name, byte[] bytes) {}

  /** How many damaged files are enough; the deadline may come first. */
  private final long most;

  private final EquivariantSequential model = model();
  private final Map<String, Tensor> saved = copies(model);

  FileMutants(long most) {
    this.most = most;
  }

  private static EquivariantSequential model() {
    Representation rho = Representation.parse("C2: 2 x regular");
    return EquivariantSequential.of(
        new EquivariantLinear(rho, rho),
        new EquivariantBatchNorm1d(rho),
        new NormNonlinearity(rho, Activation.SILU));
  }

  private static Map<String, Tensor> copies(Layer layer) {
    Map<String, Tensor> copies = new LinkedHashMap<>();
    layer.trainedState().forEach((name, tensor) -> copies.put(name, tensor.clone()));
    return copies;
  }

  /** Number by number, and where a mutant has brought what is no number, that too. */
  private static boolean holds(Layer layer, Map<String, Tensor> numbers) {
    return layer.trainedState().entrySet().stream()
        .allMatch(
            entry ->
                Arrays.equals(
                    Tensors.toArray(entry.getValue()),
                    Tensors.toArray(Objects.requireNonNull(numbers.get(entry.getKey())))));
  }

  /** One of every format that can be written, a checkpoint, and a run. */
  private List<Sample> samples(Path folder) throws IOException {
    List<Sample> samples = new ArrayList<>();
    for (TensorFormat format : TensorFormat.values()) {
      Path file = folder.resolve("sample" + format.endings().get(0));
      try {
        format.write(file, model.stateDict(), Map.of("note", "a text"));
      } catch (IllegalArgumentException e) {
        model.eval();
        OnnxFile.write(model, file); // written from a layer, as the message says
        model.train();
      }
      samples.add(new Sample(format.toString(), Files.readAllBytes(file)));
    }
    Path checkpoint = folder.resolve("checkpoint");
    Checkpoint.save(model, checkpoint);
    samples.add(new Sample("checkpoint", Files.readAllBytes(checkpoint)));
    Optimizer adam = new Adam(model.parameters(), new AdamOptions(0.1));
    Checkpoint.saveRun(model, adam, Map.of(), checkpoint);
    samples.add(new Sample("run", Files.readAllBytes(checkpoint)));
    return samples;
  }

  @Override
  public void run(Means means) throws Exception {
    List<Sample> samples = samples(means.folder());
    Mutations mutations = new Mutations(means.random());
    Path file = means.folder().resolve("mutant");
    EquivariantSequential target = model();
    long count = 0;
    do {
      for (Sample sample : samples) {
        String how = mutations.next(sample.bytes);
        byte[] bytes = mutations.result();
        Files.write(file, bytes);
        means.tally().count("mutants of " + sample.name);
        read(sample, how, file, target, means.tally());
        count++;
      }
    } while (count < most && means.hasTime());
  }

  private void read(
      Sample sample, String how, Path file, EquivariantSequential target, Tally tally) {
    String input = sample.name + ", " + how;
    tally.attempt(
        "tensors",
        input,
        () -> {
          try (TensorFile open = TensorFormat.open(file)) {
            open.tensors();
          }
        },
        IOException.class);
    tally.attempt("contents", input, () -> FileContents.of(file), IOException.class);
    tally.attempt(
        "load",
        input,
        () -> {
          Layer loaded = Checkpoint.load(file);
          if (sample.name.equals("checkpoint") && !holds(loaded, saved)) {
            throw new IllegalStateException("a damaged checkpoint loads with other numbers");
          }
        },
        IOException.class);
    Map<String, Tensor> before = copies(target);
    boolean done =
        tally.attempt(
            "load into",
            input,
            () -> Checkpoint.loadInto(target, file),
            IOException.class,
            IllegalArgumentException.class);
    boolean checkpoint = sample.name.equals("checkpoint") || sample.name.equals("run");
    if (!holds(target, done && checkpoint ? saved : before) && (checkpoint || !done)) {
      tally.finding("a layer has numbers that no file holds", input);
    }
  }
}
