package dev.noether.site;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.spi.ToolProvider;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** One Javadoc of all published modules, whose types link to each other. */
final class ApiDocs {
  private static final List<String> UNPUBLISHED = List.of("benchmarks", "examples", "site", "cli");

  private ApiDocs() {}

  /** Runs the JDK's own javadoc over the sources of the modules. */
  static void write(Path root, Path out) throws IOException {
    String sources;
    try (Stream<Path> folders = Files.list(root)) {
      sources =
          folders
              .filter(f -> !UNPUBLISHED.contains(String.valueOf(f.getFileName())))
              .map(f -> f.resolve("src/main/java"))
              .filter(Files::isDirectory)
              .sorted()
              .map(Path::toString)
              .collect(Collectors.joining(java.io.File.pathSeparator));
    }
    ByteArrayOutputStream told = new ByteArrayOutputStream();
    PrintStream log = new PrintStream(told, true, StandardCharsets.UTF_8);
    int status =
        ToolProvider.findFirst("javadoc")
            .orElseThrow()
            .run(
                log,
                log,
                "-quiet",
                "-notimestamp",
                "-Xdoclint:all,-missing",
                "-encoding",
                "UTF-8",
                "-windowtitle",
                "Noether",
                "-doctitle",
                "Noether",
                "-bottom",
                "Noether, Apache License 2.0",
                "-overview",
                root.resolve("site/overview.html").toString(),
                "-d",
                out.toString(),
                "-classpath",
                System.getProperty("java.class.path"),
                "-sourcepath",
                sources,
                "-subpackages",
                "dev.noether");
    if (status != 0) {
      throw new IOException("javadoc:\n" + told.toString(StandardCharsets.UTF_8));
    }
  }
}
