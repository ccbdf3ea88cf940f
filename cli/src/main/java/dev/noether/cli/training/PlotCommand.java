package dev.noether.cli.training;

import static dev.noether.algebra.Checks.require;

import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.NamedCsvRecord;
import dev.noether.cli.OutputFile;
import dev.noether.cli.PureJava;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code noether plot}. */
@Command(
    name = "plot",
    description = "Draws the learning curves of a run.",
    footer = {"", "  noether plot run", "  noether plot run/log.csv curves.png"})
public final class PlotCommand implements Callable<Integer>, PureJava {
  /** For the command line. */
  public PlotCommand() {}

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(index = "0", paramLabel = "RUN", description = "a run's folder, or a CSV log")
  private Path run = Path.of("");

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "OUT",
      description = "a file called *.svg or *.png (default: curves.svg in the run's folder)")
  private @Nullable Path out;

  @Mixin private final OutputFile output = new OutputFile();

  @Override
  public Integer call() throws IOException {
    boolean folder = Files.isDirectory(run);
    Path log = folder ? new RunFolder(run).log() : run;
    require(!folder || Files.exists(log), "%s holds no log.csv: is it the folder of a run?", run);
    Path file = out == null ? log.resolveSibling("curves.svg") : out;
    Curves.requireWritable(file);
    if (out != null) {
      output.require(file, spec);
    }
    int epochs = draw(log, file);
    spec.commandLine().getOut().printf(Locale.ROOT, "%s: %d epochs%n", file, epochs);
    spec.commandLine().getOut().flush();
    return 0;
  }

  private static int draw(Path log, Path file) throws IOException {
    List<Double> steps = new ArrayList<>();
    List<Double> losses = new ArrayList<>();
    List<Double> validated = new ArrayList<>();
    List<Double> validations = new ArrayList<>();
    try (CsvReader<NamedCsvRecord> reader = CsvReader.builder().ofNamedCsvRecord(log)) {
      for (NamedCsvRecord line : reader) {
        double step = number(log, line, "steps");
        steps.add(step);
        losses.add(number(log, line, "loss"));
        if (line.findField("validation").filter(text -> !text.isEmpty()).isPresent()) {
          validated.add(step);
          validations.add(number(log, line, "validation"));
        }
      }
    }
    require(!steps.isEmpty(), "%s tells of no epoch yet", log);
    Curves curves = new Curves("", "steps", "loss", false);
    curves.add("training", steps, losses);
    if (!validations.isEmpty()) {
      curves.add("validation", validated, validations);
    }
    curves.write(file);
    return steps.size();
  }

  private static double number(Path log, NamedCsvRecord line, String column) {
    String text = line.findField(column).orElse("");
    try {
      return Double.parseDouble(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          log
              + ", line "
              + line.getStartingLineNumber()
              + ": it must have a number in '"
              + column
              + "', got '"
              + text
              + "'",
          e);
    }
  }
}
