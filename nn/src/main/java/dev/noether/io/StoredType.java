package dev.noether.io;

import static dev.noether.algebra.Checks.require;

import dev.noether.torch.Tensors;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** The dtypes that files hold, with the names that each format gives them. */
enum StoredType {
  F64(ScalarType.Double, "DoubleStorage", 8),
  F32(ScalarType.Float, "FloatStorage", 4),
  F16(ScalarType.Half, "HalfStorage", 2),
  BF16(ScalarType.BFloat16, "BFloat16Storage", 2),
  I64(ScalarType.Long, "LongStorage", 8),
  I32(ScalarType.Int, "IntStorage", 4),
  I16(ScalarType.Short, "ShortStorage", 2),
  I8(ScalarType.Char, "CharStorage", 1),
  U8(ScalarType.Byte, "ByteStorage", 1),
  BOOL(ScalarType.Bool, "BoolStorage", 1);

  private final ScalarType scalarType;
  private final String storage;
  private final int bytes;

  StoredType(ScalarType scalarType, String storage, int bytes) {
    this.scalarType = scalarType;
    this.storage = storage;
    this.bytes = bytes;
  }

  ScalarType scalarType() {
    return scalarType;
  }

  /** The class in Python's package torch. */
  String storage() {
    return storage;
  }

  int bytes() {
    return bytes;
  }

  static Optional<StoredType> named(String name) {
    for (StoredType type : values()) {
      if (type.name().equals(name)) {
        return Optional.of(type);
      }
    }
    return Optional.empty();
  }

  static Optional<StoredType> ofStorage(String storage) {
    for (StoredType type : values()) {
      if (type.storage.equals(storage)) {
        return Optional.of(type);
      }
    }
    return Optional.empty();
  }

  static StoredType of(String name, Tensor tensor) {
    ScalarType own = Tensors.scalarType(tensor);
    for (StoredType type : values()) {
      if (type.scalarType == own) {
        return type;
      }
    }
    require(false, "'%s' has the dtype %s, which no file holds; convert it first", name, own);
    throw new IllegalStateException();
  }

  /**
   * The bytes that a shape takes.
   *
   * @throws ArithmeticException if they, or the product of the axes other than 0, are beyond any
   *     memory
   */
  long bytes(Iterable<Long> shape) {
    long count = bytes;
    boolean empty = false;
    for (long axis : shape) {
      empty |= axis == 0;
      count = Math.multiplyExact(count, Math.max(1, axis));
    }
    return empty ? 0 : count;
  }
}
