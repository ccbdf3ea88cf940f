package dev.noether.train.data;

import dev.noether.io.AtomicFiles;
import dev.noether.io.bytes.NativeBytes;
import dev.noether.torch.Scopes;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.LongStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;

/**
 * Reads an array that NumPy's {@code save} wrote (NPY, versions 1 to 3), executing nothing; writes
 * one that {@code numpy.load} reads.
 */
public final class NpyFile {
  private NpyFile() {}

  /**
   * Reads an array.
   *
   * @param path the file
   * @return a new tensor on the CPU, of the array's shape and dtype
   * @throws IllegalArgumentException if it is no NPY file, or of a dtype that is not read
   * @throws IOException if the file cannot be read, or ends too early
   */
  public static Tensor read(Path path) throws IOException {
    try (InputStream in = Files.newInputStream(path)) {
      return read(path.toString(), in, Files.size(path));
    }
  }

  /**
   * Writes an array, whole or not at all.
   *
   * @param path the file, replaced if it is there
   * @param tensor of a dtype that NumPy has and this class reads
   * @throws IllegalArgumentException if NumPy has no such dtype
   * @throws IOException if the file cannot be written; an old one is then as it was
   */
  public static void write(Path path, Tensor tensor) throws IOException {
    byte[] header = NpyHeader.of(path.toString(), tensor);
    try (PointerScope scope = new PointerScope()) {
      Tensor plain = NativeBytes.plain(path.toString(), tensor);
      AtomicFiles.write(
          path,
          channel -> {
            NativeBytes.writeFully(channel, ByteBuffer.wrap(header));
            NativeBytes.write(plain, plain.nbytes(), channel);
          });
    }
  }

  /** Reads an array from a stream of so many bytes. */
  static Tensor read(String file, InputStream in, long size) throws IOException {
    NpyHeader header = NpyHeader.read(file, in);
    header.array().requireBytes(file, size - header.length());
    Tensor tensor = header.array().read(file, in, false);
    return header.columnsFirst() ? Scopes.compute(() -> rowsFirst(tensor)) : tensor;
  }

  /** What was stored with its axes reversed. */
  private static Tensor rowsFirst(Tensor stored) {
    long[] axes = LongStream.range(0, stored.dim()).map(i -> stored.dim() - 1 - i).toArray();
    return stored.permute(axes).contiguous().clone();
  }
}
