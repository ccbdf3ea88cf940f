package dev.noether.train.data;

import static dev.noether.algebra.Checks.require;

import dev.noether.torch.LibTorch;
import dev.noether.torch.Scopes;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * What a file says of an array of numbers.
 *
 * @param type the dtype
 * @param width the bytes of a number
 * @param bytes those of all numbers
 * @param shape the axes, the last one fastest in the file
 */
record StoredArray(ScalarType type, int width, long bytes, List<Long> shape) {
  private static final int PIECE = 1 << 20;

  /** An array of a file; a shape beyond all memory is refused by its name. */
  static StoredArray of(String file, ScalarType type, int width, long... shape) {
    try {
      long bytes = width;
      for (long axis : shape) {
        bytes = Math.multiplyExact(bytes, axis);
      }
      return new StoredArray(type, width, bytes, Arrays.stream(shape).boxed().toList());
    } catch (ArithmeticException e) {
      throw new IllegalArgumentException(file + ": its shape is beyond any memory", e);
    }
  }

  long[] axes() {
    return shape.stream().mapToLong(Long::longValue).toArray();
  }

  Tensor empty() {
    LibTorch.load();
    return Scopes.compute(() -> torch.empty(axes(), new TensorOptions(type), null));
  }

  /** Checks that so many bytes are there before any memory is taken. */
  void requireBytes(String file, long there) throws EOFException {
    if (there < bytes) {
      throw new EOFException(
          file + ": its numbers take " + bytes + " bytes, the file has " + there + " of them");
    }
  }

  /** Reads the numbers; in big-endian order where {@code swapped}. */
  Tensor read(String file, InputStream in, boolean swapped) throws IOException {
    require(bytes >= 0, "%s: its shape is beyond any memory", file);
    Tensor tensor = empty();
    try (PointerScope scope = new PointerScope()) {
      BytePointer numbers = new BytePointer(tensor.data_ptr());
      byte[] piece = new byte[PIECE];
      for (long start = 0; start < bytes; start += PIECE) {
        int length = (int) Math.min(PIECE, bytes - start);
        if (in.readNBytes(piece, 0, length) < length) {
          throw new EOFException(file + " ends too early");
        }
        if (swapped) {
          swap(piece, length);
        }
        numbers.position(start).put(piece, 0, length);
      }
    }
    return tensor;
  }

  /** PIECE is a multiple of every width. */
  private void swap(byte[] piece, int length) {
    ByteBuffer buffer = ByteBuffer.wrap(piece, 0, length);
    for (int i = 0; i < length; i += width) {
      switch (width) {
        case 2 -> buffer.putShort(i, Short.reverseBytes(buffer.getShort(i)));
        case 4 -> buffer.putInt(i, Integer.reverseBytes(buffer.getInt(i)));
        case 8 -> buffer.putLong(i, Long.reverseBytes(buffer.getLong(i)));
        default -> {
          return;
        }
      }
    }
  }
}
