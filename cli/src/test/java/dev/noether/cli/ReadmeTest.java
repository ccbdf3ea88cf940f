package dev.noether.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.noether.io.Checkpoint;
import dev.noether.nn.LayerRegistry;
import dev.noether.torch.LibTorch;
import dev.noether.torch.Tensors;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the README and the guides show is what there is. */
class ReadmeTest {
  private static final Pattern WORD = Pattern.compile("\"([^\"]*)\"|'([^']*)'|(\\S+)");

  @TempDir private Path folder = Path.of("");

  private static String read(String name) throws IOException {
    return Files.readString(Path.of("..").resolve(name));
  }

  /** The blocks of code in a language; the empty language for those that name none. */
  private static List<String> blocks(String text, String language) {
    Matcher block = Pattern.compile("(?ms)^```([^\n]*)\n(.*?)^```$").matcher(text);
    List<String> found = new ArrayList<>();
    while (block.find()) {
      if (block.group(1).equals(language)) {
        found.add(block.group(2));
      }
    }
    return found;
  }

  @Test
  void theCodeOfTheReadmeCompilesAndRuns() throws Exception {
    List<String> code = blocks(read("README.md"), "java");
    assertThat(code).hasSize(2);
    Map<Boolean, List<String>> lines =
        String.join("\n", code)
            .lines()
            .collect(Collectors.partitioningBy(l -> l.startsWith("import ")));
    List<String> imports = Objects.requireNonNull(lines.get(true));
    List<String> statements = Objects.requireNonNull(lines.get(false));
    Path source = folder.resolve("Readme.java");
    Files.writeString(
        source,
        String.join("\n", imports)
            + """

            import java.util.List;
            import org.bytedeco.javacpp.PointerScope;
            import org.bytedeco.pytorch.*;

            public final class Readme {
              private static final List<Tensor> batches = List.of(torch.randn(8, 120));
              public static Tensor run() {
            """
            + String.join("\n", statements)
            + "return y;\n}\n}\n");
    ByteArrayOutputStream errors = new ByteArrayOutputStream();
    int status =
        ToolProvider.getSystemJavaCompiler()
            .run(
                null,
                errors,
                errors,
                "-d",
                folder.toString(),
                "-cp",
                System.getProperty("java.class.path"),
                source.toString());
    assertThat(errors.toString(StandardCharsets.UTF_8)).isEmpty();
    assertThat(status).isZero();
    LibTorch.load();
    try (URLClassLoader loader =
            new URLClassLoader(
                new URL[] {folder.toUri().toURL()}, ReadmeTest.class.getClassLoader());
        PointerScope scope = new PointerScope()) {
      Object y = loader.loadClass("Readme").getMethod("run").invoke(null);
      assertThat(Tensors.shape((Tensor) Objects.requireNonNull(y))).containsExactly(1024, 240);
    }
  }

  /** The lines that call the launcher, as arguments; a line may go on after a backslash. */
  private static List<String[]> commands(String text, String language) {
    List<String[]> commands = new ArrayList<>();
    for (String block : blocks(text, language)) {
      List<String> lines = block.replace("\\\n", " ").lines().toList();
      for (String line : lines.stream().filter(l -> l.startsWith("./noether ")).toList()) {
        List<String> words = new ArrayList<>();
        Matcher word = WORD.matcher(line.replaceFirst(" #.*", "").substring("./noether ".length()));
        while (word.find()) {
          words.add(
              Stream.of(word.group(1), word.group(2), word.group(3))
                  .filter(Objects::nonNull)
                  .findFirst()
                  .orElseThrow());
        }
        commands.add(words.toArray(String[]::new));
      }
    }
    return commands;
  }

  @Test
  void everyCommandOfTheDocumentsHasSuchOptions() throws IOException {
    int shown = 0;
    try (Stream<Path> files = Files.walk(Path.of("..", "docs"))) {
      for (Path file : files.filter(f -> f.toString().endsWith(".md")).sorted().toList()) {
        String text = Files.readString(file);
        for (String language : List.of("", "sh")) {
          for (String[] command : commands(text, language)) {
            assertThatCode(() -> Main.commandLine(0).parseArgs(command))
                .as(file + ": " + String.join(" ", command))
                .doesNotThrowAnyException();
            shown++;
          }
        }
      }
    }
    assertThat(shown).isGreaterThan(20);
  }

  @Test
  void theCommandsThatAreShownAreThere() throws IOException {
    int shown = 0;
    for (String document : List.of("README.md", "CONTRIBUTING.md", "docs/performance.md")) {
      for (String[] command : commands(read(document), "")) {
        shown++;
        if (List.of("bench", "selftest").contains(command[0])) {
          Main.commandLine(0).parseArgs(command); // takes minutes, or is tested elsewhere
        } else {
          assertThat(CommandLineTest.run(command).err()).isEmpty();
        }
      }
    }
    assertThat(shown).isGreaterThanOrEqualTo(8);
  }

  @ParameterizedTest
  @ValueSource(strings = {"docs/conventions.md", "docs/guide/from-python.md"})
  void theArchitectureThatIsShownCanBeBuilt(String page) throws IOException {
    List<String> shown = blocks(read(page), "json");
    assertThat(shown).hasSize(1);
    assertThat(LayerRegistry.standard().build(Checkpoint.architecture(shown.get(0))))
        .hasToString("EquivariantLinear(C4: regular -> C4: 2 x regular)");
  }
}
