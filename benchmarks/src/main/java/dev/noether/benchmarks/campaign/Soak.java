package dev.noether.benchmarks.campaign;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Runs of the trainer that are killed at any moment and resumed until they are done: every file of
 * theirs has the bytes of a run without kills. Many short runs, or a long one beside the run
 * without kills.
 */
final class Soak implements Part {
  private static final int MOST_KILLS = 2;
  private static final int SHORT_EPOCHS = 24;
  private static final int SHORT_SAMPLES = 203;
  private static final int LONG_SAMPLES = 2_003;

  private static final List<String> QUICK_START =
      List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Dnoether.threads=1");

  private final int most;
  private final OptionalInt epochs;

  /**
   * A soak.
   *
   * @param most how many killed runs are enough, where the deadline may come first; of a long run,
   *     how many kills
   * @param epochs of a long run; none is many short runs
   */
  Soak(int most, OptionalInt epochs) {
    this.most = most;
    this.epochs = epochs;
  }

  @Override
  public void run(Means means) throws Exception {
    if (epochs.isPresent()) {
      runLong(epochs.getAsInt(), means);
    } else {
      runShort(means);
    }
  }

  private void runShort(Means means) throws Exception {
    Path calm = means.folder().resolve("calm");
    Training training = new Training(calm, SHORT_EPOCHS, SHORT_SAMPLES);
    long wall = train(training, means, Long.MAX_VALUE).orElseThrow();
    Map<String, byte[]> expected = files(calm);
    for (int run = 0; run == 0 || (run < most && means.hasTime()); run++) {
      Path killed = means.folder().resolve("killed" + run);
      Training again = new Training(killed, SHORT_EPOCHS, SHORT_SAMPLES);
      int kills = 1 + means.random().nextInt(MOST_KILLS);
      for (int kill = 0; kill < kills; kill++) {
        kill(again, means, wall);
      }
      train(again, means, Long.MAX_VALUE);
      compare(expected, files(killed), means.tally());
      means.tally().count("runs");
    }
  }

  /** The kills are spread over about three quarters of the time, so that few miss the run. */
  private void runLong(int epochs, Means means) throws Exception {
    Path calm = means.folder().resolve("calm");
    Path killed = means.folder().resolve("killed");
    Path log = means.folder().resolve("calm.log");
    long start = System.nanoTime();
    Process beside = start(new Training(calm, epochs, LONG_SAMPLES), log);
    long pause = (means.deadline() - start) / 1_000_000 * 3 / 2 / Math.max(1, most);
    Training again = new Training(killed, epochs, LONG_SAMPLES);
    for (int kill = 0; kill < most; kill++) {
      kill(again, means, pause);
    }
    train(again, means, Long.MAX_VALUE);
    means.tally().count("seconds of the run with kills", secondsSince(start));
    if (beside.waitFor() != 0) {
      means.tally().finding("a run ends with " + beside.exitValue(), Files.readString(log));
    }
    means.tally().count("seconds of both runs", secondsSince(start));
    compare(files(calm), files(killed), means.tally());
  }

  private static long secondsSince(long start) {
    return (System.nanoTime() - start) / 1_000_000_000;
  }

  /** What is trained. */
  private record Training(Path folder, int epochs, int samples) {}

  private static void kill(Training training, Means means, long most) throws Exception {
    boolean ended = train(training, means, most).isPresent();
    means.tally().count(ended ? "ended before a kill" : "kills");
  }

  private static Process start(Training training, Path log) throws IOException {
    return Child.start(
        QUICK_START,
        log,
        "soak",
        training.folder.toString(),
        String.valueOf(training.epochs),
        String.valueOf(training.samples));
  }

  /** The milliseconds of its training if it ended by itself; at most some, it is killed then. */
  private static OptionalLong train(Training training, Means means, long most) throws Exception {
    Path log = means.folder().resolve("log");
    Process process = start(training, log);
    Child.awaitReady(process, log);
    long start = System.nanoTime();
    if (most == Long.MAX_VALUE) {
      process.waitFor();
    } else {
      process.waitFor(1 + means.random().nextLong(most), TimeUnit.MILLISECONDS);
    }
    if (process.isAlive()) {
      process.destroyForcibly().waitFor();
      return OptionalLong.empty();
    }
    if (process.exitValue() != 0) {
      means.tally().finding("a run ends with " + process.exitValue(), Files.readString(log));
    }
    return OptionalLong.of((System.nanoTime() - start) / 1_000_000 + 1);
  }

  /** What is not hidden: a writer that was killed leaves its hidden piece to the next one. */
  private static Map<String, byte[]> files(Path folder) throws IOException {
    Map<String, byte[]> files = new TreeMap<>();
    try (Stream<Path> all = Files.list(folder)) {
      for (Path file : all.toList()) {
        String name = String.valueOf(file.getFileName());
        if (!name.startsWith(".")) {
          files.put(name, Files.readAllBytes(file));
        }
      }
    }
    return files;
  }

  private static void compare(
      Map<String, byte[]> expected, Map<String, byte[]> found, Tally tally) {
    if (!found.keySet().equals(expected.keySet())) {
      tally.finding("other files after kills", found.keySet() + ", not " + expected.keySet());
    }
    expected.forEach(
        (name, bytes) -> {
          if (Arrays.equals(bytes, found.get(name))) {
            tally.count("files with the same bytes");
          } else {
            tally.finding("other bytes after kills", name);
          }
        });
  }
}
