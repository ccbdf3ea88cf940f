package dev.noether.train.data;

import static dev.noether.algebra.Checks.require;
import static dev.noether.algebra.Checks.requirePresent;

import dev.noether.torch.Tensors;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * What stands before the numbers of an NPY array.
 *
 * @param array the numbers; their axes are those of the file, so reversed if columns come first
 * @param columnsFirst whether the first axis is the fastest
 * @param length the bytes before the numbers
 */
record NpyHeader(StoredArray array, boolean columnsFirst, long length) {
  private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};

  /** Magic and version. */
  private static final int START = MAGIC.length + 2;

  private static final int LONGEST = 1 << 20;

  /** As NumPy has it, for whoever maps the file. */
  private static final int ALIGNMENT = 64;

  private static final Pattern TEXT =
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

  /** Reads it; afterwards the numbers come. */
  static NpyHeader read(String file, InputStream in) throws IOException {
    byte[] start = in.readNBytes(START);
    require(
        start.length == START && Arrays.equals(Arrays.copyOf(start, MAGIC.length), MAGIC),
        "%s is no NPY file: it does not begin as numpy.save writes",
        file);
    int version = start[MAGIC.length];
    require(
        version >= 1 && version <= 3,
        "%s is an NPY file of version %d, 1 to 3 are read",
        file,
        version);
    int digits = version == 1 ? 2 : 4;
    ByteBuffer count = ByteBuffer.wrap(exactly(file, in, digits)).order(ByteOrder.LITTLE_ENDIAN);
    long length =
        version == 1
            ? Short.toUnsignedLong(count.getShort(0))
            : Integer.toUnsignedLong(count.getInt(0));
    require(length <= LONGEST, "%s: its header has %d bytes, too many to be one", file, length);
    String text = new String(exactly(file, in, (int) length), StandardCharsets.UTF_8);
    return parsed(file, text, START + digits + length);
  }

  /** All that stands before the numbers of a tensor: version 1, a multiple of 64 bytes. */
  static byte[] of(String file, Tensor tensor) {
    ScalarType type = Tensors.scalarType(tensor);
    String name =
        TYPES.entrySet().stream()
            .filter(e -> e.getValue() == type)
            .map(Map.Entry::getKey)
            .findFirst()
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        file
                            + ": NPY files are not written in "
                            + Tensors.dtypeName(tensor)
                            + ": convert it with to(Dtype.FLOAT32)"));
    StringBuilder axes = new StringBuilder();
    for (long axis : Tensors.shape(tensor)) {
      axes.append(axis).append(", ");
    }
    String shape = axes.toString().strip();
    if (tensor.dim() > 1) {
      shape = shape.substring(0, shape.length() - 1);
    }
    String text = "{'descr': '" + name + "', 'fortran_order': False, 'shape': (" + shape + "), }";
    int start = START + 2;
    int all = (start + text.length() + 1 + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    String padded = text + " ".repeat(all - start - text.length() - 1) + "\n";
    return ByteBuffer.allocate(all)
        .order(ByteOrder.LITTLE_ENDIAN)
        .put(MAGIC)
        .put((byte) 1)
        .put((byte) 0)
        .putShort((short) (all - start))
        .put(padded.getBytes(StandardCharsets.US_ASCII))
        .array();
  }

  private static NpyHeader parsed(String file, String text, long length) {
    Matcher header = TEXT.matcher(text);
    require(header.matches(), "%s: its header is not one that NumPy writes", file);
    ScalarType type =
        requirePresent(
            TYPES.get(header.group(1)),
            "%s holds '%s', which is not read: save it as one of %s",
            file,
            header.group(1),
            TYPES.keySet().stream().sorted().toList());
    long[] shape = axes(file, header.group(3));
    boolean columnsFirst = header.group(2).equals("True");
    int width = Integer.parseInt(header.group(1).substring(2));
    return new NpyHeader(
        StoredArray.of(file, type, width, columnsFirst ? reversed(shape) : shape),
        columnsFirst,
        length);
  }

  private static long[] axes(String file, String text) {
    try {
      return Arrays.stream(text.split("[, ]+"))
          .filter(axis -> !axis.isEmpty())
          .mapToLong(Long::parseLong)
          .toArray();
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(file + ": its shape is beyond any memory", e);
    }
  }

  private static byte[] exactly(String file, InputStream in, int count) throws IOException {
    byte[] bytes = in.readNBytes(count);
    if (bytes.length < count) {
      throw new EOFException(file + " ends too early");
    }
    return bytes;
  }

  private static long[] reversed(long... shape) {
    long[] reversed = new long[shape.length];
    for (int i = 0; i < shape.length; i++) {
      reversed[i] = shape[shape.length - 1 - i];
    }
    return reversed;
  }
}
