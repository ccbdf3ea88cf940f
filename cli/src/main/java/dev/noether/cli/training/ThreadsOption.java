package dev.noether.cli.training;

import dev.noether.torch.LibTorch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/**
 * Threads of LibTorch while a model trains. One unless told: steps of small networks take longer on
 * several, and many times as long where the machine has other work.
 */
final class ThreadsOption {
  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "threads of LibTorch (1; more pay for networks of thousands of features)")
  private @Nullable Integer threads;

  /** As many as the option, a property or the environment say. */
  void apply() {
    LibTorch.load();
    boolean told =
        System.getProperty(LibTorch.THREADS_PROPERTY) != null
            || System.getenv("OMP_NUM_THREADS") != null;
    if (threads != null || !told) {
      LibTorch.setThreads("--threads", threads == null ? 1 : threads);
    }
  }
}
