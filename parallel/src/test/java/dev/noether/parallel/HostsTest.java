package dev.noether.parallel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.noether.train.Ranks;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Three hosts with addresses of their own, one of them slow, one cut off. */
class HostsTest {
  private static final Path HOSTS = Path.of("..", "tools", "three-hosts");

  @TempDir private static Path folder = Path.of("");

  private static final List<Map<String, double[]>> NUMBERS = new ArrayList<>();
  private static final List<Map<String, String>> TEXTS = new ArrayList<>();

  @BeforeAll
  static void runTheHosts() throws Exception {
    boolean isLinux = Files.isDirectory(Path.of("/proc/self/ns"));
    assumeTrue(isLinux, "network namespaces are Linux's");
    String probe = onHosts("probe", List.of("true"));
    assumeTrue(probe.isEmpty(), () -> "no network namespaces for this user here: " + probe);
    String said = onHosts("log", Programs.command(HostProgram.class, folder));
    for (int host = 0; host < 3; host++) {
      Map<String, double[]> numbers = new LinkedHashMap<>();
      Map<String, String> texts = new LinkedHashMap<>();
      Path file = folder.resolve("host-" + host);
      assertThat(file).as(said).exists();
      Results.read(file, numbers, texts);
      NUMBERS.add(numbers);
      TEXTS.add(texts);
    }
  }

  /** Runs it on each, with the number of the host behind it; what was said where it failed. */
  private static String onHosts(String name, List<String> command) throws Exception {
    Path log = folder.resolve(name);
    List<String> all = new ArrayList<>(List.of("bash", HOSTS.toString()));
    all.addAll(command);
    try {
      Process process =
          new ProcessBuilder(all).redirectErrorStream(true).redirectOutput(log.toFile()).start();
      boolean ended = process.waitFor(5, TimeUnit.MINUTES);
      process.destroyForcibly();
      return ended && process.exitValue() == 0
          ? ""
          : (ended ? "" : "not ended in time; ") + Files.readString(log);
    } catch (IOException e) {
      return e.toString(); // no bash
    }
  }

  private static void assertLearnsWhatOneProcessLearns(String name) throws IOException {
    double[] expected =
        Cases.everything(
            Ranks.alone(), folder.resolve("alone " + name), HostProgram.EPOCHS, true, false);
    for (int host = 0; host < 3; host++) {
      assertThat(NUMBERS.get(host).get(name)).containsExactly(expected, within(1e-12));
    }
  }

  @Test
  void hostsThatAreApartLearnWhatOneProcessLearns() throws IOException {
    assertLearnsWhatOneProcessLearns("apart");
  }

  @Test
  void aSlowLinkChangesNothing() throws IOException {
    assumeTrue(
        Objects.equals(TEXTS.get(1).get("slow"), "1 Mbit/s"), "tc cannot slow a link down here");
    assertLearnsWhatOneProcessLearns("slow");
    assertThat(NUMBERS.get(0).get("slow")).isEqualTo(NUMBERS.get(0).get("apart"));
  }

  @Test
  void aHostThatIsCutOffIsNamedOnTheOthersAndEndsToo() {
    for (int host = 0; host < 3; host++) {
      String text = Objects.requireNonNull(TEXTS.get(host).get("cut"));
      assertThat(text)
          .as("host %d", host)
          .contains(host == 2 ? "rank 0 of 3 (process " : "rank 2 of 3 (process ")
          .contains(" is gone: its process ended, or no connection leads there any more");
      double spent = Double.parseDouble(text.substring(0, text.indexOf(' ')));
      assertThat(spent).as(text).isLessThan(60);
    }
  }

  @Test
  void theCheckpointFromBeforeIsResumed() throws IOException {
    int epochs = HostProgram.EPOCHS + 1;
    double[] whole = Cases.everything(Ranks.alone(), folder.resolve("whole"), epochs, true, false);
    double[] resumed =
        Cases.everything(Ranks.alone(), folder.resolve("cut off"), epochs, true, true);
    assertThat(resumed).containsExactly(whole, within(1e-12));
  }
}
