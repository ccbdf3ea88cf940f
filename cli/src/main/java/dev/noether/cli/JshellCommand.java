package dev.noether.cli;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import jdk.jshell.tool.JavaShellToolBuilder;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code noether jshell}: Java's shell with Noether in it. */
@Command(
    name = "jshell",
    description =
        "Opens Java's shell with Noether and LibTorch imported; tensors show their numbers.",
    footer = {
      "",
      "  noether jshell",
      "  noether jshell session.jsh",
      "  echo 'torch.randn(2, 3)' | noether jshell"
    })
final class JshellCommand implements Callable<Integer> {
  @Parameters(paramLabel = "FILE", arity = "0..*", description = "to run first")
  private List<String> files = new ArrayList<>();

  @Override
  public Integer call() throws Exception {
    Path imports = copyOfImports();
    Thread thread = Thread.currentThread();
    ClassLoader ours = thread.getContextClassLoader();
    try {
      // The parts of Java's shell are found from here, and not from the launcher's loader.
      thread.setContextClassLoader(ClassLoader.getSystemClassLoader());
      String[] words = arguments(imports).toArray(String[]::new);
      return JavaShellToolBuilder.builder().start(words);
    } finally {
      thread.setContextClassLoader(ours);
      Files.deleteIfExists(imports);
    }
  }

  private static Path copyOfImports() throws IOException {
    Path file = Files.createTempFile("noether", ".jsh");
    try (InputStream text = JshellCommand.class.getResourceAsStream("imports.jsh")) {
      Files.copy(Objects.requireNonNull(text), file, StandardCopyOption.REPLACE_EXISTING);
    }
    return file;
  }

  /** What is computed runs in a process of its own, whose class path is this one's. */
  private List<String> arguments(Path imports) {
    String classPath =
        Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
            .filter(entry -> Files.exists(Path.of(entry))) // the shell refuses others
            .collect(Collectors.joining(File.pathSeparator));
    List<String> words =
        new ArrayList<>(
            List.of(
                "--class-path",
                classPath,
                "--startup",
                "DEFAULT",
                "--startup",
                imports.toString(),
                "--execution",
                "jdi:remoteAgent(" + ShellAgent.class.getName() + ")",
                "-R-cp",
                "-R" + classPath,
                "-R-Dorg.bytedeco.javacpp.maxPhysicalBytes=0"));
    if (Runtime.version().feature() >= 22) {
      words.add("-R--enable-native-access=ALL-UNNAMED");
    }
    words.addAll(files);
    return words;
  }
}
