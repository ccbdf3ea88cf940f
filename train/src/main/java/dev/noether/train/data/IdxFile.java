package dev.noether.train.data;

import static dev.noether.algebra.Checks.require;
import static dev.noether.algebra.Checks.requirePresent;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Reads an array in the IDX format, which MNIST and its relatives come in: two zeros, the type, the
 * number of axes, the axes and the numbers, all big-endian. A file may be compressed by gzip.
 */
public final class IdxFile {
  private static final byte[] GZIP = {0x1f, (byte) 0x8b};

  /** A type and the bytes of a number. */
  private record Kind(ScalarType type, int width) {}

  private static final Map<Integer, Kind> KINDS =
      Map.of(
          0x08, new Kind(ScalarType.Byte, 1),
          0x09, new Kind(ScalarType.Char, 1),
          0x0B, new Kind(ScalarType.Short, 2),
          0x0C, new Kind(ScalarType.Int, 4),
          0x0D, new Kind(ScalarType.Float, 4),
          0x0E, new Kind(ScalarType.Double, 8));

  private IdxFile() {}

  /**
   * Reads an array.
   *
   * @param path the file, such as {@code train-images-idx3-ubyte.gz}
   * @return a new tensor on the CPU, of the array's shape and dtype: {@code [60000, 28, 28]} of
   *     uint8
   * @throws IllegalArgumentException if it is no IDX file
   * @throws IOException if the file cannot be read, or ends too early
   */
  public static Tensor read(Path path) throws IOException {
    try (InputStream file = new BufferedInputStream(Files.newInputStream(path))) {
      file.mark(GZIP.length);
      byte[] start = file.readNBytes(GZIP.length);
      file.reset();
      boolean packed = start.length == GZIP.length && start[0] == GZIP[0] && start[1] == GZIP[1];
      return packed
          ? read(path, new GZIPInputStream(file), Long.MAX_VALUE)
          : read(path, file, Files.size(path));
    }
  }

  private static Tensor read(Path path, InputStream in, long size) throws IOException {
    String file = path.toString();
    byte[] magic = in.readNBytes(4);
    require(
        magic.length == 4 && magic[0] == 0 && magic[1] == 0 && magic[3] >= 1,
        "%s is no IDX file: it does not begin with two zeros, a type and a number of axes",
        file);
    Kind kind =
        requirePresent(
            KINDS.get((int) magic[2]), "%s: IDX has no type 0x%02X", file, (int) magic[2] & 0xff);
    byte[] text = in.readNBytes(4 * magic[3]);
    if (text.length < 4 * magic[3]) {
      throw new EOFException(file + " ends too early");
    }
    ByteBuffer axes = ByteBuffer.wrap(text);
    long[] shape = new long[magic[3]];
    for (int i = 0; i < shape.length; i++) {
      shape[i] = Integer.toUnsignedLong(axes.getInt());
    }
    StoredArray array = StoredArray.of(file, kind.type, kind.width, shape);
    array.requireBytes(file, size - 4L * (1 + magic[3]));
    return array.read(file, in, true);
  }
}
