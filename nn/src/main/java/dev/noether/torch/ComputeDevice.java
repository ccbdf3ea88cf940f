package dev.noether.torch;

import static dev.noether.algebra.Checks.require;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bytedeco.pytorch.global.torch.DeviceType;

/**
 * Where tensors live: the CPU or one of the GPUs.
 *
 * @param type {@code cpu} or {@code cuda}
 * @param index the number of the GPU; 0 for the CPU
 */
public record ComputeDevice(String type, int index) {
  /** The CPU. */
  public static final ComputeDevice CPU = new ComputeDevice("cpu", 0);

  /** The first NVIDIA GPU. */
  public static final ComputeDevice CUDA = new ComputeDevice("cuda", 0);

  private static final Pattern TEXT = Pattern.compile("cpu|cuda(?::([0-9]{1,3}))?");

  /**
   * Checks the type.
   *
   * @param type {@code cpu} or {@code cuda}
   * @param index the number of the GPU
   * @throws IllegalArgumentException if the type is unknown
   */
  public ComputeDevice {
    require(type.equals("cpu") || type.equals("cuda"), "a device is cpu or cuda, got '%s'", type);
  }

  /**
   * Reads {@code cpu}, {@code cuda} or {@code cuda:1}, and makes sure that it is there.
   *
   * @param text the name
   * @return the device
   * @throws IllegalArgumentException if the name is unknown or this machine has no such device
   */
  public static ComputeDevice parse(String text) {
    Matcher matcher = TEXT.matcher(text);
    require(matcher.matches(), "a device is cpu, cuda or cuda:N, got '%s'", text);
    if (text.equals("cpu")) {
      return CPU;
    }
    ComputeDevice gpu =
        new ComputeDevice(
            "cuda", matcher.group(1) == null ? 0 : Integer.parseInt(matcher.group(1)));
    LibTorch.requirePresent(gpu);
    return gpu;
  }

  /**
   * Whether this is a GPU.
   *
   * @return true for {@code cuda}
   */
  public boolean isCuda() {
    return type.equals("cuda");
  }

  /**
   * LibTorch's handle of this device.
   *
   * @return a new native device
   * @throws IllegalArgumentException if it is a GPU and this machine offers none
   */
  public org.bytedeco.pytorch.Device toTorch() {
    LibTorch.load();
    LibTorch.requirePresent(this);
    // Not by its name, which JavaCPP would hand over in the JVM's default charset.
    return isCuda()
        ? new org.bytedeco.pytorch.Device(DeviceType.CUDA, (byte) index)
        : new org.bytedeco.pytorch.Device(DeviceType.CPU);
  }

  @Override
  public String toString() {
    return isCuda() ? type + ":" + index : type;
  }
}
