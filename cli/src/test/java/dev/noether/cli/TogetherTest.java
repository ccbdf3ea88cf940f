package dev.noether.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code noether train} in several processes. */
class TogetherTest {
  private static final String CONFIG =
      Path.of("..", "examples", "config", "feet.json").toAbsolutePath().normalize().toString();

  @TempDir private Path folder = Path.of("");

  private record Ended(int status, String out, String err) {}

  /** In a process of its own, as LibTorch's collectives print a line. */
  private Ended together(String... more) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx512m", "-XX:TieredStopAtLevel=1"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
    command.addAll(List.of("train", CONFIG, "--run", folder.resolve("run").toString()));
    command.addAll(Arrays.asList(more));
    Process process =
        new ProcessBuilder(command)
            .redirectOutput(folder.resolve("out").toFile())
            .redirectError(folder.resolve("err").toFile())
            .start();
    assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
    return new Ended(
        process.exitValue(),
        Files.readString(folder.resolve("out")),
        Files.readString(folder.resolve("err")));
  }

  private static double loss(Path run) throws IOException {
    List<String> lines = Files.readAllLines(run.resolve("log.csv"));
    return Double.parseDouble(lines.get(lines.size() - 1).split(",", -1)[2]);
  }

  @Test
  void twoProcessesLearnWhatOneLearnsAndOneGoesOnWithTheirRun() throws Exception {
    Ended two = together("--epochs", "1", "--processes", "2");
    assertThat(two.status()).as(two.err()).isZero();
    assertThat(two.out()).contains("model.safetensors: 1 epochs, loss ");
    assertThat(two.err().lines().filter(line -> line.startsWith("epoch "))).hasSize(1);
    String alone = folder.resolve("alone").toString();
    CommandLineTest.run("train", CONFIG, "--run", alone, "--epochs", "2");
    CommandLineTest.Outcome resumed =
        CommandLineTest.run(
            "train",
            CONFIG,
            "--run",
            folder.resolve("run").toString(),
            "--epochs",
            "2",
            "--resume");
    assertThat(resumed.status()).as(resumed.err()).isZero();
    assertThat(loss(folder.resolve("run"))).isCloseTo(loss(Path.of(alone)), within(1e-5));
  }

  @Test
  void aPortThatIsNotAnsweredIsTold() throws Exception {
    String place = String.format(Locale.ROOT, "file://%s/nobody", folder);
    Ended one = together("--rank", "1", "--world", "2", "--master", place, "--timeout", "1");
    assertThat(one.status()).isEqualTo(1);
    assertThat(one.err()).contains("noether: rank 0 has not come to ").contains("within 1 s");
  }

  private static void assertRefused(String message, String... arguments) {
    List<String> all = new ArrayList<>(List.of("train", CONFIG));
    all.addAll(List.of(arguments));
    CommandLineTest.Outcome outcome = CommandLineTest.run(all.toArray(String[]::new));
    assertThat(outcome.err()).contains(message);
    assertThat(outcome.status()).isEqualTo(2);
  }

  @Test
  void optionsThatDoNotFitTogetherAreRefused() {
    assertRefused("--rank, --world and --master belong together", "--rank", "1");
    assertRefused("--rank, --world and --master belong together", "--world", "2");
    assertRefused("--processes must be at least 1, got 0", "--processes", "0");
    assertRefused("a timeout is at least a second", "--processes", "2", "--timeout", "0");
    String[] both = {"--processes", "2", "--rank", "0", "--world", "2", "--master", "h:1"};
    assertRefused("--processes starts all processes itself", both);
    String[] far = {"--rank", "2", "--world", "2", "--master", "localhost:29500"};
    assertRefused("ranks are numbered from 0 to one less than their number, got rank 2 of 2", far);
    String[] noPlace = {"--rank", "1", "--world", "2", "--master", "localhost"};
    assertRefused("ranks meet at HOST:PORT or in file:///PATH, got 'localhost'", noPlace);
  }
}
