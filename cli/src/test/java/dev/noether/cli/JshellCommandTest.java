package dev.noether.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

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
import org.junit.jupiter.api.Test;

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
  void tensorsShowTheirNumbers() throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                JshellCommandTest.class.getName())
            .redirectErrorStream(true)
            .start();
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
}
