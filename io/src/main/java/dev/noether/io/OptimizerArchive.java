package dev.noether.io;

import dev.noether.io.bytes.NativeBytes;
import dev.noether.io.bytes.StoredType;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Locale;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.ArchiveWriter;
import org.bytedeco.pytorch.InputArchive;
import org.bytedeco.pytorch.LBFGS;
import org.bytedeco.pytorch.LBFGSOptions;
import org.bytedeco.pytorch.Optimizer;
import org.bytedeco.pytorch.OutputArchive;
import org.bytedeco.pytorch.Tensor;

/** The state of an optimizer as a tensor of bytes: LibTorch's own archive, made in memory. */
final class OptimizerArchive {
  /** JavaCPP has few callbacks of a kind at a time. */
  private static final Object ONE_AT_A_TIME = new Object();

  private OptimizerArchive() {}

  /** Takes what LibTorch writes. */
  private static final class Memory extends ArchiveWriter {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    @Override
    public long call(Pointer data, long size) {
      try (PointerScope scope = new PointerScope()) {
        byte[] piece = new byte[(int) size];
        new BytePointer(data).limit(size).get(piece);
        bytes.writeBytes(piece);
        return size;
      }
    }
  }

  static Tensor of(Optimizer optimizer) throws IOException {
    byte[] bytes;
    synchronized (ONE_AT_A_TIME) {
      try (PointerScope scope = new PointerScope();
          Memory memory = new Memory()) {
        OutputArchive archive = new OutputArchive();
        optimizer.save(archive);
        archive.save_to(memory);
        bytes = memory.bytes.toByteArray();
      } catch (RuntimeException e) {
        throw new IllegalArgumentException(refusal(optimizer), e);
      }
    }
    Tensor tensor = NativeBytes.empty("optimizer", StoredType.U8, bytes.length);
    int[] at = {0};
    NativeBytes.forEach(
        tensor,
        bytes.length,
        piece -> {
          int count = piece.remaining();
          piece.put(ByteBuffer.wrap(bytes, at[0], count));
          at[0] += count;
        });
    return tensor;
  }

  /** LibTorch writes as many scratch tensors of L-BFGS as its history is long, made or not. */
  private static String refusal(Optimizer optimizer) {
    if (!(optimizer instanceof LBFGS)) {
      return "LibTorch cannot save the state of this optimizer ("
          + optimizer.getClass().getSimpleName()
          + "): save the layer alone, or train with one that it can, as Adam";
    }
    LBFGSOptions options = new LBFGSOptions(optimizer.defaults());
    return String.format(
        Locale.ROOT,
        "LibTorch saves L-BFGS only before its first step and once its history is full, and"
            + " history_size = %d updates have not been made yet: make the optimizer with a"
            + " history_size below max_iter = %d, which one step fills, or save later",
        options.history_size().get(),
        options.max_iter().get());
  }

  /**
   * Gives an optimizer the state that an archive holds.
   *
   * @throws DamagedFileException if LibTorch does not take it
   */
  static void restore(Optimizer optimizer, Tensor archived) throws DamagedFileException {
    try {
      InputArchive archive = new InputArchive();
      archive.load_from(new BytePointer(archived.data_ptr()), archived.numel());
      optimizer.load(archive);
    } catch (RuntimeException e) {
      throw new DamagedFileException("the optimizer's state does not fit this optimizer", e);
    }
  }
}
