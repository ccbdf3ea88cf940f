package dev.noether.torch;

import java.util.Locale;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** The floating-point types that layers compute in. */
public enum Dtype {
  /** 32-bit floating point. */
  FLOAT32(ScalarType.Float, 4),
  /** 64-bit floating point. */
  FLOAT64(ScalarType.Double, 8);

  private final ScalarType scalarType;
  private final int bytes;

  Dtype(ScalarType scalarType, int bytes) {
    this.scalarType = scalarType;
    this.bytes = bytes;
  }

  /**
   * The type of a layer's tensor.
   *
   * @param tensor a tensor of float32 or float64
   * @return its dtype
   * @throws IllegalArgumentException if it is of another type
   */
  public static Dtype of(Tensor tensor) {
    ScalarType type = Tensors.scalarType(tensor);
    for (Dtype dtype : values()) {
      if (dtype.scalarType == type) {
        return dtype;
      }
    }
    throw new IllegalArgumentException(
        "layers compute in float32 or float64, got " + Tensors.dtypeName(tensor));
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
   * The size of one number.
   *
   * @return 4 or 8 bytes
   */
  public int bytes() {
    return bytes;
  }

  /** PyTorch's name: {@code float32} or {@code float64}. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
