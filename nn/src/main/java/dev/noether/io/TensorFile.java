package dev.noether.io;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;

/**
 * An open file of named tensors, whatever its format.
 *
 * <p>Opening reads what the file says of its tensors and checks that against its size; each tensor
 * is read when it is asked for, so a file may be larger than memory.
 */
public sealed interface TensorFile extends AutoCloseable permits SafeTensors, PtFile {
  /**
   * What a file says of a tensor.
   *
   * @param dtype as PyTorch names it: {@code float32}
   * @param shape its axes
   * @param bytes what its numbers take
   */
  record Entry(String dtype, List<Long> shape, long bytes) {
    /**
     * Copies the shape.
     *
     * @param dtype as PyTorch names it
     * @param shape its axes
     * @param bytes what its numbers take
     */
    public Entry {
      shape = List.copyOf(shape);
    }
  }

  /**
   * Opens a file of PyTorch's or a safetensors file; its first bytes tell which it is.
   *
   * @param path the file
   * @return the tensors, to be read one by one and closed
   * @throws DamagedFileException if the file is damaged, or of neither format
   * @throws IOException if the file cannot be read
   */
  static TensorFile open(Path path) throws IOException {
    byte[] start = Source.start(path);
    boolean whole = start.length == Source.START;
    // The length of a safetensors header may look like the start of a zip or a pickle.
    boolean json = whole && start[Source.START - 1] == '{';
    if (!json && PtFile.beginsOne(start)) {
      return PtFile.open(path);
    }
    if (!json && whole) {
      throw new DamagedFileException(path + " is no safetensors or PyTorch file");
    }
    return SafeTensors.open(path);
  }

  /**
   * The texts that the file carries besides tensors.
   *
   * @return an unmodifiable map
   */
  Map<String, String> metadata();

  /**
   * What the file says of each tensor.
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
   * @throws DamagedFileException if its bytes are damaged
   * @throws IOException if the file cannot be read
   */
  Tensor tensor(String name) throws IOException;

  /**
   * Reads all tensors.
   *
   * @return new tensors by name, in the order of the file
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

  @Override
  void close() throws IOException;
}
