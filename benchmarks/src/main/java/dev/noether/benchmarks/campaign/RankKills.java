package dev.noether.benchmarks.campaign;

import dev.noether.io.Checkpoint;
import dev.noether.train.Checkpoints;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.bytedeco.javacpp.PointerScope;

/**
 * Processes that train one model together, one of them killed at any moment: the others end within
 * the timeout with a message that names it, the last checkpoint is whole, and another number of
 * processes goes on from it.
 */
final class RankKills implements Part {
  private static final int TIMEOUT_SECONDS = 60;

  /** What a busy machine needs beyond the timeout to end a process. */
  private static final int GRACE_SECONDS = 60;

  private static final int EPOCHS = 20_000;
  private static final int SAMPLES = 60;

  /** How many kills are enough; the deadline may come first. */
  private final int most;

  RankKills(int most) {
    this.most = most;
  }

  @Override
  public void run(Means means) throws Exception {
    Path saved = Files.createDirectories(means.folder().resolve("run"));
    for (int round = 0; round < most && means.hasTime(); round++) {
      new Round(means, saved, round, 2 + means.random().nextInt(3)).run();
    }
  }

  private record Round(Means means, Path saved, int number, int ranks) {
    private Path log(int rank) {
      return means.folder().resolve("log-" + number + "-" + rank);
    }

    void run() throws Exception {
      Optional<Path> before = Checkpoints.latest(saved);
      List<Process> processes = new ArrayList<>();
      for (int rank = 0; rank < ranks; rank++) {
        processes.add(start(rank));
      }
      for (int rank = 0; rank < ranks; rank++) {
        awaitJoining(processes.get(rank), log(rank));
      }
      boolean inTraining = means.random().nextInt(4) > 0;
      if (inTraining) {
        awaitTraining(processes, before.isPresent());
        processes.get(0).waitFor(means.random().nextLong(3000), TimeUnit.MILLISECONDS);
      } else {
        processes.get(0).waitFor(means.random().nextLong(8000), TimeUnit.MILLISECONDS);
      }
      int victim = means.random().nextInt(ranks);
      boolean met = Files.readString(log(0)).contains("ready");
      processes.get(victim).destroyForcibly().waitFor();
      means
          .tally()
          .count((met ? "killed in training: " : "killed before: ") + "one of " + ranks + " ranks");
      for (int rank = 0; rank < ranks; rank++) {
        if (rank != victim) {
          ends(processes.get(rank), rank, victim, met);
        }
      }
      loads();
    }

    /** Ranks wait for each other from here on; how long a JVM takes to start is no matter. */
    private static void awaitJoining(Process process, Path log) throws Exception {
      while (process.isAlive() && !Files.readString(log).contains("joins")) {
        process.waitFor(50, TimeUnit.MILLISECONDS);
      }
    }

    private Process start(int rank) throws IOException {
      return Child.start(
          List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"),
          log(rank),
          "rank",
          saved.toString(),
          String.valueOf(EPOCHS),
          String.valueOf(SAMPLES),
          String.valueOf(rank),
          String.valueOf(ranks),
          means.folder().resolve("meet-" + number).toUri().toString(),
          String.valueOf(TIMEOUT_SECONDS));
    }

    /** Training begins, from where the round before was killed if it wrote a checkpoint. */
    private void awaitTraining(List<Process> processes, boolean resumes) throws Exception {
      long start = System.nanoTime();
      long most = TimeUnit.SECONDS.toNanos(TIMEOUT_SECONDS + GRACE_SECONDS);
      while (!Files.readString(log(0)).contains("ready")) {
        if (!processes.get(0).isAlive() || System.nanoTime() - start > most) {
          means.tally().finding("no start", "round " + number + ": " + Files.readString(log(0)));
          return;
        }
        processes.get(0).waitFor(50, TimeUnit.MILLISECONDS);
      }
      means.tally().count(resumes ? "resumed with " + ranks + " ranks" : "started anew");
    }

    private void ends(Process process, int rank, int victim, boolean met) throws Exception {
      if (!process.waitFor(TIMEOUT_SECONDS + GRACE_SECONDS, TimeUnit.SECONDS)) {
        means.tally().finding("a rank hangs", rank + " of " + ranks + " after " + victim);
        process.destroyForcibly().waitFor();
        return;
      }
      String said = Files.readString(log(rank));
      means.tally().count("ended: the others");
      if (process.exitValue() == 0) {
        means.tally().finding("a rank ends well without another", rank + ": " + said);
      } else if (met && !said.contains("rank " + victim + " of " + ranks)) {
        means.tally().finding("the killed rank is not named", "it was " + victim + ": " + said);
      }
    }

    private void loads() throws IOException {
      Optional<Path> latest = Checkpoints.latest(saved);
      if (latest.isEmpty()) {
        means.tally().count("no checkpoint yet");
        return;
      }
      means
          .tally()
          .attempt(
              "load after a kill",
              latest.get().toString(),
              () -> {
                try (PointerScope scope = new PointerScope()) {
                  Checkpoint.load(latest.get());
                }
              });
    }
  }
}
