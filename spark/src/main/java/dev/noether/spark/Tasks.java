package dev.noether.spark;

import dev.noether.torch.LibTorch;
import org.bytedeco.pytorch.global.torch;

/** What every task does before it computes. */
final class Tasks {
  private Tasks() {}

  /** One thread for each task, as Spark counts cores; the property of the library's wins. */
  static void prepare() {
    LibTorch.load();
    if (System.getProperty(LibTorch.THREADS_PROPERTY) == null && torch.get_num_threads() != 1) {
      torch.set_num_threads(1);
    }
  }
}
