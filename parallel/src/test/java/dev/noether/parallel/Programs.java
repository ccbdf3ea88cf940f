package dev.noether.parallel;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Java programs of a test, in processes of their own. */
final class Programs {
  private Programs() {}

  /** Small, quick to start, and on one thread. */
  static List<String> command(Class<?> program, Object... arguments) {
    List<String> words =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Dnoether.threads=1",
                "-cp",
                System.getProperty("java.class.path"),
                program.getName()));
    for (Object argument : arguments) {
      words.add(argument.toString());
    }
    return words;
  }
}
