package dev.noether.torch;

import static dev.noether.algebra.Checks.require;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.cuda.CUDAEvent;
import org.bytedeco.pytorch.cuda.DeviceStats;
import org.bytedeco.pytorch.global.torch_cuda;

/**
 * What only a GPU has: waiting for it, its memory and its clock.
 *
 * <p>LibTorch's CUDA classes are loaded by the first call, which is refused where there is no GPU.
 */
public final class Cuda {
  private Cuda() {}

  private static void requireGpu(ComputeDevice device) {
    require(device.isCuda(), "this needs a CUDA device, got %s", device);
    LibTorch.requirePresent(device);
  }

  /**
   * Waits until the current stream of a GPU has done all its work.
   *
   * @param device the GPU
   * @throws IllegalArgumentException if there is no such GPU
   */
  public static void synchronize(ComputeDevice device) {
    requireGpu(device);
    try (PointerScope scope = new PointerScope()) {
      torch_cuda.getCurrentCUDAStream((byte) device.index()).synchronize();
    }
  }

  /**
   * The bytes that tensors hold on a GPU now.
   *
   * @param device the GPU
   * @return the bytes
   * @throws IllegalArgumentException if there is no such GPU
   */
  public static long allocatedBytes(ComputeDevice device) {
    requireGpu(device);
    try (PointerScope scope = new PointerScope()) {
      return stats(device).allocated_bytes().current();
    }
  }

  /**
   * The most bytes that tensors have held on a GPU since {@link #resetPeak}.
   *
   * @param device the GPU
   * @return the bytes
   * @throws IllegalArgumentException if there is no such GPU
   */
  public static long peakBytes(ComputeDevice device) {
    requireGpu(device);
    try (PointerScope scope = new PointerScope()) {
      return stats(device).allocated_bytes().peak();
    }
  }

  /**
   * Starts the count of the peak anew.
   *
   * @param device the GPU
   * @throws IllegalArgumentException if there is no such GPU
   */
  public static void resetPeak(ComputeDevice device) {
    requireGpu(device);
    torch_cuda.getAllocator().resetPeakStats((byte) device.index());
  }

  private static DeviceStats stats(ComputeDevice device) {
    return torch_cuda.getAllocator().getDeviceStats((byte) device.index());
  }

  /** Two events on the current stream: the time that a GPU spends between them. */
  public static final class Stopwatch implements AutoCloseable {
    private final CUDAEvent start;
    private final CUDAEvent end;

    /**
     * A stopwatch for a GPU.
     *
     * @param device the GPU
     * @throws IllegalArgumentException if there is no such GPU
     */
    public Stopwatch(ComputeDevice device) {
      requireGpu(device);
      // 0 is cudaEventDefault, which records times; the default of LibTorch does not.
      start = new CUDAEvent(0);
      end = new CUDAEvent(0);
      start.retainReference();
      end.retainReference();
    }

    /** Marks the beginning. */
    public void start() {
      start.record();
    }

    /** Marks the end. */
    public void stop() {
      end.record();
    }

    /**
     * Waits for the end and reads the clock.
     *
     * @return milliseconds between the two marks
     */
    public double milliseconds() {
      end.synchronize();
      return start.elapsed_time(end);
    }

    @Override
    public void close() {
      start.close();
      end.close();
    }
  }
}
