package dev.noether.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.noether.torch.LibTorch;
import java.io.File;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Commands of pure Java print the same where there is no LibTorch at all. */
class WithoutLibTorchTest {
  private static final Pattern NATIVES =
      Pattern.compile(".*-(linux|macosx|windows)-(x86_64|arm64)(-[a-z]+)?[.]jar");

  private static final List<List<String>> COMMANDS =
      List.of(
          List.of("group", "Icosahedral"),
          List.of("group", "SO(3)", "--json"),
          List.of("rep", "C4: 2 x regular + irrep(1)"),
          List.of("plan", "Icosahedral: 2 x regular", "Icosahedral: 4 x regular"),
          List.of("plan", "C2 x C2: 8 x regular", "C2 x C2: 3 x regular + trivial", "--json"),
          List.of("plan", "SO(3): harmonics(2)", "SO(3): 2 x harmonics(3)", "--batch", "7"),
          List.of("plan", "Q8: 2 x regular + irrep(4)", "Q8: 3 x regular", "--json=-"),
          List.of("plan", "C5: irrep(1)", "C5: irrep(2)"),
          List.of("plan", "C4: regular", "C5: regular"),
          List.of("completion", "bash"),
          List.of("man", "plan"),
          List.of("plan", "--help"));

  /**
   * What the commands print.
   *
   * @param arguments none
   */
  public static void main(String[] arguments) {
    new PrintStream(System.out, true, UTF_8).print(LibTorch.isPresent() + "\n" + printed());
  }

  private static String printed() {
    return COMMANDS.stream()
        .map(words -> CommandLineTest.run(words.toArray(String[]::new)).toString())
        .collect(Collectors.joining("\n"));
  }

  @Test
  void pagesAreTheSameWithoutIt() throws Exception {
    String classPath =
        Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
            .filter(entry -> !NATIVES.matcher(entry).matches())
            .collect(Collectors.joining(File.pathSeparator));
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                classPath,
                WithoutLibTorchTest.class.getName())
            .redirectErrorStream(true)
            .start();
    String out = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor()).as(out).isZero();
    assertThat(out).isEqualTo("false\n" + printed());
    assertThat(COMMANDS).allMatch(words -> !Main.needsLibTorch(words.toArray(String[]::new)));
  }
}
