package dev.noether.io.bytes;

import static dev.noether.algebra.Checks.require;

import dev.noether.torch.Tensors;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** The dtypes that files hold: constants as safetensors calls them, with PyTorch's names. */
public enum StoredType {
  /** Double. */
  F64(ScalarType.Double, "float64", "DoubleStorage", 8),
  /** Float. */
  F32(ScalarType.Float, "float32", "FloatStorage", 4),
  /** Half. */
  F16(ScalarType.Half, "float16", "HalfStorage", 2),
  /** Brain float. */
  BF16(ScalarType.BFloat16, "bfloat16", "BFloat16Storage", 2),
  /** Two floats. */
  C64(ScalarType.ComplexFloat, "complex64", "ComplexFloatStorage", 8),
  /** Two doubles; safetensors lacks them. */
  C128(ScalarType.ComplexDouble, "complex128", "ComplexDoubleStorage", 16),
  /** Signed, 8 bytes. */
  I64(ScalarType.Long, "int64", "LongStorage", 8),
  /** Signed, 4 bytes. */
  I32(ScalarType.Int, "int32", "IntStorage", 4),
  /** Signed, 2 bytes. */
  I16(ScalarType.Short, "int16", "ShortStorage", 2),
  /** Signed, 1 byte. */
  I8(ScalarType.Char, "int8", "CharStorage", 1),
  /** Unsigned, 1 byte. */
  U8(ScalarType.Byte, "uint8", "ByteStorage", 1),
  /** True or false. */
  BOOL(ScalarType.Bool, "bool", "BoolStorage", 1),
  /** Unsigned, 2 bytes. */
  U16(ScalarType.UInt16, "uint16", StoredType.UNTYPED, 2),
  /** Unsigned, 4 bytes. */
  U32(ScalarType.UInt32, "uint32", StoredType.UNTYPED, 4),
  /** Unsigned, 8 bytes. */
  U64(ScalarType.UInt64, "uint64", StoredType.UNTYPED, 8),
  /** 5 bits of exponent, 2 of mantissa. */
  F8_E5M2(ScalarType.Float8_e5m2, "float8_e5m2", StoredType.UNTYPED, 1),
  /** 4 bits of exponent, 3 of mantissa. */
  F8_E4M3(ScalarType.Float8_e4m3fn, "float8_e4m3fn", StoredType.UNTYPED, 1),
  /** The same without infinities and negative zero. */
  F8_E5M2FNUZ(ScalarType.Float8_e5m2fnuz, "float8_e5m2fnuz", StoredType.UNTYPED, 1),
  /** The same without infinities and negative zero. */
  F8_E4M3FNUZ(ScalarType.Float8_e4m3fnuz, "float8_e4m3fnuz", StoredType.UNTYPED, 1),
  /** Powers of two. */
  F8_E8M0(ScalarType.Float8_e8m0fnu, "float8_e8m0fnu", StoredType.UNTYPED, 1);

  /** The storage of dtypes that came after PyTorch stopped to make a class for each. */
  public static final String UNTYPED = "UntypedStorage";

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

  /**
   * LibTorch's type.
   *
   * @return the constant
   */
  public ScalarType scalarType() {
    return scalarType;
  }

  /**
   * The dtype as PyTorch names it.
   *
   * @return such as {@code float32}
   */
  public String dtype() {
    return dtype;
  }

  /**
   * The class of its storages in Python's package torch.
   *
   * @return such as {@code FloatStorage}
   */
  public String storage() {
    return storage;
  }

  /**
   * The size of a number.
   *
   * @return bytes
   */
  public int bytes() {
    return bytes;
  }

  /**
   * The size of what changes places between machines of other byte order: half of a complex number.
   *
   * @return bytes
   */
  public int wordBytes() {
    return isComplex() ? bytes / 2 : bytes;
  }

  /**
   * Whether numbers have an imaginary part.
   *
   * @return true for two of the types
   */
  public boolean isComplex() {
    return this == C64 || this == C128;
  }

  /**
   * Whether safetensors has a name for it.
   *
   * @return false for {@link #C128}
   */
  public boolean isInSafeTensors() {
    return this != C128;
  }

  /**
   * The type that safetensors calls so.
   *
   * @param name such as {@code F32}
   * @return the type, or empty
   */
  public static Optional<StoredType> named(String name) {
    return first(type -> type.isInSafeTensors() && type.name().equals(name));
  }

  /**
   * The type that PyTorch calls so.
   *
   * @param dtype such as {@code float32}
   * @return the type, or empty
   */
  public static Optional<StoredType> ofDtype(String dtype) {
    return first(type -> type.dtype.equals(dtype));
  }

  /**
   * The type of the numbers of a kind of storage.
   *
   * @param storage such as {@code FloatStorage}
   * @return the type, or empty
   */
  public static Optional<StoredType> ofStorage(String storage) {
    return storage.equals(UNTYPED) ? Optional.of(U8) : first(type -> type.storage.equals(storage));
  }

  private static Optional<StoredType> first(Predicate<StoredType> wanted) {
    return Stream.of(values()).filter(wanted).findFirst();
  }

  /**
   * The type of a tensor.
   *
   * @param name its name, for the error
   * @param tensor the tensor
   * @return its type
   * @throws IllegalArgumentException if no file holds it
   */
  public static StoredType of(String name, Tensor tensor) {
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
   * @param shape the axes
   * @return the bytes
   * @throws ArithmeticException if they, or the product of the axes other than 0, are beyond any
   *     memory
   */
  public long bytes(Iterable<Long> shape) {
    long count = bytes;
    boolean empty = false;
    for (long axis : shape) {
      empty |= axis == 0;
      count = Math.multiplyExact(count, Math.max(1, axis));
    }
    return empty ? 0 : count;
  }
}
