package dev.noether.benchmarks.campaign;

import java.nio.file.Path;
import java.util.Random;

/** One kind of attack. */
interface Part {
  /** What a part may use. */
  record Means(Random random, Path folder, long start, long deadline, Tally tally) {
    boolean hasTime() {
      return hasTime(1);
    }

    /** Whether less than a share of the time is over. */
    boolean hasTime(double share) {
      return System.nanoTime() - start < share * (deadline - start);
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
