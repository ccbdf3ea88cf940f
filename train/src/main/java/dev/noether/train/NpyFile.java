package dev.noether.train;

import static dev.noether.algebra.Checks.require;
import static dev.noether.algebra.Checks.requirePresent;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.noether.torch.LibTorch;
import dev.noether.torch.Scopes;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.LongStream;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Reads an array that NumPy's {@code save} wrote (NPY, versions 1 to 3), executing nothing. */
public final class NpyFile {
  private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};

  /** Magic, version, length. */
  private static final int SHORTEST = 10;

  private static final int PIECE = 1 << 20;
  private static final int LONGEST_HEADER = 1 << 20;
  private static final Pattern HEADER =
      Pattern.compile(
          "\\{'descr': '([^']*)', 'fortran_order': (True|False), 'shape': \\(([\\d, ]*)\\),? ?\\}\\s*");

  /** NumPy's names of the types that LibTorch has. */
  private static final Map<String, ScalarType> TYPES =
      Map.of(
          "<f4", ScalarType.Float,
          "<f8", ScalarType.Double,
          "<i8", ScalarType.Long,
          "<i4", ScalarType.Int,
          "<i2", ScalarType.Short,
          "|i1", ScalarType.Char,
          "|u1", ScalarType.Byte,
          "|b1", ScalarType.Bool);

  private final Path path;

  private NpyFile(Path path) {
    this.path = path;
  }

  /**
   * Reads an array.
   *
   * @param path the file
   * @return a new tensor on the CPU, of the array's shape and dtype
   * @throws IllegalArgumentException if it is no NPY file, or of a dtype that is not read
   * @throws IOException if the file cannot be read, or ends too early
   */
  public static Tensor read(Path path) throws IOException {
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      return new NpyFile(path).read(channel);
    }
  }

  private Tensor read(FileChannel channel) throws IOException {
    Matcher header = HEADER.matcher(header(channel));
    require(header.matches(), "%s: its header is not one that NumPy writes", path);
    ScalarType type =
        requirePresent(
            TYPES.get(header.group(1)),
            "%s holds '%s', which is not read: save it as one of %s",
            path,
            header.group(1),
            TYPES.keySet().stream().sorted().toList());
    long[] shape =
        Arrays.stream(header.group(3).split("[, ]+"))
            .filter(text -> !text.isEmpty())
            .mapToLong(Long::parseLong)
            .toArray();
    boolean columnsFirst = header.group(2).equals("True");
    long[] stored = columnsFirst ? reversed(shape) : shape;
    long bytes = Long.parseLong(header.group(1).substring(2));
    for (long axis : shape) {
      bytes = Math.multiplyExact(bytes, axis);
    }
    long there = channel.size() - channel.position();
    if (there < bytes) {
      throw new EOFException(
          path + ": its numbers take " + bytes + " bytes, the file has " + there + " of them");
    }
    Tensor tensor = empty(type, stored);
    fill(tensor, bytes, channel);
    return columnsFirst ? Scopes.compute(() -> rowsFirst(tensor)) : tensor;
  }

  private static Tensor empty(ScalarType type, long... shape) {
    LibTorch.load();
    return Scopes.compute(() -> torch.empty(shape, new TensorOptions(type), null));
  }

  /** What was stored with its axes reversed. */
  private static Tensor rowsFirst(Tensor stored) {
    long[] axes = LongStream.range(0, stored.dim()).map(i -> stored.dim() - 1 - i).toArray();
    return stored.permute(axes).contiguous().clone();
  }

  private void fill(Tensor tensor, long bytes, FileChannel channel) throws IOException {
    try (PointerScope scope = new PointerScope()) {
      BytePointer numbers = new BytePointer(tensor.data_ptr());
      byte[] piece = new byte[PIECE];
      for (long start = 0; start < bytes; start += PIECE) {
        int length = (int) Math.min(PIECE, bytes - start);
        readFully(channel, ByteBuffer.wrap(piece, 0, length));
        numbers.position(start).put(piece, 0, length);
      }
    }
  }

  private static long[] reversed(long... shape) {
    long[] reversed = new long[shape.length];
    for (int i = 0; i < shape.length; i++) {
      reversed[i] = shape[shape.length - 1 - i];
    }
    return reversed;
  }

  /** The text between the magic bytes and the numbers. */
  private String header(FileChannel channel) throws IOException {
    byte[] magic = new byte[MAGIC.length];
    require(
        channel.size() >= SHORTEST
            && readFully(channel, ByteBuffer.wrap(magic))
            && Arrays.equals(magic, MAGIC),
        "%s is no NPY file: it does not begin as numpy.save writes",
        path);
    byte[] version = new byte[2];
    readFully(channel, ByteBuffer.wrap(version));
    require(
        version[0] >= 1 && version[0] <= 3,
        "%s is an NPY file of version %d, 1 to 3 are read",
        path,
        version[0]);
    ByteBuffer length = ByteBuffer.allocate(version[0] == 1 ? 2 : 4).order(ByteOrder.LITTLE_ENDIAN);
    readFully(channel, length);
    long count =
        version[0] == 1
            ? Short.toUnsignedLong(length.getShort(0))
            : Integer.toUnsignedLong(length.getInt(0));
    require(
        count <= LONGEST_HEADER, "%s: its header has %d bytes, too many to be one", path, count);
    byte[] text = new byte[(int) count];
    readFully(channel, ByteBuffer.wrap(text));
    return new String(text, StandardCharsets.UTF_8);
  }

  @CanIgnoreReturnValue
  private boolean readFully(FileChannel channel, ByteBuffer into) throws IOException {
    while (into.hasRemaining()) {
      if (channel.read(into) < 0) {
        throw new EOFException(path + " ends too early");
      }
    }
    return true;
  }
}
