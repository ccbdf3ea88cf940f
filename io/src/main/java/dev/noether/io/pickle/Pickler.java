package dev.noether.io.pickle;

import dev.noether.io.bytes.StoredType;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Writes the pickle of a state dict, with the opcodes that {@code torch.load(weights_only=True)}
 * accepts.
 */
final class Pickler {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  /** Begins an OrderedDict, protocol 2. */
  Pickler() {
    out.write(0x80);
    out.write(2);
    emptyDict();
    out.write('(');
  }

  private void emptyDict() {
    global("collections", "OrderedDict");
    out.write(')');
    out.write('R');
  }

  /** An entry of the dict: a contiguous tensor that fills a storage. */
  void tensor(String name, StoredType type, String storage, long... shape) {
    long count = type.bytes(Arrays.stream(shape).boxed().toList()) / type.bytes();
    boolean untyped = type.storage().equals(StoredType.UNTYPED);
    text(name);
    global("torch._utils", untyped ? "_rebuild_tensor_v3" : "_rebuild_tensor_v2");
    out.write('(');
    storage(type, storage, untyped ? count * type.bytes() : count);
    number(0);
    numbers(shape);
    numbers(strides(shape));
    out.write(0x89);
    emptyDict();
    if (untyped) {
      global("torch", type.dtype());
    }
    out.write('t');
    out.write('R');
  }

  /** The whole pickle. */
  byte[] end() {
    out.write('u');
    out.write('.');
    return out.toByteArray();
  }

  private void storage(StoredType type, String key, long size) {
    boolean untyped = type.storage().equals(StoredType.UNTYPED);
    out.write('(');
    text("storage");
    global(untyped ? "torch.storage" : "torch", type.storage());
    text(key);
    text("cpu");
    number(size);
    out.write('t');
    out.write('Q');
  }

  /** PyTorch's, where an axis of length 0 counts as one of length 1. */
  private static long[] strides(long... shape) {
    long[] strides = new long[shape.length];
    long step = 1;
    for (int i = shape.length - 1; i >= 0; i--) {
      strides[i] = step;
      step *= Math.max(1, shape[i]);
    }
    return strides;
  }

  private void numbers(long... numbers) {
    out.write('(');
    for (long number : numbers) {
      number(number);
    }
    out.write('t');
  }

  private void number(long number) {
    if (number == (int) number) {
      out.write('J');
      out.writeBytes(littleEndian(Integer.BYTES).putInt((int) number).array());
    } else {
      out.write(0x8a);
      out.write(Long.BYTES);
      out.writeBytes(littleEndian(Long.BYTES).putLong(number).array());
    }
  }

  private void text(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    out.write('X');
    out.writeBytes(littleEndian(Integer.BYTES).putInt(bytes.length).array());
    out.writeBytes(bytes);
  }

  private void global(String module, String name) {
    out.writeBytes(("c" + module + "\n" + name + "\n").getBytes(StandardCharsets.US_ASCII));
  }

  private static ByteBuffer littleEndian(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }
}
