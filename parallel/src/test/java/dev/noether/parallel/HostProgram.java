package dev.noether.parallel;

import dev.noether.torch.LibTorch;
import dev.noether.train.Callback;
import dev.noether.train.History;
import dev.noether.train.Run;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A rank on a host of its own: trains as it is, over a slow link, and until the host is cut off.
 */
final class HostProgram {
  static final int EPOCHS = 2;
  private static final int HOSTS = 3;
  private static final String FIRST = "10.77.0.1";

  private final Path folder;
  private final int rank;
  private final Map<String, double[]> numbers = new LinkedHashMap<>();
  private final Map<String, String> texts = new LinkedHashMap<>();

  private HostProgram(Path folder, int rank) {
    this.folder = folder;
    this.rank = rank;
  }

  /** Arguments: the folder of the test, the host. */
  public static void main(String[] arguments) throws Exception {
    HostProgram program = new HostProgram(Path.of(arguments[0]), Integer.parseInt(arguments[1]));
    LibTorch.load();
    program.trains("apart", 29_400);
    if (program.rank == 1) {
      boolean isSlow =
          program.does("tc qdisc add dev eth0 root tbf rate 1mbit burst 4kb latency 1s");
      program.texts.put("slow", isSlow ? "1 Mbit/s" : "");
    }
    program.trains("slow", 29_401);
    program.isCutOff();
    Results.write(program.folder.resolve("host-" + program.rank), program.numbers, program.texts);
    System.exit(0);
  }

  private boolean does(String command) throws IOException, InterruptedException {
    return new ProcessBuilder(List.of(command.split(" ", -1))).inheritIO().start().waitFor() == 0;
  }

  private Communicator group(int port, int seconds) {
    CommunicatorOptions options =
        CommunicatorOptions.defaults().withTimeout(Duration.ofSeconds(seconds));
    return Communicator.join(Rendezvous.tcp(FIRST, port), rank, HOSTS, options);
  }

  private void trains(String name, int port) throws IOException {
    try (Communicator group = group(port, 180)) {
      Path own = folder.resolve(name);
      numbers.put(name, Cases.everything(GradientSync.of(group), own, EPOCHS, true, false));
    }
  }

  /** After the checkpoint of the last of the epochs host 2 is cut off, and training goes on. */
  private void isCutOff() throws IOException {
    Callback waits =
        new Callback() {
          @Override
          public void onEpochEnd(Run run, History.Epoch epoch) throws IOException {
            if (run.history().epochs().size() == EPOCHS) {
              Files.createFile(folder.resolve("cut"));
              await(folder.resolve("is cut"));
            }
          }
        };
    if (rank == 2) {
      Thread thread = new Thread(this::cut, "cut");
      thread.setDaemon(true);
      thread.start();
    }
    @Nullable String outcome = null;
    long start = 0;
    try (Communicator group = group(29_402, 8)) {
      start = System.nanoTime();
      Cases.everything(GradientSync.of(group), folder.resolve("cut off"), 100, true, false, waits);
    } catch (RankException e) {
      outcome = e.getMessage();
    }
    double spent = (System.nanoTime() - start) / 1e9;
    texts.put("cut", String.format(Locale.ROOT, "%.1f %s", spent, outcome));
  }

  private void cut() {
    try {
      await(folder.resolve("cut"));
      does("ip link set eth0 down");
      Files.createFile(folder.resolve("is cut"));
    } catch (IOException e) {
      throw new IllegalStateException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void await(Path file) {
    while (!Files.exists(file)) {
      try {
        Thread.sleep(10);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }
}
