package dev.noether.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The program that the guide shows compiles, runs, and goes on when it is run again. */
class GuideTest {
  @TempDir private Path folder = Path.of("");

  private static String program() throws IOException {
    String guide = Files.readString(Path.of("..", "docs", "training.md"));
    Matcher block = Pattern.compile("(?ms)^```java\n(.*?)^```$").matcher(guide);
    assertThat(block.find()).isTrue();
    return block.group(1);
  }

  /** 12 columns of positions and 4 of forces, which are the differences of two of them. */
  private void writeData() throws IOException {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 12; i++) {
      text.append("x").append(i).append(',');
    }
    text.append("y0,y1,y2,y3\n");
    Random random = new Random(1);
    for (int sample = 0; sample < 100; sample++) {
      double[] x = random.doubles(12, -1, 1).toArray();
      for (double value : x) {
        text.append(String.format(Locale.ROOT, "%.6f,", value));
      }
      for (int i = 0; i < 4; i++) {
        text.append(String.format(Locale.ROOT, "%.6f", x[i] - x[i + 4]));
        text.append(i < 3 ? ',' : '\n');
      }
    }
    Files.writeString(folder.resolve("feet.csv"), text);
  }

  private void compile() throws IOException {
    Path source = folder.resolve("Guide.java");
    Files.writeString(
        source,
        """
        import dev.noether.Noether;
        import dev.noether.nn.*;
        import dev.noether.nn.activation.*;
        import dev.noether.nn.linear.*;
        import dev.noether.plain.Activation;
        import dev.noether.rep.*;
        import dev.noether.torch.*;
        import dev.noether.train.*;
        import dev.noether.train.data.*;
        import java.nio.file.Path;
        import java.util.*;
        import java.util.stream.*;
        import org.bytedeco.pytorch.AdamW;
        import org.bytedeco.pytorch.AdamWOptions;

        public final class Guide {
          public static History run(Path folder) throws Exception {
            List<String> inputs = IntStream.range(0, 12).mapToObj(i -> "x" + i).toList();
            List<String> targets = IntStream.range(0, 4).mapToObj(i -> "y" + i).toList();
        """
            + program()
            + "return history;\n}\n}\n");
    ByteArrayOutputStream errors = new ByteArrayOutputStream();
    String[] arguments = {
      "-d", folder.toString(), "-cp", System.getProperty("java.class.path"), source.toString()
    };
    int status = ToolProvider.getSystemJavaCompiler().run(null, errors, errors, arguments);
    assertThat(errors.toString(StandardCharsets.UTF_8)).isEmpty();
    assertThat(status).isZero();
  }

  @Test
  void theProgramRunsAndResumes() throws Exception {
    writeData();
    compile();
    PrintStream before = System.out;
    ByteArrayOutputStream told = new ByteArrayOutputStream();
    System.setOut(new PrintStream(told, true, StandardCharsets.UTF_8));
    try (URLClassLoader loader =
        new URLClassLoader(new URL[] {folder.toUri().toURL()}, GuideTest.class.getClassLoader())) {
      Method run = loader.loadClass("Guide").getMethod("run", Path.class);
      History history = (History) run.invoke(null, folder);
      History again = (History) run.invoke(null, folder);
      assertThat(again).isEqualTo(history);
      assertThat(history.epochs().get(history.epochs().size() - 1).loss())
          .isLessThan(history.epochs().get(0).loss() / 3);
    } finally {
      System.setOut(before);
    }
    assertThat(told.toString(StandardCharsets.UTF_8).lines())
        .isNotEmpty()
        .allMatch(line -> line.startsWith("epoch "));
    assertThat(folder.resolve("run").resolve("best.safetensors")).exists();
  }
}
