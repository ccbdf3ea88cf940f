package dev.noether.torch;

import static dev.noether.algebra.Checks.require;

import dev.noether.algebra.Matrix;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * The dtype and the device of a tensor: where a float64 result goes back to.
 *
 * @param type the dtype, as LibTorch names it
 * @param device the device
 */
public record TensorKind(ScalarType type, ComputeDevice device) {
  /**
   * The kind of a floating-point tensor.
   *
   * @param tensor any tensor of floating-point numbers
   * @return its dtype and device
   * @throws IllegalArgumentException if the tensor does not hold floating-point numbers
   */
  public static TensorKind of(Tensor tensor) {
    require(
        tensor.is_floating_point(),
        "a tensor must hold floating-point numbers, got %s; convert it with to(...)",
        Tensors.dtypeName(tensor));
    return new TensorKind(Tensors.scalarType(tensor), Tensors.device(tensor));
  }

  /**
   * A float64 tensor on this device.
   *
   * @param matrix the entries
   * @return {@code [rows, columns]}
   */
  public Tensor float64(Matrix matrix) {
    Tensor tensor = Tensors.of(Dtype.FLOAT64, matrix);
    return device.isCuda() ? tensor.to(device.toTorch(), ScalarType.Double) : tensor;
  }

  /**
   * Converts a result.
   *
   * @param result any tensor
   * @return the same numbers in this dtype, on this device
   */
  public Tensor convert(Tensor result) {
    return result.to(device.toTorch(), type);
  }

  /**
   * A fixed tensor as this kind of tensor needs it.
   *
   * @param tensor numbers or indices
   * @return numbers in this dtype, indices as they are, both on this device
   */
  public Tensor place(Tensor tensor) {
    return tensor.to(
        device.toTorch(), tensor.is_floating_point() ? type : Tensors.scalarType(tensor));
  }

  /**
   * The dtype.
   *
   * @return one of those that layers compute in
   * @throws IllegalArgumentException if it is another one
   */
  public Dtype dtype() {
    return Dtype.of(type, String.valueOf(type));
  }

  /**
   * Checks that another batch is of this kind.
   *
   * @param other the kind of the batch
   * @throws IllegalArgumentException if dtype or device differ
   */
  public void requireSame(TensorKind other) {
    require(
        equals(other),
        "all samples must have one dtype and one device, got %s and %s; convert one with to(...)",
        this,
        other);
  }

  @Override
  public String toString() {
    return type + " on " + device;
  }
}
