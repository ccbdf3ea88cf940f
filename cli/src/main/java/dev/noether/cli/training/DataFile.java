package dev.noether.cli.training;

import static dev.noether.algebra.Checks.require;
import static dev.noether.algebra.Checks.requirePresent;

import dev.noether.io.AtomicFiles;
import dev.noether.io.SafeTensors;
import dev.noether.io.TensorFile;
import dev.noether.io.TensorFormat;
import dev.noether.torch.Dtype;
import dev.noether.torch.Tensors;
import dev.noether.train.Dataset;
import dev.noether.train.data.CsvData;
import dev.noether.train.data.NpyFile;
import dev.noether.train.data.NpzFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/**
 * A file of samples, and which of its columns or tensors are meant.
 *
 * @param file CSV, NPY, NPZ or safetensors, by the end of its name
 * @param columns what each tensor is made of: columns of CSV, or the one tensor in another file
 */
record DataFile(Path file, Map<String, List<String>> columns) {
  Dataset read(Dtype dtype) throws IOException {
    columns.forEach(
        (name, own) ->
            require(
                !own.isEmpty() || ending().equals("npy"),
                "%s: '%s' needs the names of its columns or tensors",
                file,
                name));
    return switch (ending()) {
      case "csv" -> CsvData.read(file, dtype, columns);
      case "npy" -> array(dtype);
      case "npz" -> chosen(NpzFile.read(file), dtype);
      case "safetensors" -> safetensors(dtype);
      default ->
          throw new IllegalArgumentException(
              file + ": data are read from .csv, .npy, .npz and .safetensors");
    };
  }

  private Dataset safetensors(Dtype dtype) throws IOException {
    try (TensorFile open = TensorFormat.open(file)) {
      return chosen(open.tensors(), dtype);
    }
  }

  private Dataset array(Dtype dtype) throws IOException {
    require(
        columns.size() == 1,
        "%s: one array holds inputs alone; inputs and targets come in .npz, .csv or .safetensors",
        file);
    Tensor own = NpyFile.read(file);
    return new Dataset(Map.of(columns.keySet().iterator().next(), own)).to(dtype);
  }

  private Dataset chosen(Map<String, Tensor> all, Dtype dtype) {
    Map<String, Tensor> chosen = new LinkedHashMap<>();
    columns.forEach(
        (name, own) -> {
          require(own.size() == 1, "%s: '%s' is one tensor of the file, got %s", file, name, own);
          chosen.put(
              name,
              requirePresent(
                  all.get(own.get(0)),
                  "%s has no tensor '%s', only %s",
                  file,
                  own.get(0),
                  all.keySet()));
        });
    return new Dataset(chosen).to(dtype);
  }

  private String ending() {
    return ending(file);
  }

  private static String ending(Path file) {
    String name = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
    return name.substring(name.lastIndexOf('.') + 1);
  }

  /** Refuses a file that {@link #write} cannot write, before any work. */
  static void requireWritable(Path file) {
    require(
        List.of("csv", "safetensors").contains(ending(file)),
        "%s: predictions are written to .csv or .safetensors",
        file);
  }

  /** Writes predictions: columns by name, or one tensor called {@code y}. */
  static void write(Path file, Tensor y, List<String> names) throws IOException {
    if (ending(file).equals("safetensors")) {
      SafeTensors.write(file, Map.of("y", y), Map.of());
      return;
    }
    long[] shape = Tensors.shape(y);
    require(shape.length == 2, "CSV holds [samples, features], got an output with more axes");
    int width = (int) shape[1];
    double[] numbers = Tensors.toArray(y);
    boolean single = Tensors.dtypeName(y).equals("float32");
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < width; i++) {
      String name = names.size() == width ? names.get(i) : "y" + i;
      text.append(i == 0 ? "" : ",").append(name);
    }
    for (int i = 0; i < numbers.length; i++) {
      text.append(i % width == 0 ? "\n" : ",");
      text.append(single ? Float.toString((float) numbers[i]) : Double.toString(numbers[i]));
    }
    byte[] bytes = text.append('\n').toString().getBytes(StandardCharsets.UTF_8);
    AtomicFiles.write(file, channel -> channel.write(ByteBuffer.wrap(bytes)));
  }
}
