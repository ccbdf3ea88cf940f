package dev.noether.benchmarks.campaign;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * First starts, which unpack the native libraries: killed at any moment, and two at once. The next
 * start runs.
 */
final class FirstStarts implements Part {
  private final int most;

  /**
   * First starts.
   *
   * @param most how many kills are enough; the deadline may come first
   */
  FirstStarts(int most) {
    this.most = most;
  }

  @Override
  public void run(Means means) throws Exception {
    Path cache = means.folder().resolve("cache");
    List<String> options = List.of("-Dorg.bytedeco.javacpp.cachedir=" + cache);
    long start = System.nanoTime();
    Process one = start(options, means, "one");
    Process two = start(options, means, "two");
    requireStarted(one, means, "one", "one of two first starts at once");
    requireStarted(two, means, "two", "one of two first starts at once");
    long milliseconds = (System.nanoTime() - start) / 1_000_000;
    for (int kill = 0; kill < most && (kill == 0 || means.hasTime()); kill++) {
      Campaign.delete(cache);
      Process killed = start(options, means, "one");
      killed.waitFor(1 + means.random().nextLong(milliseconds), TimeUnit.MILLISECONDS);
      means.tally().count(killed.isAlive() ? "killed first starts" : "ended before its kill");
      killed.destroyForcibly().waitFor();
      requireStarted(start(options, means, "two"), means, "two", "a start after a killed one");
    }
  }

  private static Process start(List<String> options, Means means, String log) throws Exception {
    return Child.start(options, means.folder().resolve(log), "start");
  }

  private static void requireStarted(Process process, Means means, String log, String what)
      throws Exception {
    int status = process.waitFor();
    if (status == 0) {
      means.tally().count(what);
    } else {
      String said = Files.readString(means.folder().resolve(log));
      means.tally().finding(what + " ends with " + status, said);
    }
  }
}
