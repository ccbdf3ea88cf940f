package dev.noether.io;

import dev.noether.io.bytes.NativeBytes;
import dev.noether.io.bytes.StoredType;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.LongStream;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.ArchiveWriter;
import org.bytedeco.pytorch.CompilationUnit;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.InputArchive;
import org.bytedeco.pytorch.LBFGS;
import org.bytedeco.pytorch.LBFGSOptions;
import org.bytedeco.pytorch.Optimizer;
import org.bytedeco.pytorch.OutputArchive;
import org.bytedeco.pytorch.StringVector;
import org.bytedeco.pytorch.Tensor;

/**
 * The state of an optimizer as a tensor of bytes: LibTorch's own archive, made in memory.
 *
 * <p>LibTorch calls a parameter by its address there, and has them in the order of these. Here they
 * are numbered, so that equal states are equal bytes; LibTorch takes any names.
 */
final class OptimizerArchive {
  static final String VERSION = "pytorch_version";
  static final String STATES = "state";
  static final String GROUPS = "param_groups";

  /** What a parameter of a group is called: its address, by its place in the group. */
  private static final String PARAMETER = "params/";

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
      try (PointerScope scope = new PointerScope()) {
        OutputArchive archive = new OutputArchive();
        optimizer.save(archive);
        bytes = bytes(numbered(opened(new BytePointer(bytes(archive)))));
      } catch (RuntimeException e) {
        throw new IllegalArgumentException(refusal(optimizer), e);
      }
    }
    return tensor(bytes);
  }

  /** An archive of one's own as a tensor of bytes. */
  static Tensor of(OutputArchive archive) throws IOException {
    synchronized (ONE_AT_A_TIME) {
      return tensor(bytes(archive));
    }
  }

  /** The archive that a tensor of bytes holds. */
  static InputArchive opened(Tensor archived) {
    return opened(new BytePointer(archived.data_ptr()).limit(archived.numel()));
  }

  private static Tensor tensor(byte[] bytes) throws IOException {
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

  private static byte[] bytes(OutputArchive archive) {
    try (Memory memory = new Memory()) {
      archive.save_to(memory);
      return memory.bytes.toByteArray();
    }
  }

  private static InputArchive opened(BytePointer bytes) {
    InputArchive archive = new InputArchive();
    archive.load_from(bytes, bytes.limit());
    return archive;
  }

  /** The same with parameters called 0, 1, ... in the order of the optimizer. */
  private static OutputArchive numbered(InputArchive archive) {
    Map<String, String> numbers = new LinkedHashMap<>();
    OutputArchive copy = new OutputArchive();
    OutputArchive groups = copied(inner(archive, GROUPS), copy.compilation_unit(), numbers);
    InputArchive states = inner(archive, STATES);
    OutputArchive numbered = new OutputArchive(copy.compilation_unit());
    Set<String> present = new HashSet<>(keys(states));
    numbers.forEach(
        (address, number) -> {
          if (present.contains(address)) {
            InputArchive own = inner(states, address);
            numbered.write(number, copied(own, copy.compilation_unit(), numbers));
          }
        });
    copy.write(VERSION, value(archive, VERSION));
    copy.write(STATES, numbered);
    copy.write(GROUPS, groups);
    return copy;
  }

  /** A copy in which the texts that name parameters, told by their keys, are numbers. */
  private static OutputArchive copied(
      InputArchive archive, CompilationUnit unit, Map<String, String> numbers) {
    OutputArchive copy = new OutputArchive(unit);
    for (String key : keys(archive)) {
      IValue value = value(archive, key);
      if (value.isModule()) {
        copy.write(key, copied(inner(archive, key), unit, numbers));
      } else if (value.isString() && key.startsWith(PARAMETER)) {
        String address = value.toStringRef().getString();
        numbers.putIfAbsent(address, String.valueOf(numbers.size()));
        copy.write(key, new IValue(numbers.get(address)));
      } else if (value.isTensor()) {
        copy.write(key, value.toTensor());
      } else {
        copy.write(key, value);
      }
    }
    return copy;
  }

  static List<String> keys(InputArchive archive) {
    StringVector names = archive.keys();
    return LongStream.range(0, names.size()).mapToObj(i -> names.get(i).getString()).toList();
  }

  static InputArchive inner(InputArchive archive, String key) {
    InputArchive own = new InputArchive();
    archive.read(key, own);
    return own;
  }

  static IValue value(InputArchive archive, String key) {
    IValue value = new IValue();
    archive.read(key, value);
    return value;
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
      optimizer.load(opened(archived));
    } catch (RuntimeException e) {
      throw new DamagedFileException("the optimizer's state does not fit this optimizer", e);
    }
  }
}
