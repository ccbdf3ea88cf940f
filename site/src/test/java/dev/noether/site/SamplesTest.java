package dev.noether.site;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What the Javadoc of types shows compiles, and the types that people meet first show something.
 */
class SamplesTest {
  private static final List<String> MODULES =
      List.of("core", "nn", "io", "onnx", "train", "runtime", "parallel");

  /** What is no Java, or stands inside the class that it shows. */
  private static final Set<String> OTHER =
      Set.of("GroupDescription", "ProgressBar", "Restricted", "LayerType");

  private static final Set<String> IMPORTANT =
      Set.of(
          "Noether",
          "Groups",
          "Representation",
          "CoordinateAction",
          "EquivariantLayer",
          "EquivariantLinear",
          "EquivariantSequential",
          "Equivariance",
          "EquivariantMlp",
          "GatedMlp",
          "SteerableCnn",
          "EquivariantConditionalUnet1d",
          "FrameAveraging",
          "EquivariantLeastSquares",
          "SymmetrySearch",
          "RobotSymmetry",
          "Restriction",
          "Symmetrize",
          "Checkpoint",
          "Dataset",
          "Loss",
          "Schedule",
          "Trainer",
          "Model");

  /** Names that samples take as given. */
  private static final String GIVEN =
      """
      static Tensor x, y, actions, step, seen, loss, error, samples;
      static List<Tensor> batches;
      static Representation in, out, rho, representation, fivePoints;
      static FiniteGroup group;
      static Subgroup subgroup;
      static EquivariantMlp model;
      static Mlp mlp;
      static Adam adam;
      static AdamW optimizer;
      static Dataset training, validation;
      static SymmetrySearch.Options options;
      static float[] observation;
      """;

  private static final Pattern SAMPLE =
      Pattern.compile("<pre>\\{@code\\R(.*?)\\R\\s*\\* }</pre>", Pattern.DOTALL);

  @TempDir private Path folder = Path.of("");

  private static List<Path> sources(String module) {
    try (Stream<Path> files = Files.walk(Path.of("..", module, "src", "main", "java"))) {
      return files.filter(file -> file.toString().endsWith(".java")).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String name(Path file) {
    return file.getFileName().toString().replace(".java", "");
  }

  @Test
  void everySampleCompiles() throws IOException {
    Set<String> shown = new TreeSet<>();
    List<String> samples = new ArrayList<>();
    Set<String> packages = new TreeSet<>();
    for (String module : MODULES) {
      for (Path file : sources(module)) {
        String text = Files.readString(file);
        Matcher sample = SAMPLE.matcher(text);
        while (!OTHER.contains(name(file)) && sample.find()) {
          shown.add(name(file));
          samples.add(sample.group(1).replaceAll("(?m)^ *\\* ?", ""));
          packages.add(text.replaceFirst("(?s)^package ([^;]*);.*", "$1"));
        }
      }
    }
    assertThat(shown).containsAll(IMPORTANT);
    StringBuilder program = new StringBuilder();
    String imports =
        String.join(
            "",
            new Page(Files.readString(Path.of("../docs/guide/first-hour.md")))
                .code("java imports"));
    program.append(imports);
    packages.remove("dev.noether"); // one type of it, imported above
    packages.forEach(own -> program.append("import ").append(own).append(".*;\n"));
    program
        .append("import dev.noether.kernel.*;\nimport dev.noether.runtime.Model;\n")
        .append("import dev.noether.models.Mlp;\n")
        .append("final class Samples {\n")
        .append(GIVEN);
    for (int i = 0; i < samples.size(); i++) {
      program.append("static void sample").append(i).append("() throws Exception {\n");
      program.append(samples.get(i)).append("\n}\n");
    }
    Path source = folder.resolve("Samples.java");
    Files.writeString(source, program + "}\n");
    ByteArrayOutputStream errors = new ByteArrayOutputStream();
    String[] arguments = {
      "-proc:none",
      "-d",
      folder.toString(),
      "-cp",
      System.getProperty("java.class.path"),
      source.toString()
    };
    ToolProvider.getSystemJavaCompiler().run(null, errors, errors, arguments);
    assertThat(errors.toString(StandardCharsets.UTF_8)).isEmpty();
  }
}
