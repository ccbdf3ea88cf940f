package dev.noether.parallel;

import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.locks.LockSupport;
import org.bytedeco.pytorch.Work;
import org.jspecify.annotations.Nullable;

/** An exchange on its way. */
final class Pending {
  /** Where there is nobody to exchange with. */
  static final Pending NOTHING = new Pending(null, null);

  /** Between two looks at whether a rank has failed. */
  private static final long LOOK = 2_000_000;

  private final @Nullable Communicator group;
  private final @Nullable Work work;

  Pending(@Nullable Communicator group, @Nullable Work work) {
    this.group = group;
    this.work = work;
  }

  /**
   * Returns when all ranks have done their part; looks up meanwhile whether one has failed.
   *
   * <p>LibTorch's own wait comes first, since it wakes this thread at once. It can be left only by
   * its own exception, which takes a while to make; so what takes longer than {@link Gloo#soon} is
   * asked for again and again.
   */
  void await() {
    if (group == null || work == null) {
      return;
    }
    long start = System.nanoTime();
    if (!isSoonCompleted(group, work)) {
      while (!work.isCompleted()) {
        group.requireNoFailure();
        requireTime(System.nanoTime() - start);
        LockSupport.parkNanos(LOOK);
      }
    }
    try {
      work._wait();
    } catch (RuntimeException e) {
      throw group.failed(e);
    }
    work.releaseReference();
  }

  private static boolean isSoonCompleted(Communicator group, Work work) {
    try {
      return work.isCompleted() || work._wait(group.soon());
    } catch (RuntimeException e) {
      return false; // not yet; or it has failed, which the wait after it tells
    }
  }

  /** LibTorch's own timeout comes first, unless its thread waits for something else. */
  private void requireTime(long waited) {
    Communicator own = Objects.requireNonNull(group);
    if (Thread.interrupted()) {
      throw own.ends(new RankException("interrupted while it waited for other ranks"));
    }
    Duration most = CommunicatorOptions.exchange(own.timeout());
    if (waited > most.plus(CommunicatorOptions.answer(own.timeout())).toNanos()) {
      throw own.failed(new IllegalStateException("an exchange did not end in time"));
    }
  }
}
