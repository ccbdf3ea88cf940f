package dev.noether.io;

import dev.noether.torch.ComputeDevice;
import dev.noether.torch.LibTorch;
import dev.noether.torch.Scopes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;

/** The bytes of tensors, piece by piece from and to native memory. */
final class NativeBytes {
  private static final long PIECE = 1 << 26;

  private NativeBytes() {}

  /** What to do with a piece. */
  @FunctionalInterface
  interface Visitor {
    void visit(ByteBuffer piece) throws IOException;
  }

  /** The tensor as it can be written: on the CPU, contiguous. */
  static Tensor plain(Tensor tensor) {
    return Scopes.compute(
        () -> tensor.detach().to(ComputeDevice.CPU.toTorch(), tensor.scalar_type()).contiguous());
  }

  static Tensor empty(StoredType type, long... shape) {
    LibTorch.load();
    return Scopes.compute(() -> torch.empty(shape, new TensorOptions(type.scalarType()), null));
  }

  /** Visits all bytes, first to last, in pieces that begin at position 0. */
  static void forEach(Tensor tensor, long bytes, Visitor visitor) throws IOException {
    try (PointerScope scope = new PointerScope()) {
      BytePointer memory = new BytePointer(tensor.data_ptr());
      for (long done = 0; done < bytes; done += PIECE) {
        // A buffer begins at the address of its pointer and cannot look beyond 2 GB: move that.
        BytePointer piece = new BytePointer(memory.getPointer(done));
        visitor.visit(piece.limit(Math.min(PIECE, bytes - done)).asByteBuffer());
      }
    }
  }

  static void write(Tensor tensor, long bytes, WritableByteChannel channel) throws IOException {
    forEach(tensor, bytes, piece -> writeFully(channel, piece));
  }

  static void writeFully(WritableByteChannel channel, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }
}
