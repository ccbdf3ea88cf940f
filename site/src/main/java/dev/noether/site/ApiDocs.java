package dev.noether.site;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.spi.ToolProvider;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** One Javadoc of all published modules, whose types link to each other. */
final class ApiDocs {
  /** Commands and what they run tell of themselves by {@code --help}. */
  private static final List<String> COMMANDS = List.of("cli", "examples");

  private ApiDocs() {}

  /** The folders of the modules that programs use; what is not published says so in its POM. */
  static List<Path> modules(Path root) throws IOException {
    List<Path> modules = new ArrayList<>();
    try (Stream<Path> folders = Files.list(root)) {
      for (Path folder : folders.sorted().toList()) {
        if (Files.isDirectory(folder.resolve("src/main/java"))
            && !COMMANDS.contains(String.valueOf(folder.getFileName()))
            && !Files.readString(folder.resolve("pom.xml")).contains("<maven.deploy.skip>true")) {
          modules.add(folder);
        }
      }
    }
    return modules;
  }

  /** Runs the JDK's own javadoc over the sources of the modules. */
  static void write(Path root, Path out) throws IOException {
    String sources =
        modules(root).stream()
            .map(folder -> folder.resolve("src/main/java").toString())
            .collect(Collectors.joining(File.pathSeparator));
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
