package dev.noether.benchmarks.campaign;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Runs of the trainer that are killed at any moment and resumed until they are done: every file of
 * theirs has the bytes of a run without kills.
 */
final class Soak implements Part {
  private static final int MOST_KILLS = 2;

  private static final List<String> QUICK_START =
      List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Dnoether.threads=1");

  /** How many killed runs are enough; the deadline may come first. */
  private final int most;

  Soak(int most) {
    this.most = most;
  }

  @Override
  public void run(Means means) throws Exception {
    Path calm = means.folder().resolve("calm");
    long wall = train(calm, means, Long.MAX_VALUE).orElseThrow();
    Map<String, byte[]> expected = files(calm);
    for (int run = 0; run == 0 || (run < most && means.hasTime()); run++) {
      Path killed = means.folder().resolve("killed" + run);
      int kills = 1 + means.random().nextInt(MOST_KILLS);
      for (int kill = 0; kill < kills; kill++) {
        means
            .tally()
            .count(train(killed, means, wall).isPresent() ? "ended before a kill" : "kills");
      }
      train(killed, means, Long.MAX_VALUE);
      compare(expected, files(killed), means.tally());
      means.tally().count("runs");
    }
  }

  /** The milliseconds of its training if it ended by itself; at most some, it is killed then. */
  private static OptionalLong train(Path folder, Means means, long most) throws Exception {
    Path log = means.folder().resolve("log");
    Process process = Child.start(QUICK_START, log, "soak", folder.toString());
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
