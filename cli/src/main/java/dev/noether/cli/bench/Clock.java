package dev.noether.cli.bench;

import dev.noether.torch.ComputeDevice;
import dev.noether.torch.Cuda;
import dev.noether.torch.LibTorch;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;

/** Measures a stretch of work where it runs. */
sealed interface Clock {
  /** Marks the beginning. */
  void start();

  /** Marks the end. */
  void stop();

  /** The time between the marks. */
  double milliseconds();

  /** The clock of a device: the processor's own, or events on the GPU. */
  static Clock of(ComputeDevice device) {
    return device.isCuda() ? new Gpu(new Cuda.Stopwatch(device)) : new Cpu();
  }

  /**
   * The processor time of this thread where it does all the work, which other programs do not
   * lengthen; else as {@link #of}.
   */
  static Clock ofWork(ComputeDevice device) {
    boolean alone = !device.isCuda() && LibTorch.threads() == 1;
    return alone && Work.THREADS.isCurrentThreadCpuTimeSupported() ? new Work() : of(device);
  }

  /** The processor time of the calling thread. */
  final class Work implements Clock {
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
    private long begun;
    private long ended;

    @Override
    public void start() {
      begun = THREADS.getCurrentThreadCpuTime();
    }

    @Override
    public void stop() {
      ended = THREADS.getCurrentThreadCpuTime();
    }

    @Override
    public double milliseconds() {
      return (ended - begun) / 1e6;
    }
  }

  /** {@link System#nanoTime}. */
  final class Cpu implements Clock {
    private long begun;
    private long ended;

    @Override
    public void start() {
      begun = System.nanoTime();
    }

    @Override
    public void stop() {
      ended = System.nanoTime();
    }

    @Override
    public double milliseconds() {
      return (ended - begun) / 1e6;
    }
  }

  /** CUDA events. */
  record Gpu(Cuda.Stopwatch stopwatch) implements Clock {
    @Override
    public void start() {
      stopwatch.start();
    }

    @Override
    public void stop() {
      stopwatch.stop();
    }

    @Override
    public double milliseconds() {
      return stopwatch.milliseconds();
    }
  }
}
