package dev.noether.cli;

import dev.noether.io.AtomicFiles;
import dev.noether.torch.NativeCache;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Enumeration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.CRC32;
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
    Path imports = imports();
    Thread thread = Thread.currentThread();
    ClassLoader ours = thread.getContextClassLoader();
    try {
      thread.setContextClassLoader(new PartsOfTheShell());
      String[] words = arguments(imports).toArray(String[]::new);
      return JavaShellToolBuilder.builder().start(words);
    } finally {
      thread.setContextClassLoader(ours);
    }
  }

  /** The shell reads a file: it stays with what is unpacked, so that a kill leaves nothing. */
  private static Path imports() throws IOException {
    byte[] text = text();
    CRC32 sum = new CRC32();
    sum.update(text);
    Path folder = Files.createDirectories(NativeCache.folder());
    Path file = folder.resolve("imports-%08x.jsh".formatted(sum.getValue()));
    if (!Files.isRegularFile(file) || !Arrays.equals(Files.readAllBytes(file), text)) {
      AtomicFiles.write(file, channel -> channel.write(ByteBuffer.wrap(text)));
    }
    return file;
  }

  private static byte[] text() throws IOException {
    try (InputStream text = JshellCommand.class.getResourceAsStream("imports.jsh")) {
      return Objects.requireNonNull(text).readAllBytes();
    }
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
                ShellProvider.NAME,
                "-R-cp",
                "-R" + classPath,
                "-R-Dorg.bytedeco.javacpp.maxPhysicalBytes=0"));
    if (Runtime.version().feature() >= 22) {
      words.add("-R--enable-native-access=ALL-UNNAMED");
    }
    words.addAll(files);
    return words;
  }

  /** Java's shell finds its own parts by the system's loader, and ours by the launcher's. */
  private static final class PartsOfTheShell extends ClassLoader {
    private static final ClassLoader OURS = JshellCommand.class.getClassLoader();

    PartsOfTheShell() {
      super(ClassLoader.getSystemClassLoader());
    }

    @Override
    protected Class<?> findClass(String name) throws ClassNotFoundException {
      return OURS.loadClass(name);
    }

    @Override
    protected Enumeration<URL> findResources(String name) throws IOException {
      return OURS.getResources(name);
    }
  }
}
