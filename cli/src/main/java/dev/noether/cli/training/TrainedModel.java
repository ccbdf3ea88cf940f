package dev.noether.cli.training;

import static dev.noether.algebra.Checks.require;

import dev.noether.io.Checkpoint;
import dev.noether.nn.Layer;
import dev.noether.plain.Forward;
import dev.noether.torch.Dtype;
import dev.noether.train.Dataset;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * A model that was trained, and what its run was told, if it is the folder of one.
 *
 * @param model in evaluation mode
 * @param config of the run
 */
record TrainedModel(Layer model, Optional<TrainingConfig> config) {
  private static final int BATCH = 1024;

  /** Opens a checkpoint, or the folder of a run. */
  static TrainedModel open(Path path) throws IOException {
    boolean folder = Files.isDirectory(path);
    RunFolder run = new RunFolder(path);
    Path file = folder ? run.model() : path;
    require(
        !folder || Files.exists(file),
        "%s holds no model.safetensors: its run has not ended; best.safetensors, if it is there, "
            + "is the best one so far",
        path);
    Path told = folder ? run.config() : new RunFolder(folderOf(path)).config();
    Layer model = Checkpoint.load(file);
    model.eval();
    return new TrainedModel(
        model,
        Files.exists(told)
            ? Optional.of(TrainingConfig.of(told.toString(), RunFolder.json(told), Path.of("")))
            : Optional.empty());
  }

  private static Path folderOf(Path file) {
    Path parent = file.toAbsolutePath().getParent();
    return parent == null ? file : parent;
  }

  /** Columns that an option names, else those of the run. */
  List<String> columns(String tensor, List<String> option) {
    List<String> known =
        config.map(own -> own.data().columns().getOrDefault(tensor, List.of())).orElse(List.of());
    require(
        !option.isEmpty() || !known.isEmpty(),
        "which columns or tensors are '%s'? Say it with --%s",
        tensor,
        tensor);
    return option.isEmpty() ? known : option;
  }

  Dataset read(Path file, Map<String, List<String>> columns) throws IOException {
    return new DataFile(file, new LinkedHashMap<>(columns)).read(dtype());
  }

  private Dtype dtype() {
    return Stream.concat(
            model.namedParameters().values().stream(), model.trainedState().values().stream())
        .filter(Tensor::is_floating_point)
        .findFirst()
        .map(Dtype::of)
        .orElse(Dtype.FLOAT32);
  }

  /** The outputs for all samples, a part at a time. */
  Tensor predict(Dataset data) {
    Forward forward = LossChoice.forward(model);
    TensorVector parts = new TensorVector();
    try (NoGradGuard guard = new NoGradGuard()) {
      for (long from = 0; from < data.size(); from += BATCH) {
        int count = (int) Math.min(BATCH, data.size() - from);
        try (PointerScope scope = new PointerScope()) {
          Tensor x = data.tensor("x").narrow(0, from, count);
          parts.push_back(forward.forward(x));
        }
      }
    }
    return torch.cat(parts);
  }
}
