package dev.noether.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

/** The number of threads. */
class LibTorchTest {
  private static final int PROCESSORS = Runtime.getRuntime().availableProcessors();

  @Test
  void threadsOutOfRangeAreRefusedBeforeAnyStarts() {
    int before = LibTorch.threads();
    for (int threads : new int[] {0, -3, 1025, 1_000_000}) {
      assertThatThrownBy(() -> LibTorch.setThreads(threads))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "threads must be from 1 to 1024, got %d; this machine has %d processors",
              threads, PROCESSORS);
    }
    assertThat(LibTorch.threads()).isEqualTo(before);
  }
}
