package dev.noether.cli;

import static dev.noether.algebra.Checks.require;

import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;
import de.siegmar.fastcsv.reader.FieldMismatchStrategy;
import de.siegmar.fastcsv.writer.CsvWriter;
import dev.noether.io.AtomicFiles;
import dev.noether.runtime.Model;
import dev.noether.runtime.Port;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code noether run}: an exported model over the rows of a CSV file, without LibTorch. */
@Command(
    name = "run",
    description = "Runs an exported model (*.noether) over the rows of a CSV file, in plain Java.",
    footer = {"", "  noether run policy.noether observations.csv actions.csv"})
final class RunCommand implements Callable<Integer>, PureJava {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(index = "0", paramLabel = "MODEL", description = "what noether export wrote")
  private Path file = Path.of("");

  @Parameters(index = "1", paramLabel = "IN", description = "a CSV file, one sample a row")
  private Path in = Path.of("");

  @Parameters(index = "2", paramLabel = "OUT", description = "the CSV file to write")
  private Path out = Path.of("");

  @Mixin private final OutputFile output = new OutputFile();

  @Override
  public Integer call() throws IOException {
    output.require(out, spec);
    Model model = Model.load(file);
    require(
        model.inputs().size() == 1 && model.inputs().get(0).axes().size() == 2,
        "%s takes %s: run it from a program, a CSV file holds one sample of one input a row",
        file,
        model.inputs());
    Port port = model.inputs().get(0);
    int width = model.outputs().get(0).size();
    List<float[]> rows = read(port.size());
    AtomicFiles.write(
        out,
        channel -> {
          CsvWriter csv =
              CsvWriter.builder().build(Channels.newWriter(channel, StandardCharsets.UTF_8));
          float[] result = new float[width];
          for (float[] row : rows) {
            model.run(row, result);
            List<String> fields = new ArrayList<>();
            for (float value : result) {
              fields.add(Float.toString(value));
            }
            csv.writeRecord(fields);
          }
          csv.flush();
        });
    spec.commandLine().getOut().printf(Locale.ROOT, "%s: %d rows%n", out, rows.size());
    spec.commandLine().getOut().flush();
    return 0;
  }

  private List<float[]> read(int width) throws IOException {
    List<float[]> rows = new ArrayList<>();
    try (CsvReader<CsvRecord> csv =
        CsvReader.builder()
            .missingFieldStrategy(FieldMismatchStrategy.IGNORE)
            .extraFieldStrategy(FieldMismatchStrategy.IGNORE)
            .ofCsvRecord(in)) {
      for (CsvRecord csvRecord : csv) {
        boolean header = rows.isEmpty() && csvRecord.getStartingLineNumber() == 1;
        if (!header || isNumber(csvRecord.getField(0))) {
          rows.add(row(csvRecord, width));
        }
      }
    }
    require(!rows.isEmpty(), "%s holds no row of numbers", in);
    return rows;
  }

  private float[] row(CsvRecord csvRecord, int width) {
    long line = csvRecord.getStartingLineNumber();
    require(
        csvRecord.getFieldCount() == width,
        "%s, line %d: the model takes %d numbers, got %d",
        in,
        line,
        width,
        csvRecord.getFieldCount());
    float[] row = new float[width];
    for (int i = 0; i < width; i++) {
      String field = csvRecord.getField(i);
      require(isNumber(field), "%s, line %d, column %d: '%s' is no number", in, line, i + 1, field);
      row[i] = Float.parseFloat(field.strip());
    }
    return row;
  }

  private static boolean isNumber(String text) {
    try {
      Float.parseFloat(text.strip());
      return true;
    } catch (NumberFormatException e) {
      return false;
    }
  }
}
