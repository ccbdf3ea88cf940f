package dev.noether.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.noether.Fixtures;
import dev.noether.nn.linear.DenseOptions;
import dev.noether.nn.linear.Linear;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
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

  /** A product of two matrices has the bits of the first thread, whichever thread computes it. */
  @Test
  void theNumberOfThreadsHoldsInEveryJavaThread() throws InterruptedException {
    int before = LibTorch.threads();
    LibTorch.setThreads(1);
    try (PointerScope scope = new PointerScope()) {
      Linear layer = new Linear(512, 512, DenseOptions.defaults().withSeed(1));
      Tensor x = Fixtures.random(Dtype.FLOAT32, 64, 512);
      Tensor expected = layer.forward(x);
      List<String> found = Collections.synchronizedList(new ArrayList<>());
      List<Thread> threads = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        Thread thread =
            new Thread(
                () -> {
                  try (PointerScope own = new PointerScope()) {
                    found.add(
                        layer.forward(x).equal(expected) + " with " + torch.get_num_threads());
                  }
                });
        thread.start();
        threads.add(thread);
      }
      for (Thread thread : threads) {
        thread.join();
      }
      assertThat(found).hasSize(4).containsOnly("true with 1");
    } finally {
      LibTorch.setThreads(before);
    }
  }
}
