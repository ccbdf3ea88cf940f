package dev.noether.cli;

import static dev.noether.cli.CommandLineTest.run;
import static org.assertj.core.api.Assertions.assertThat;

import dev.noether.cli.CommandLineTest.Outcome;
import dev.noether.io.SafeTensors;
import dev.noether.torch.Tensors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What stands in a file does not steer the terminal that shows it. */
class PrintableTest {
  private static final String TITLE = "\u001b]0;owned\u0007";
  private static final String TURNED = "\u202e\u009b2J\u2028";

  @TempDir private Path folder = Path.of("");

  private static void assertHarmless(Outcome outcome) {
    (outcome.out() + outcome.err())
        .codePoints()
        .filter(point -> point != '\n' && point != '\r')
        .forEach(
            point ->
                assertThat(Character.getType(point))
                    .as("U+%04X", point)
                    .isNotIn(
                        (int) Character.CONTROL,
                        (int) Character.FORMAT,
                        (int) Character.LINE_SEPARATOR));
  }

  @Test
  void lettersOfAnyScriptStayAsTheyAre() {
    String text = "gewicht \u00e9 \u6743\u91cd \ud83d\ude00 {0}%s\\";
    assertThat(Printable.of(text)).isEqualTo(text);
    assertThat(Printable.of("a\nb\u001b\ud800")).isEqualTo("a\\u000ab\\u001b\\ud800");
  }

  @Test
  void namesAndTextsOfFilesAreShownWithoutControlCharacters() throws IOException {
    Path file = folder.resolve("x.safetensors");
    for (String evil : new String[] {TITLE, TURNED}) {
      try (PointerScope scope = new PointerScope()) {
        SafeTensors.write(
            file,
            Map.of(evil + ".weight", Tensors.of(new long[] {1}, 1)),
            Map.of(
                evil,
                evil,
                "noether.architecture",
                "{\"type\":\"" + evil.replace("\u001b", "\\u001b").replace("\u0007", "") + "\"}"));
      }
      for (String[] command :
          new String[][] {
            {"inspect", file.toString()},
            {"inspect", file.toString(), "--json"},
            {"convert", file.toString(), folder.resolve("y.pt").toString()},
            {"export", file.toString(), folder.resolve(evil + ".onnx").toString()},
            {"export", file.toString(), folder.resolve(evil + ".x").toString()},
            {evil},
          }) {
        assertHarmless(run(command));
      }
    }
  }
}
