package dev.noether.site;

import static org.assertj.core.api.Assertions.assertThat;

import dev.noether.torch.LibTorch;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.bytedeco.javacpp.PointerScope;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The Java of every page of the guide compiles and runs, as one program a page. */
class PagesTest {
  private static final Path GUIDE = Path.of("..", "docs", "guide");

  @TempDir private Path folder = Path.of("");

  private static Page page(String name) throws IOException {
    return new Page(Files.readString(GUIDE.resolve(name)));
  }

  static Stream<String> pages() throws IOException {
    try (Stream<Path> files = Files.list(GUIDE)) {
      List<String> names = files.map(f -> f.getFileName().toString()).sorted().toList();
      return names.stream().filter(PagesTest::hasJava);
    }
  }

  private static boolean hasJava(String name) {
    try {
      return !page(name).code("java").isEmpty();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @ParameterizedTest
  @MethodSource("pages")
  void theProgramOfAPageRuns(String name) throws Exception {
    Set<String> blocks = new LinkedHashSet<>(page("first-hour.md").code("java imports"));
    blocks.addAll(page(name).code("java imports"));
    String imports = String.join("", blocks);
    Path source = folder.resolve("Guide.java");
    Files.writeString(
        source,
        imports
            + "public final class Guide {\npublic static void run(Path folder) throws Exception {\n"
            + String.join("\n", page(name).code("java"))
            + "}\n}\n"
            + String.join("\n", page(name).code("java classes")));
    ByteArrayOutputStream errors = new ByteArrayOutputStream();
    String[] arguments = {
      "-d", folder.toString(), "-cp", System.getProperty("java.class.path"), source.toString()
    };
    ToolProvider.getSystemJavaCompiler().run(null, errors, errors, arguments);
    assertThat(errors.toString(StandardCharsets.UTF_8)).isEmpty();
    LibTorch.load();
    PrintStream before = System.out;
    System.setOut(new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8));
    try (URLClassLoader loader =
            new URLClassLoader(
                new URL[] {folder.toUri().toURL()}, PagesTest.class.getClassLoader());
        PointerScope scope = new PointerScope()) {
      Method run = loader.loadClass("Guide").getMethod("run", Path.class);
      run.invoke(null, folder);
    } finally {
      System.setOut(before);
    }
  }
}
