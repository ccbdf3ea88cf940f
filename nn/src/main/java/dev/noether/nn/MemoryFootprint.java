package dev.noether.nn;

import dev.noether.torch.ComputeDevice;
import dev.noether.torch.Cuda;
import dev.noether.torch.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;

/**
 * The memory that a layer's tensors take, tensor by tensor.
 *
 * @param entries one for every parameter and buffer, in the order of the layer
 */
public record MemoryFootprint(List<Entry> entries) {
  private static final double MEGABYTE = 1024.0 * 1024.0;

  /** The columns of numbers in a summary, and the most that it tells of a representation. */
  private static final int PARAMETERS = 2;

  private static final int BYTES = 3;
  private static final int WIDEST = 60;

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
   * What a layer holds itself, without the layers below it.
   *
   * @param name its name in the whole; empty for the whole
   * @param layer its class
   * @param signature what it acts on: representations or sizes
   * @param parameters numbers that train
   * @param bytes the bytes of its parameters and buffers
   * @param plan how it applies its map, where there are several ways; else empty
   */
  public record OfLayer(
      String name, String layer, String signature, long parameters, long bytes, String plan) {}

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
   * Measures a layer and all below it: also what was made when it was first needed, as the tables
   * of the isotypic way are, and equal tables of several layers once, with the first of them.
   *
   * @param layer the layer
   * @return its footprint, as it is now
   */
  public static MemoryFootprint of(Layer layer) {
    List<Entry> entries = new ArrayList<>();
    layer.namedParameters().forEach((name, tensor) -> entries.add(entry(name, tensor)));
    fixed(layer).forEach((name, tensor) -> entries.add(entry(name, tensor)));
    return new MemoryFootprint(entries);
  }

  /**
   * Measures every layer by itself; a tensor that has two names counts once, under the first.
   *
   * @param layer the whole
   * @param samples the samples of a batch, for which plans are made
   * @return the whole and all layers below it, parents first
   */
  public static List<OfLayer> ofEach(Layer layer, long samples) {
    Map<String, Layer> layers = layer.namedLayers();
    Map<String, Long> parameters = new HashMap<>();
    Map<String, Long> bytes = new HashMap<>();
    layer
        .namedParameters()
        .forEach(
            (name, tensor) -> {
              String owner = owner(layers, name);
              parameters.merge(owner, tensor.numel(), Long::sum);
              bytes.merge(owner, bytes(tensor), Long::sum);
            });
    fixed(layer)
        .forEach((name, tensor) -> bytes.merge(owner(layers, name), bytes(tensor), Long::sum));
    List<OfLayer> all = new ArrayList<>();
    layers.forEach(
        (name, own) ->
            all.add(
                new OfLayer(
                    name,
                    own.getClass().getSimpleName(),
                    signature(own),
                    parameters.getOrDefault(name, 0L),
                    bytes.getOrDefault(name, 0L),
                    own.planned(samples))));
    return List.copyOf(all);
  }

  /** What does not train; of tensors that have one memory the first. */
  private static Map<String, Tensor> fixed(Layer layer) {
    Map<String, Tensor> all = new LinkedHashMap<>(layer.namedBuffers());
    all.putAll(layer.namedLazyBuffers());
    Set<Long> seen = new HashSet<>();
    try (PointerScope scope = new PointerScope()) {
      all.values().removeIf(t -> t.numel() > 0 && !seen.add(t.data_ptr().address()));
    }
    return all;
  }

  /** The layer with the longest name that a tensor's name begins with. */
  private static String owner(Map<String, Layer> layers, String tensor) {
    String owner = tensor;
    do {
      owner = owner.substring(0, Math.max(owner.lastIndexOf('.'), 0));
    } while (!layers.containsKey(owner));
    return owner;
  }

  /** What stands in parentheses in the text of a layer. */
  private static String signature(Layer layer) {
    String text = layer.toString();
    int start = text.indexOf('(');
    return start > 0 && text.endsWith(")") ? text.substring(start + 1, text.length() - 1) : "";
  }

  /** All layers as a table, and the sums. */
  static String summary(Layer layer, long samples) {
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("layer", "acts on", "parameters", "bytes", "plan"));
    long parameters = 0;
    for (OfLayer own : ofEach(layer, samples)) {
      parameters += own.parameters;
      int depth = own.name.isEmpty() ? 0 : own.name.split("\\.").length;
      rows.add(
          List.of(
              "  ".repeat(depth) + (depth == 0 ? "" : own.name + "  ") + own.layer,
              own.signature.length() > WIDEST
                  ? own.signature.substring(0, WIDEST - 3) + "..."
                  : own.signature,
              own.parameters == 0 ? "" : String.format(Locale.ROOT, "%,d", own.parameters),
              own.bytes == 0 ? "" : String.format(Locale.ROOT, "%,d", own.bytes),
              own.plan));
    }
    MemoryFootprint memory = of(layer);
    return table(rows)
        + String.format(
            Locale.ROOT,
            "%,d parameters; %,d bytes that train, %,d that do not",
            parameters,
            memory.trainableBytes(),
            memory.nonTrainableBytes());
  }

  /** Columns, numbers to the right. */
  private static String table(List<List<String>> rows) {
    StringBuilder text = new StringBuilder();
    int columns = rows.get(0).size();
    int[] widths = new int[columns];
    for (List<String> row : rows) {
      for (int i = 0; i < columns; i++) {
        widths[i] = Math.max(widths[i], row.get(i).length());
      }
    }
    for (List<String> row : rows) {
      StringBuilder line = new StringBuilder();
      for (int i = 0; i < columns; i++) {
        String space = " ".repeat(widths[i] - row.get(i).length());
        boolean number = i == PARAMETERS || i == BYTES;
        line.append(number ? space + row.get(i) : row.get(i) + space).append("  ");
      }
      text.append(line.toString().stripTrailing()).append('\n');
    }
    return text.toString();
  }

  private static Entry entry(String name, Tensor tensor) {
    return new Entry(
        name,
        tensor.requires_grad(),
        Arrays.toString(Tensors.shape(tensor)),
        Tensors.dtypeName(tensor),
        bytes(tensor));
  }

  private static long bytes(Tensor tensor) {
    return tensor.numel() * tensor.element_size();
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
              "%-50s %-14s %-8s %-9s %,14d bytes%n",
              e.name,
              e.shape,
              e.dtype,
              e.trainable ? "trainable" : "fixed",
              e.bytes));
    }
    return text.append(
            String.format(
                Locale.ROOT,
                "trainable %,d bytes, fixed %,d bytes",
                trainableBytes(),
                nonTrainableBytes()))
        .toString();
  }
}
