package dev.noether;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is derived from a group is the same, bit by bit, in every process. */
class SameBytesTest {
  @Test
  void twoProcessesWithOtherThreadsCompilersAndCollectorsGiveTheSameBytes() throws Exception {
    Process one = start(1, "-XX:ActiveProcessorCount=1", "-XX:TieredStopAtLevel=1");
    Process other = start(5, "-XX:ActiveProcessorCount=4", "-XX:+UseSerialGC");
    List<String> expected = lines(one);
    assertThat(expected).hasSizeGreaterThan(35);
    assertThat(lines(other)).isEqualTo(expected);
  }

  private static Process start(int threads, String... options) throws IOException {
    List<String> command =
        new java.util.ArrayList<>(
            List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
    command.addAll(List.of(options));
    command.addAll(
        List.of(
            "-cp",
            System.getProperty("java.class.path"),
            Fingerprint.class.getName(),
            String.valueOf(threads)));
    return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
  }

  private static List<String> lines(Process process) throws Exception {
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).isZero();
    return text.lines().toList();
  }
}
