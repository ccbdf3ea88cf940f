package dev.noether.cli.training;

import static dev.noether.algebra.Checks.require;
import static dev.noether.algebra.Checks.requirePresent;

import de.siegmar.fastcsv.writer.CsvWriter;
import de.siegmar.fastcsv.writer.LineDelimiter;
import dev.noether.io.AtomicFiles;
import dev.noether.io.SafeTensors;
import dev.noether.io.TensorFile;
import dev.noether.io.TensorFormat;
import dev.noether.io.bytes.NativeBytes;
import dev.noether.torch.Dtype;
import dev.noether.torch.Tensors;
import dev.noether.train.Dataset;
import dev.noether.train.data.CsvData;
import dev.noether.train.data.NpyFile;
import dev.noether.train.data.NpzFile;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;

/**
 * A file of samples, and which of its columns or tensors are meant.
 *
 * @param file CSV, NPY, NPZ or safetensors, by the end of its name
 * @param columns what each tensor is made of: columns of CSV, or the one tensor in another file
 */
public record DataFile(Path file, Map<String, List<String>> columns) {
  /**
   * Reads the samples.
   *
   * @param dtype the dtype wanted
   * @return the tensors by name
   * @throws IOException if the file cannot be read
   * @throws IllegalArgumentException if it is of no known kind, or lacks a column or tensor
   */
  public Dataset read(Dtype dtype) throws IOException {
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
        List.of("csv", "npy", "safetensors").contains(ending(file)),
        "%s: predictions are written to .csv, .npy or .safetensors",
        file);
  }

  /** Writes predictions: columns by name, an array, or one tensor called {@code y}. */
  static void write(Path file, Tensor y, List<String> names) throws IOException {
    switch (ending(file)) {
      case "safetensors" -> SafeTensors.write(file, Map.of("y", y), Map.of());
      case "npy" -> NpyFile.write(file, y);
      default -> writeColumns(file, y, names);
    }
  }

  private static void writeColumns(Path file, Tensor y, List<String> names) throws IOException {
    long[] shape = Tensors.shape(y);
    require(
        shape.length == 2,
        "%s: CSV holds [samples, features], the model gives %s: write to .npy or .safetensors",
        file,
        Arrays.toString(shape));
    int width = (int) shape[1];
    double[] numbers = Tensors.toArray(y);
    boolean single = Tensors.dtypeName(y).equals("float32");
    StringWriter text = new StringWriter();
    try (CsvWriter writer = CsvWriter.builder().lineDelimiter(LineDelimiter.LF).build(text)) {
      writer.writeRecord(
          IntStream.range(0, width)
              .mapToObj(i -> names.size() == width ? names.get(i) : "y" + i)
              .toList());
      for (int row = 0; row < numbers.length; row += width) {
        writer.writeRecord(
            Arrays.stream(numbers, row, row + width)
                .mapToObj(x -> single ? Float.toString((float) x) : Double.toString(x))
                .toList());
      }
    }
    byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
    AtomicFiles.write(file, channel -> NativeBytes.writeFully(channel, ByteBuffer.wrap(bytes)));
  }
}
