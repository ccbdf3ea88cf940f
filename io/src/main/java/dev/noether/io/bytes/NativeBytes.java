package dev.noether.io.bytes;

import static dev.noether.algebra.Checks.require;

import dev.noether.algebra.Limits;
import dev.noether.io.UnreadableTensorException;
import dev.noether.torch.ComputeDevice;
import dev.noether.torch.LibTorch;
import dev.noether.torch.Scopes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.List;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;

/** The bytes of tensors, piece by piece from and to native memory. */
public final class NativeBytes {
  private static final long PIECE = 1 << 26;

  private NativeBytes() {}

  /** What to do with a piece. */
  @FunctionalInterface
  public interface Visitor {
    /**
     * Reads or fills it.
     *
     * @param piece some bytes, from position 0
     * @throws IOException if that fails
     */
    void visit(ByteBuffer piece) throws IOException;
  }

  /**
   * The tensor as it can be written: on the CPU, contiguous.
   *
   * @param name its name, for the error
   * @param tensor the tensor
   * @return itself where it is so already
   * @throws IllegalArgumentException if a few numbers are repeated until they take more than {@link
   *     Limits#EXPANDED_BYTES}
   */
  public static Tensor plain(String name, Tensor tensor) {
    long stored = tensor.storage().nbytes() / tensor.element_size();
    require(
        tensor.numel() <= Math.max(stored, Limits.EXPANDED_BYTES / tensor.element_size()),
        "'%s' repeats %d numbers until they are %d, and repeated ones are written up to %d bytes: "
            + "write it before it is expanded, or write tensor.contiguous()",
        name,
        stored,
        tensor.numel(),
        Limits.EXPANDED_BYTES);
    return Scopes.compute(
        () -> {
          Tensor real = tensor.detach().to(ComputeDevice.CPU.toTorch(), tensor.scalar_type());
          return (real.is_complex() ? real.resolve_conj() : real).resolve_neg().contiguous();
        });
  }

  /**
   * Memory for a tensor that is read.
   *
   * @param name its name, for the error
   * @param type its dtype
   * @param shape its axes
   * @return a tensor of any numbers
   * @throws UnreadableTensorException if there is not that much memory
   */
  public static Tensor empty(String name, StoredType type, long... shape)
      throws UnreadableTensorException {
    LibTorch.load();
    try {
      return Scopes.compute(() -> torch.empty(shape, new TensorOptions(type.scalarType()), null));
    } catch (RuntimeException e) {
      if (!LibTorch.isOutOfMemory(e)) {
        throw e;
      }
      long count = 1;
      for (long axis : shape) {
        count *= axis;
      }
      throw new UnreadableTensorException(
          "'" + name + "' takes " + count * type.bytes() + " bytes, more memory than there is");
    }
  }

  /**
   * Axes as LibTorch takes them.
   *
   * @param axes numbers
   * @return the same numbers
   */
  public static long[] array(List<Long> axes) {
    return axes.stream().mapToLong(Long::longValue).toArray();
  }

  /**
   * Visits all bytes, first to last, in pieces that begin at position 0.
   *
   * @param tensor a contiguous tensor on the CPU
   * @param bytes how many
   * @param visitor takes the pieces
   * @throws IOException if the visitor does
   */
  public static void forEach(Tensor tensor, long bytes, Visitor visitor) throws IOException {
    try (PointerScope scope = new PointerScope()) {
      BytePointer memory = new BytePointer(tensor.data_ptr());
      for (long done = 0; done < bytes; done += PIECE) {
        // A buffer begins at the address of its pointer and cannot look beyond 2 GB: move that.
        BytePointer piece = new BytePointer(memory.getPointer(done));
        visitor.visit(piece.limit(Math.min(PIECE, bytes - done)).asByteBuffer());
      }
    }
  }

  /**
   * Writes a tensor's bytes.
   *
   * @param tensor a contiguous tensor on the CPU
   * @param bytes how many
   * @param channel where to
   * @throws IOException if that fails
   */
  public static void write(Tensor tensor, long bytes, WritableByteChannel channel)
      throws IOException {
    forEach(tensor, bytes, piece -> writeFully(channel, piece));
  }

  /**
   * Writes all bytes of a buffer.
   *
   * @param channel where to
   * @param bytes the buffer
   * @throws IOException if that fails
   */
  public static void writeFully(WritableByteChannel channel, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }
}
