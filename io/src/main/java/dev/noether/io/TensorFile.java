package dev.noether.io;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;

/**
 * An open file of named tensors, whatever its format; {@link TensorFormat#open} opens one.
 *
 * <p>Opening reads what the file says of its tensors and checks that against its size; each tensor
 * is read when it is asked for, so a file may be larger than memory.
 */
public interface TensorFile extends AutoCloseable {
  /**
   * What a file says of a tensor.
   *
   * @param dtype as PyTorch names it: {@code float32}
   * @param shape its axes
   * @param bytes what its numbers take
   * @param refusal why it cannot be read, as {@code is quantized ...}; empty where it can
   */
  record Entry(String dtype, List<Long> shape, long bytes, Optional<String> refusal) {
    /**
     * Copies the shape.
     *
     * @param dtype as PyTorch names it
     * @param shape its axes
     * @param bytes what its numbers take
     * @param refusal why it cannot be read
     */
    public Entry {
      shape = List.copyOf(shape);
    }

    /**
     * A tensor that can be read.
     *
     * @param dtype as PyTorch names it
     * @param shape its axes
     * @param bytes what its numbers take
     */
    public Entry(String dtype, List<Long> shape, long bytes) {
      this(dtype, shape, bytes, Optional.empty());
    }
  }

  /**
   * The texts that the file carries besides tensors.
   *
   * @return an unmodifiable map
   */
  Map<String, String> metadata();

  /**
   * What the file says of each tensor, those that cannot be read among them.
   *
   * @return an unmodifiable map, in the order of the file
   */
  Map<String, Entry> entries();

  /**
   * The names of the tensors.
   *
   * @return the names, in the order of the file
   */
  default Set<String> names() {
    return entries().keySet();
  }

  /**
   * Reads one tensor.
   *
   * @param name its name
   * @return a new tensor on the CPU, in the dtype of the file
   * @throws IllegalArgumentException if there is none of that name
   * @throws UnreadableTensorException if it is of a kind that is not read; the others are
   * @throws DamagedFileException if its bytes are damaged
   * @throws IOException if the file cannot be read, or the tensor needs more memory than there is
   */
  Tensor tensor(String name) throws IOException;

  /**
   * Reads all tensors.
   *
   * @return new tensors by name, in the order of the file
   * @throws UnreadableTensorException if one is of a kind that is not read; read the others one by
   *     one
   * @throws DamagedFileException if the bytes of one are damaged
   * @throws IOException if the file cannot be read
   */
  default Map<String, Tensor> tensors() throws IOException {
    Map<String, Tensor> all = new LinkedHashMap<>();
    for (String name : names()) {
      all.put(name, tensor(name));
    }
    return all;
  }

  /**
   * A part of a nested checkpoint: of {@code model.0.weight} and {@code epoch} the part {@code
   * model} is {@code 0.weight}.
   *
   * @param <T> tensors, or what a file says of them
   * @param all by dotted name
   * @param part the keys that lead to the part, joined with dots
   * @return what is under them, by the rest of its name, in the same order
   */
  static <T> Map<String, T> part(Map<String, T> all, String part) {
    Map<String, T> chosen = new LinkedHashMap<>();
    String prefix = part + ".";
    all.forEach(
        (name, value) -> {
          if (name.startsWith(prefix)) {
            chosen.put(name.substring(prefix.length()), value);
          }
        });
    return chosen;
  }

  @Override
  void close() throws IOException;
}
