package dev.noether.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The launcher in a clone of its own, whose Maven and commands are stand-ins. */
@DisabledOnOs(OS.WINDOWS)
class LauncherTest {
  private static final String MAVEN =
      """
      #!/usr/bin/env bash
      echo "$*" >> "$HOME_OF_TEST/calls"
      if [ -f "$HOME_OF_TEST/broken" ]; then
        echo "[INFO] something"; echo "[ERROR] no network"; exit 1
      fi
      module="$(echo "$*" | sed 's/.*-pl \\([^ ]*\\) .*/\\1/')"
      echo "[INFO] Building Noether Core 0.1  [1/2]"
      echo "Progress (1): 3/90 MB"
      echo "[INFO] Downloaded from x: https://x/y/large.jar (90 MB at 5 MB/s)"
      echo "[INFO] Downloaded from x: https://x/y/small.jar (90 kB at 5 MB/s)"
      echo "$PWD/cli/target/classes" > "$module/target/launcher/classpath.txt"
      """;

  private static final String COMMANDS =
      """
      package dev.noether.cli;
      public class Main {
        public static boolean needsLibTorch(String[] words) { return words[0].equals("bench"); }
        public static void main(String[] words) {
          System.out.println("ran " + String.join(" ", words));
        }
      }
      """;

  @TempDir private Path folder = Path.of("");
  private Path clone = Path.of("");

  record Outcome(int status, String out, String err) {}

  @BeforeEach
  void makeClone() throws IOException {
    clone = folder.resolve("a clone");
    Path real = Path.of("..");
    for (String name : List.of("noether", "cli/src/launcher/java/Launcher.java")) {
      Path copy = clone.resolve(name);
      Files.createDirectories(copy.getParent());
      Files.copy(real.resolve(name), copy);
    }
    write("mvnw", MAVEN);
    write("pom.xml", "");
    write("cli/pom.xml", "");
    write("natives/pom.xml", "");
    write("cli/src/main/java/Main.java", COMMANDS);
    Files.createDirectories(clone.resolve("cli/target/classes"));
    assertThat(clone.resolve("mvnw").toFile().setExecutable(true)).isTrue();
    int status =
        ToolProvider.getSystemJavaCompiler()
            .run(
                null,
                null,
                null,
                "-proc:none",
                "-d",
                clone.resolve("cli/target/classes").toString(),
                clone.resolve("cli/src/main/java/Main.java").toString());
    assertThat(status).isZero();
  }

  private void write(String name, String text) throws IOException {
    Path file = clone.resolve(name);
    Files.createDirectories(Objects.requireNonNull(file.getParent()));
    Files.writeString(file, text);
  }

  private Outcome run(Path launcher, Map<String, String> environment, String... words)
      throws Exception {
    ProcessBuilder builder = new ProcessBuilder(launcher.toString());
    builder.command().addAll(List.of(words));
    builder.environment().put("HOME_OF_TEST", folder.toString());
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.environment().remove("JAVA_TOOL_OPTIONS");
    builder.environment().putAll(environment);
    Path out = folder.resolve("out");
    Path err = folder.resolve("err");
    Process process =
        builder
            .redirectOutput(Redirect.to(out.toFile()))
            .redirectError(Redirect.to(err.toFile()))
            .start();
    return new Outcome(process.waitFor(), Files.readString(out), Files.readString(err));
  }

  private Outcome run(String... words) throws Exception {
    return run(clone.resolve("noether"), Map.of(), words);
  }

  private List<String> calls() throws IOException {
    Path calls = folder.resolve("calls");
    return Files.exists(calls) ? Files.readAllLines(calls) : List.of();
  }

  @Test
  void itBuildsOnceAndFetchesLibTorchWhenACommandNeedsIt() throws Exception {
    Outcome first = run("group", "C2 x C2");
    assertThat(first.out.strip()).isEqualTo("ran group C2 x C2");
    assertThat(first.err.lines())
        .containsExactly(
            "noether: building; the first time takes a minute or two",
            "noether: [1/2] Noether Core",
            "noether:   large.jar, 90 MB");
    assertThat(run("group", "C3")).isEqualTo(new Outcome(0, "ran group C3\n", ""));
    assertThat(calls()).singleElement().asString().contains("-Dunchecked", "-pl cli -am compile");
    assertThat(run("bench").err).startsWith("noether: fetching LibTorch, once, some 270 MB\n");
    assertThat(run("bench")).isEqualTo(new Outcome(0, "ran bench\n", ""));
    assertThat(calls()).hasSize(2).last().asString().contains("-pl natives/host");
    Files.setLastModifiedTime(
        clone.resolve("cli/src/main/java/Main.java"),
        java.nio.file.attribute.FileTime.from(java.time.Instant.now().plusSeconds(60)));
    assertThat(run("group").err).startsWith("noether: building");
  }

  @Test
  void aLinkAndAMovedCloneWork() throws Exception {
    run("group");
    Path link = Files.createSymbolicLink(folder.resolve("link"), clone.resolve("noether"));
    assertThat(run(link, Map.of(), "rep")).isEqualTo(new Outcome(0, "ran rep\n", ""));
    Path moved = folder.resolve("moved");
    Files.move(clone, moved);
    Outcome outcome = run(moved.resolve("noether"), Map.of(), "rep");
    assertThat(outcome.err).startsWith("noether: building");
    assertThat(outcome.out).isEqualTo("ran rep\n");
    assertThat(moved.resolve("cli/target/launcher/classpath.txt")).content().contains("moved");
  }

  @Test
  void aFailedBuildShowsItsErrors() throws Exception {
    Files.createFile(folder.resolve("broken"));
    assertThat(run("group"))
        .isEqualTo(
            new Outcome(
                1,
                "",
                """
                noether: building; the first time takes a minute or two
                [ERROR] no network
                noether: the build failed, see above
                """));
  }

  @Test
  void javaThatIsMissingOrOldIsSaid() throws Exception {
    Outcome missing = run(clone.resolve("noether"), Map.of("JAVA_HOME", "/no/such/jdk"), "group");
    assertThat(missing.status).isEqualTo(2);
    assertThat(missing.err)
        .startsWith(
            "noether: JAVA_HOME is /no/such/jdk, and no Java is there: let it name a JDK, 17");
    Path old = folder.resolve("old");
    Files.createDirectories(old.resolve("bin"));
    Files.writeString(old.resolve("release"), "JAVA_VERSION=\"11.0.2\"\n");
    Files.writeString(old.resolve("bin/java"), "#!/bin/sh\nexit 0\n");
    assertThat(old.resolve("bin/java").toFile().setExecutable(true)).isTrue();
    Outcome outcome = run(clone.resolve("noether"), Map.of("JAVA_HOME", old.toString()), "group");
    assertThat(outcome.status).isEqualTo(2);
    assertThat(outcome.err)
        .isEqualTo(
            "noether: needs a JDK, 17 or later, and "
                + old.resolve("bin/java")
                + " is older: set JAVA_HOME to another one\n");
  }
}
