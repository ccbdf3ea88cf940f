package dev.noether.torch;

import static dev.noether.algebra.Checks.require;

import java.util.function.Supplier;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.DeviceType;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Automatic mixed precision, as PyTorch's {@code torch.autocast}: inside, products and convolutions
 * of float32 layers are computed in 16 bits, and what needs more digits in float32. Weights, their
 * gradients and bases stay as they are.
 *
 * <pre>{@code
 * try (Autocast mixed = Autocast.to(Dtype.BFLOAT16)) {
 *   loss = model.forward(x).sub(y).pow(new Scalar(2)).mean();
 * }
 * loss.backward();
 * }</pre>
 *
 * <p>It holds in the thread that opened it; opened once more inside, the inner one counts. LibTorch
 * does not scale losses: with float16, small gradients may vanish.
 */
public final class Autocast implements AutoCloseable {
  private final DeviceType device;
  private final boolean enabledBefore;
  private final ScalarType dtypeBefore;

  private Autocast(DeviceType device, boolean enabled, ScalarType dtype) {
    this.device = device;
    enabledBefore = torch.is_autocast_enabled(device);
    dtypeBefore = torch.get_autocast_dtype(device);
    torch.increment_nesting();
    torch.set_autocast_enabled(device, enabled);
    torch.set_autocast_dtype(device, dtype);
  }

  /**
   * Begins on the CPU.
   *
   * @param dtype bfloat16 or float16
   * @return ends when it is closed
   * @throws IllegalArgumentException if the dtype has not 16 bits
   */
  public static Autocast to(Dtype dtype) {
    return to(ComputeDevice.CPU, dtype);
  }

  /**
   * Begins on a device.
   *
   * @param device where layers and inputs are
   * @param dtype bfloat16 or float16
   * @return ends when it is closed
   * @throws IllegalArgumentException if the dtype has not 16 bits, or there is no such device
   */
  public static Autocast to(ComputeDevice device, Dtype dtype) {
    require(dtype.isHalf(), "autocast computes in bfloat16 or float16, got %s", dtype);
    LibTorch.load();
    LibTorch.requirePresent(device);
    return new Autocast(
        device.isCuda() ? DeviceType.CUDA : DeviceType.CPU, true, dtype.scalarType());
  }

  /**
   * Computes something in the dtypes of its inputs, whether autocast is on or not.
   *
   * @param like a tensor on the device
   * @param body the computation
   * @return its result
   */
  public static Tensor without(Tensor like, Supplier<Tensor> body) {
    if (!isOn(like)) {
      return body.get();
    }
    DeviceType type = type(like);
    try (Autocast off = new Autocast(type, false, torch.get_autocast_dtype(type))) {
      return body.get();
    }
  }

  /**
   * Whether it is on in this thread.
   *
   * @param like a tensor on the device in question
   * @return true between {@code to} and {@code close}
   */
  public static boolean isOn(Tensor like) {
    return torch.is_autocast_enabled(type(like));
  }

  private static DeviceType type(Tensor like) {
    return like.is_cuda() ? DeviceType.CUDA : DeviceType.CPU;
  }

  @Override
  public void close() {
    if (torch.decrement_nesting() == 0) {
      torch.clear_cache();
    }
    torch.set_autocast_enabled(device, enabledBefore);
    torch.set_autocast_dtype(device, dtypeBefore);
  }
}
