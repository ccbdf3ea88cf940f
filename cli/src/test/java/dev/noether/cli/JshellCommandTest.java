package dev.noether.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Java's shell with Noether in it, in a process of its own. */
class JshellCommandTest {
  private static final String SESSION =
      """
      Tensor x = torch.ones(2, 3)
      x.mul(new Scalar(2))
      var rho = Representation.parse("C4: regular")
      Tensor none = null
      torch.ones(40, 40)
      String s = "text"
      new EquivariantLinear(rho, rho).weight().dim()
      /exit 3
      """;

  /**
   * Starts the command as the launcher does, with a class loader of its own.
   *
   * @param arguments none
   * @throws Exception if it cannot be started
   */
  public static void main(String[] arguments) throws Exception {
    List<URL> urls = new ArrayList<>();
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
      urls.add(Path.of(entry).toUri().toURL());
    }
    ClassLoader loader =
        new URLClassLoader(urls.toArray(URL[]::new), ClassLoader.getPlatformClassLoader());
    Thread.currentThread().setContextClassLoader(loader);
    loader
        .loadClass(Main.class.getName())
        .getMethod("main", String[].class)
        .invoke(null, (Object) new String[] {"jshell"});
  }

  @Test
  void whatThePagesImportIsImported() throws IOException {
    String page = Files.readString(Path.of("../docs/guide/first-hour.md"));
    String block = page.split("```java imports\n", -1)[1].split("```", -1)[0];
    try (InputStream stream = JshellCommand.class.getResourceAsStream("imports.jsh")) {
      String imports = new String(Objects.requireNonNull(stream).readAllBytes(), UTF_8);
      assertThat(imports.lines())
          .containsAll(block.lines().filter(line -> !line.startsWith("import java.")).toList());
    }
  }

  @Test
  void aKillLeavesNothing(@TempDir Path temporary) throws Exception {
    Process process = start("-Djava.io.tmpdir=" + temporary);
    process.getOutputStream().write("torch.ones(2)\n".getBytes(UTF_8));
    process.getOutputStream().flush();
    BufferedReader out = process.inputReader(UTF_8);
    assertThat(out.lines().anyMatch(line -> line.contains("float32 [2]"))).isTrue();
    process.destroyForcibly().waitFor();
    try (Stream<Path> left = Files.list(temporary)) {
      assertThat(left).isEmpty();
    }
  }

  @Test
  void tensorsShowTheirNumbers() throws Exception {
    Process process = start();
    process.getOutputStream().write(SESSION.getBytes(UTF_8));
    process.getOutputStream().close();
    String out = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor()).as(out).isEqualTo(3);
    assertThat(out)
        .contains(
            "x ==> float32 [2, 3]\n[[1.0000, 1.0000, 1.0000],\n [1.0000, 1.0000, 1.0000]]",
            "[[2.0000, 2.0000, 2.0000],",
            "rho ==> C4: regular",
            "none ==> null",
            "==> float32 [40, 40]\n",
            "1.0000, ..., 1.0000",
            "s ==> \"text\"",
            "==> 2")
        .doesNotContain("CPUFloatType", "OpenBLAS", "Does not match");
  }

  private static Process start(String... options) throws IOException {
    List<String> words =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path")));
    words.addAll(List.of(options));
    words.add(JshellCommandTest.class.getName());
    return new ProcessBuilder(words).redirectErrorStream(true).start();
  }
}
