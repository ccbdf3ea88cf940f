package dev.noether.io;

import static dev.noether.algebra.Checks.require;

import dev.noether.torch.Tensors;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** The dtypes that files hold: constants as safetensors calls them, with PyTorch's names. */
enum StoredType {
  F64(ScalarType.Double, "float64", "DoubleStorage", 8),
  F32(ScalarType.Float, "float32", "FloatStorage", 4),
  F16(ScalarType.Half, "float16", "HalfStorage", 2),
  BF16(ScalarType.BFloat16, "bfloat16", "BFloat16Storage", 2),
  I64(ScalarType.Long, "int64", "LongStorage", 8),
  I32(ScalarType.Int, "int32", "IntStorage", 4),
  I16(ScalarType.Short, "int16", "ShortStorage", 2),
  I8(ScalarType.Char, "int8", "CharStorage", 1),
  U8(ScalarType.Byte, "uint8", "ByteStorage", 1),
  BOOL(ScalarType.Bool, "bool", "BoolStorage", 1),
  U16(ScalarType.UInt16, "uint16", StoredType.UNTYPED, 2),
  U32(ScalarType.UInt32, "uint32", StoredType.UNTYPED, 4),
  U64(ScalarType.UInt64, "uint64", StoredType.UNTYPED, 8),
  F8_E5M2(ScalarType.Float8_e5m2, "float8_e5m2", StoredType.UNTYPED, 1),
  F8_E4M3(ScalarType.Float8_e4m3fn, "float8_e4m3fn", StoredType.UNTYPED, 1);

  /** The storage of dtypes that came after PyTorch stopped to make a class for each. */
  static final String UNTYPED = "UntypedStorage";

  private final ScalarType scalarType;
  private final String dtype;
  private final String storage;
  private final int bytes;

  StoredType(ScalarType scalarType, String dtype, String storage, int bytes) {
    this.scalarType = scalarType;
    this.dtype = dtype;
    this.storage = storage;
    this.bytes = bytes;
  }

  ScalarType scalarType() {
    return scalarType;
  }

  /** The dtype as PyTorch names it. */
  String dtype() {
    return dtype;
  }

  /** The class of its storages in Python's package torch. */
  String storage() {
    return storage;
  }

  int bytes() {
    return bytes;
  }

  /** The type that safetensors calls so. */
  static Optional<StoredType> named(String name) {
    return first(type -> type.name().equals(name));
  }

  static Optional<StoredType> ofDtype(String dtype) {
    return first(type -> type.dtype.equals(dtype));
  }

  static Optional<StoredType> ofStorage(String storage) {
    return storage.equals(UNTYPED) ? Optional.of(U8) : first(type -> type.storage.equals(storage));
  }

  private static Optional<StoredType> first(Predicate<StoredType> wanted) {
    return Stream.of(values()).filter(wanted).findFirst();
  }

  static StoredType of(String name, Tensor tensor) {
    ScalarType own = Tensors.scalarType(tensor);
    Optional<StoredType> found = first(type -> type.scalarType == own);
    require(
        found.isPresent(),
        "'%s' has the dtype %s, which no file holds; convert it first",
        name,
        own);
    return found.get();
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
