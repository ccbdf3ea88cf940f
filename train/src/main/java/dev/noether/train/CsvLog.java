package dev.noether.train;

import static dev.noether.algebra.Checks.require;

import de.siegmar.fastcsv.writer.CsvWriter;
import de.siegmar.fastcsv.writer.LineDelimiter;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Writes a line per epoch into a CSV file: {@code epoch, steps, loss, learning_rate, validation},
 * the last one empty where there was no validation. A resumed run writes the lines of the epochs
 * before it anew, so the file is that of a run that never stopped.
 */
public final class CsvLog implements Callback {
  private static final List<String> HEADER =
      List.of("epoch", "steps", "loss", "learning_rate", "validation");

  private final Path file;
  private int written;

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
    Files.writeString(file, lines(List.of(HEADER)));
    written = 0;
    append(run.history());
  }

  @Override
  public void onEpochEnd(Run run, History.Epoch epoch) throws IOException {
    append(run.history());
  }

  /** The epochs that are not in the file yet: more than one where the disk was full before. */
  private void append(History history) throws IOException {
    List<History.Epoch> missing = history.epochs().subList(written, history.epochs().size());
    String text = lines(missing.stream().map(CsvLog::line).toList());
    AppendedFile.append(file, text.getBytes(StandardCharsets.UTF_8));
    written = history.epochs().size();
  }

  private static String lines(List<List<String>> lines) throws IOException {
    StringWriter text = new StringWriter();
    try (CsvWriter writer = CsvWriter.builder().lineDelimiter(LineDelimiter.LF).build(text)) {
      lines.forEach(writer::writeRecord);
    }
    return text.toString();
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
