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

  @Test
  void aPropertyThatIsNoNumberOfThreadsIsRefused() {
    String before = System.getProperty(LibTorch.THREADS_PROPERTY);
    try {
      System.setProperty(LibTorch.THREADS_PROPERTY, "many");
      assertThatThrownBy(LibTorch::load)
          .hasMessage("noether.threads must be a number of threads, got 'many'");
      System.setProperty(LibTorch.THREADS_PROPERTY, "0");
      assertThatThrownBy(LibTorch::load)
          .hasMessageStartingWith("noether.threads must be from 1 to 1024, got 0");
    } finally {
      if (before == null) {
        System.clearProperty(LibTorch.THREADS_PROPERTY);
      } else {
        System.setProperty(LibTorch.THREADS_PROPERTY, before);
      }
    }
  }
}
