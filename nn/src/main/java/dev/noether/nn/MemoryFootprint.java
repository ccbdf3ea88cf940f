package dev.noether.nn;

import dev.noether.torch.ComputeDevice;
import dev.noether.torch.Cuda;
import dev.noether.torch.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.bytedeco.pytorch.Tensor;

/**
 * The memory that a layer's tensors take, tensor by tensor.
 *
 * @param entries one for every parameter and buffer, in the order of the layer
 */
public record MemoryFootprint(List<Entry> entries) {
  private static final double MEGABYTE = 1024.0 * 1024.0;

  /**
   * One tensor.
   *
   * @param name its name in the layer
   * @param trainable true for a parameter that requires gradients
   * @param shape its shape as text
   * @param dtype its dtype as PyTorch names it
   * @param bytes the bytes of its entries
   */
  public record Entry(String name, boolean trainable, String shape, String dtype, long bytes) {}

  /**
   * The memory on a GPU.
   *
   * @param allocatedBytes what the layer's tensors hold there
   * @param peakBytes the most that was held while they moved
   */
  public record OnDevice(long allocatedBytes, long peakBytes) {}

  /**
   * Copies the list.
   *
   * @param entries one for every parameter and buffer
   */
  public MemoryFootprint {
    entries = List.copyOf(entries);
  }

  /**
   * Measures a layer and all below it.
   *
   * @param layer the layer
   * @return its footprint
   */
  public static MemoryFootprint of(Layer layer) {
    List<Entry> entries = new ArrayList<>();
    layer.namedParameters().forEach((name, tensor) -> entries.add(entry(name, tensor)));
    layer.namedBuffers().forEach((name, tensor) -> entries.add(entry(name, tensor)));
    return new MemoryFootprint(entries);
  }

  private static Entry entry(String name, Tensor tensor) {
    return new Entry(
        name,
        tensor.requires_grad(),
        Arrays.toString(Tensors.shape(tensor)),
        Tensors.dtypeName(tensor),
        tensor.numel() * tensor.element_size());
  }

  /**
   * What a layer takes on a GPU, by LibTorch's own count.
   *
   * @param layer a layer on the CPU; it is moved to the GPU and stays there
   * @param device where to
   * @return the bytes; zero for the CPU, whose memory LibTorch does not count
   */
  public static OnDevice onDevice(Layer layer, ComputeDevice device) {
    if (!device.isCuda()) {
      return new OnDevice(0, 0);
    }
    Cuda.synchronize(device);
    Cuda.resetPeak(device);
    long before = Cuda.allocatedBytes(device);
    layer.to(device);
    Cuda.synchronize(device);
    return new OnDevice(Cuda.allocatedBytes(device) - before, Cuda.peakBytes(device));
  }

  /**
   * The bytes that train.
   *
   * @return the summed bytes of the parameters
   */
  public long trainableBytes() {
    return entries.stream().filter(Entry::trainable).mapToLong(Entry::bytes).sum();
  }

  /**
   * The bytes that do not train.
   *
   * @return the summed bytes of the buffers
   */
  public long nonTrainableBytes() {
    return entries.stream().filter(e -> !e.trainable).mapToLong(Entry::bytes).sum();
  }

  /**
   * Bytes in MB of 1024 x 1024 bytes, as the reference counts them.
   *
   * @param bytes a number of bytes
   * @return the megabytes
   */
  public static double megabytes(long bytes) {
    return bytes / MEGABYTE;
  }

  /** A table, one line for a tensor, and the sums. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    for (Entry e : entries) {
      text.append(
          String.format(
              Locale.ROOT,
              "%-50s %-14s %-8s %-9s %10.3f MB%n",
              e.name,
              e.shape,
              e.dtype,
              e.trainable ? "trainable" : "fixed",
              megabytes(e.bytes)));
    }
    return text.append(
            String.format(
                Locale.ROOT,
                "trainable %.3f MB, fixed %.3f MB",
                megabytes(trainableBytes()),
                megabytes(nonTrainableBytes())))
        .toString();
  }
}
