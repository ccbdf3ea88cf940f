package dev.noether.torch;

import java.util.Locale;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * The floating-point types that layers compute in.
 *
 * <p>The two of 16 bits hold any layer, in training and evaluation: their bases and weights are
 * rounded, so the symmetry holds to 3 or 4 digits. Training is usually better off with weights in
 * float32 under {@link Autocast}. What LibTorch lacks in 16 bits, such as Cholesky factors, is
 * computed in float32.
 */
public enum Dtype {
  /** 32-bit floating point. */
  FLOAT32(ScalarType.Float, 4),
  /** 64-bit floating point. */
  FLOAT64(ScalarType.Double, 8),
  /** 16-bit floating point with the range of float32 and 3 digits. */
  BFLOAT16(ScalarType.BFloat16, 2),
  /** 16-bit floating point up to 65504 with 4 digits. */
  FLOAT16(ScalarType.Half, 2);

  private final ScalarType scalarType;
  private final int bytes;

  Dtype(ScalarType scalarType, int bytes) {
    this.scalarType = scalarType;
    this.bytes = bytes;
  }

  /**
   * The type of a layer's tensor.
   *
   * @param tensor a tensor of one of these types
   * @return its dtype
   * @throws IllegalArgumentException if it is of another type
   */
  public static Dtype of(Tensor tensor) {
    return of(Tensors.scalarType(tensor), Tensors.dtypeName(tensor));
  }

  static Dtype of(ScalarType type, String name) {
    for (Dtype dtype : values()) {
      if (dtype.scalarType == type) {
        return dtype;
      }
    }
    throw new IllegalArgumentException(
        "layers compute in float32, float64, bfloat16 or float16, got " + name);
  }

  /**
   * LibTorch's name of this type.
   *
   * @return the scalar type
   */
  public ScalarType scalarType() {
    return scalarType;
  }

  /**
   * The largest finite number.
   *
   * @return such as 3.4e38 for float32
   */
  public double largest() {
    return switch (this) {
      case FLOAT32, BFLOAT16 -> Float.MAX_VALUE;
      case FLOAT64 -> Double.MAX_VALUE;
      case FLOAT16 -> 65504;
    };
  }

  /**
   * Whether numbers have 16 bits.
   *
   * @return true for bfloat16 and float16
   */
  public boolean isHalf() {
    return bytes == 2;
  }

  /**
   * The size of one number.
   *
   * @return 2, 4 or 8 bytes
   */
  public int bytes() {
    return bytes;
  }

  /** PyTorch's name, such as {@code float32}. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
