package dev.noether.cli;

import dev.noether.algebra.Checks;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/**
 * What every command asks before it writes a file: nothing that it reads is lost, and nothing is
 * replaced unless the user says so.
 */
public final class OutputFile {
  @Option(names = "--force", description = "replace the file to write, if it is there already")
  private boolean force;

  /** For the command line. */
  public OutputFile() {}

  /**
   * Checks a file to be written, before the work.
   *
   * @param file the file
   * @param command the command, whose other files are those that it reads
   * @throws IOException if a file cannot be looked at
   * @throws IllegalArgumentException if it is one of the command's other files, by whatever name or
   *     link, or if it is there already and --force is not said
   */
  public void require(Path file, CommandSpec command) throws IOException {
    if (!Files.exists(file) || Files.isDirectory(file)) {
      return;
    }
    for (Path other : others(file, command)) {
      Checks.require(
          !Files.exists(other) || !Files.isSameFile(file, other),
          "%s is the file that is read (%s), and would be lost: write to another one",
          file,
          other);
    }
    Checks.require(
        force, "%s is there already: write to another file, or add --force to replace it", file);
  }

  /** All files that the command line names, but the one to write. */
  @SuppressWarnings("ReferenceEquality") // one name twice is two arguments
  private static List<Path> others(Path file, CommandSpec command) {
    return command.args().stream()
        .map(OutputFile::value)
        .filter(value -> value instanceof Path && value != file)
        .map(Path.class::cast)
        .toList();
  }

  private static Object value(ArgSpec argument) {
    Object value = argument.getValue();
    return value == null ? "" : value;
  }
}
