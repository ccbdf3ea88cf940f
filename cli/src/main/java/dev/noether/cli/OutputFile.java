package dev.noether.cli;

import dev.noether.algebra.Checks;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** What every command asks before it writes a file: nothing is replaced unless the user says so. */
final class OutputFile {
  @Option(names = "--force", description = "replace the file to write, if it is there already")
  private boolean force;

  /**
   * Checks a file to be written.
   *
   * @param file the file
   * @param inputs files that are read; none of them may be the same file, by whatever name or link
   * @throws IllegalArgumentException if one is, or the file is there and --force is not said
   */
  void require(Path file, Path... inputs) throws IOException {
    if (!Files.exists(file) || Files.isDirectory(file)) {
      return;
    }
    for (Path input : inputs) {
      Checks.require(
          !Files.exists(input) || !Files.isSameFile(file, input),
          "%s is the file that is read (%s), and would be lost: write to another one",
          file,
          input);
    }
    Checks.require(
        force, "%s is there already: write to another file, or add --force to replace it", file);
  }
}
