package dev.noether.parallel;

import java.util.Objects;
import java.util.concurrent.locks.LockSupport;
import org.bytedeco.pytorch.Work;
import org.jspecify.annotations.Nullable;

/** An exchange on its way. */
final class Pending {
  /** Where there is nobody to exchange with. */
  static final Pending NOTHING = new Pending(null, null);

  private static final long SPIN = 30_000;
  private static final long SHORTEST = 10_000;
  private static final long LONGEST = 2_000_000;

  private final @Nullable Communicator group;
  private final @Nullable Work work;

  Pending(@Nullable Communicator group, @Nullable Work work) {
    this.group = group;
    this.work = work;
  }

  /**
   * Returns when all ranks have done their part; looks up meanwhile whether one has failed.
   *
   * <p>It asks again and again, at most an eighth later than it could know: LibTorch's own wait
   * cannot be left before the timeout.
   */
  void await() {
    if (group == null || work == null) {
      return;
    }
    long start = System.nanoTime();
    while (!work.isCompleted()) {
      long waited = System.nanoTime() - start;
      if (waited > SPIN) {
        group.requireNoFailure();
        requireTime(waited);
        LockSupport.parkNanos(Math.max(SHORTEST, Math.min(LONGEST, waited / 8)));
      }
    }
    try {
      work._wait();
    } catch (RuntimeException e) {
      throw group.failed(e);
    }
    work.releaseReference();
  }

  /** LibTorch's own timeout comes first, unless its thread waits for something else. */
  private void requireTime(long waited) {
    Communicator own = Objects.requireNonNull(group);
    if (Thread.interrupted()) {
      throw own.ends(new RankException("interrupted while it waited for other ranks"));
    }
    if (waited > own.timeout().plus(Coordinator.GRACE).toNanos()) {
      throw own.failed(new IllegalStateException("an exchange did not end in time"));
    }
  }
}
