package dev.noether.benchmarks.campaign;

import java.nio.file.Path;
import java.util.Random;

/** One kind of attack. */
interface Part {
  /** What a part may use. */
  record Means(Random random, Path folder, long deadline, Tally tally) {
    boolean hasTime() {
      return System.nanoTime() < deadline;
    }
  }

  /**
   * Attacks until its time is over, at least once.
   *
   * @param means where it draws from, what it may write to, and where it counts
   * @throws Exception if the attack itself could not go on
   */
  void run(Means means) throws Exception;
}
