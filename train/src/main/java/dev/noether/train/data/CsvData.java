package dev.noether.train.data;

import static dev.noether.algebra.Checks.require;

import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;
import de.siegmar.fastcsv.reader.FieldMismatchStrategy;
import dev.noether.algebra.Spelling;
import dev.noether.torch.Dtype;
import dev.noether.torch.Tensors;
import dev.noether.train.Dataset;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;

/**
 * Reads data from a CSV file (RFC 4180, UTF-8) whose first line names the columns and whose others
 * are samples. Whatever is wrong with it, the message names the file, the line and the column.
 */
public final class CsvData {
  private final Path path;
  private final List<String> header;

  private CsvData(Path path, List<String> header) {
    this.path = path;
    this.header = header;
  }

  /**
   * Reads columns into tensors.
   *
   * @param path the file
   * @param dtype the dtype of the tensors
   * @param tensors the columns of each tensor, by its name; others in the file are left out
   * @return the samples; each tensor is {@code [samples, columns]}
   * @throws IllegalArgumentException if a column is missing or named twice, a line has more or
   *     fewer fields than the first, a field is no finite number, or there is no sample
   * @throws IOException if the file cannot be read
   */
  public static Dataset read(Path path, Dtype dtype, Map<String, List<String>> tensors)
      throws IOException {
    try (CsvReader<CsvRecord> reader =
        CsvReader.builder()
            .extraFieldStrategy(FieldMismatchStrategy.IGNORE)
            .missingFieldStrategy(FieldMismatchStrategy.IGNORE)
            .detectBomHeader(true)
            .ofCsvRecord(path)) {
      Iterator<CsvRecord> records = reader.iterator();
      require(records.hasNext(), "%s is empty: its first line must name the columns", path);
      CsvData file =
          new CsvData(path, records.next().getFields().stream().map(String::strip).toList());
      return file.read(records, dtype, tensors);
    } catch (UncheckedIOException e) {
      throw new IOException(path + ": " + e.getMessage(), e);
    } catch (CsvParseException e) {
      throw new IllegalArgumentException(path + ": " + e.getMessage(), e);
    }
  }

  private Dataset read(
      Iterator<CsvRecord> records, Dtype dtype, Map<String, List<String>> tensors) {
    List<Columns> wanted = new ArrayList<>();
    tensors.forEach(
        (name, columns) ->
            wanted.add(
                new Columns(name, columns.stream().map(this::place).toList(), new Numbers())));
    int samples = 0;
    while (records.hasNext()) {
      CsvRecord line = records.next();
      requireWidth(line);
      samples++;
      for (Columns columns : wanted) {
        for (int place : columns.places) {
          columns.numbers.add(number(line, place));
        }
      }
    }
    require(samples > 0, "%s has names of columns and no sample", path);
    Map<String, Tensor> read = new LinkedHashMap<>();
    for (Columns columns : wanted) {
      double[] values = columns.numbers.toArray();
      read.put(columns.name, Tensors.of(dtype, values, samples, columns.places.size()));
    }
    return new Dataset(read);
  }

  private int place(String column) {
    int place = header.indexOf(column);
    require(place >= 0, "%s has no column '%s'%s, only %s", path, column, hint(column), header);
    require(place == header.lastIndexOf(column), "%s has two columns called '%s'", path, column);
    return place;
  }

  /** What newcomers' files often have: a name that is nearly so, other separators, no names. */
  private String hint(String column) {
    if (header.size() == 1 && Stream.of(";", "\t").anyMatch(header.get(0)::contains)) {
      return " (fields are separated by commas)";
    }
    if (header.stream().allMatch(name -> Double.isFinite(parsed(name)))) {
      return " (its first line must name the columns)";
    }
    return Spelling.nearest(column, header.stream())
        .map(name -> " (did you mean '" + name + "'?)")
        .orElse("");
  }

  private void requireWidth(CsvRecord line) {
    require(
        line.getFieldCount() == header.size(),
        "%s, line %d: it must have %d fields as the first line has, got %d",
        path,
        line.getStartingLineNumber(),
        header.size(),
        line.getFieldCount());
  }

  private double number(CsvRecord line, int place) {
    String text = line.getField(place).strip();
    double value = parsed(text);
    require(
        Double.isFinite(value),
        "%s, line %d, column '%s': it must be a finite number, got '%s'",
        path,
        line.getStartingLineNumber(),
        header.get(place),
        text);
    return value;
  }

  private static double parsed(String text) {
    try {
      return Double.parseDouble(text);
    } catch (NumberFormatException e) {
      return Double.NaN;
    }
  }

  /** Where the numbers of a tensor are in a line, and those that were read. */
  private record Columns(String name, List<Integer> places, Numbers numbers) {}

  /** Doubles without an object for each. */
  private static final class Numbers {
    private double[] values = new double[1024];
    private int count;

    void add(double value) {
      if (count == values.length) {
        values = Arrays.copyOf(values, Math.multiplyExact(2, count));
      }
      values[count++] = value;
    }

    double[] toArray() {
      return Arrays.copyOf(values, count);
    }
  }
}
