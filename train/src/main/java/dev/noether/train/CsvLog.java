package dev.noether.train;

import static dev.noether.algebra.Checks.require;

import de.siegmar.fastcsv.writer.CsvWriter;
import de.siegmar.fastcsv.writer.LineDelimiter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/**
 * Writes a line per epoch into a CSV file: {@code epoch, steps, loss, learning_rate, validation},
 * the last one empty where there was no validation. A resumed run writes the lines of the epochs
 * before it anew, so the file is that of a run that never stopped.
 */
public final class CsvLog implements Callback {
  private final Path file;

  /**
   * A log.
   *
   * @param file where to; its folder is made if it is not there
   */
  public CsvLog(Path file) {
    this.file = file;
  }

  @Override
  public void onStart(Run run) throws IOException {
    require(
        run.isResumed() || !Files.exists(file),
        "%s is there already, a new run does not write over the log of another: choose another "
            + "file, or resume that run",
        file);
    Path folder = file.toAbsolutePath().getParent();
    if (folder != null) {
      Files.createDirectories(folder);
    }
    try (CsvWriter writer = writer(StandardOpenOption.TRUNCATE_EXISTING)) {
      writer.writeRecord("epoch", "steps", "loss", "learning_rate", "validation");
      for (History.Epoch epoch : run.history().epochs()) {
        writer.writeRecord(line(epoch));
      }
    }
  }

  @Override
  public void onEpochEnd(Run run, History.Epoch epoch) throws IOException {
    try (CsvWriter writer = writer(StandardOpenOption.APPEND)) {
      writer.writeRecord(line(epoch));
    }
  }

  private CsvWriter writer(StandardOpenOption how) throws IOException {
    return CsvWriter.builder()
        .lineDelimiter(LineDelimiter.LF)
        .build(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE, how);
  }

  private static List<String> line(History.Epoch epoch) {
    return List.of(
        Integer.toString(epoch.number()),
        Long.toString(epoch.steps()),
        Double.toString(epoch.loss()),
        Double.toString(epoch.learningRate()),
        epoch.validation().isPresent() ? Double.toString(epoch.validation().getAsDouble()) : "");
  }
}
