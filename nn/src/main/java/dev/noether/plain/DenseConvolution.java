package dev.noether.plain;

import static dev.noether.algebra.Checks.require;

import dev.noether.torch.Autocast;
import dev.noether.torch.OneDnn;
import dev.noether.torch.Tensors;
import java.util.Arrays;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.DeviceType;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * LibTorch's convolutions over one, two or three axes, with all of PyTorch's ways to pad. Where
 * oneDNN is wrong they go around its faults: see {@link OneDnn}.
 */
public final class DenseConvolution {
  private DenseConvolution() {}

  /**
   * Convolves.
   *
   * @param x {@code [batch, channels, ...]} or {@code [channels, ...]}
   * @param weight in the layout of PyTorch's layers, whose rank tells the number of axes
   * @param bias {@code [channels]}, or null
   * @param geometry stride, padding, dilation, output padding, groups
   * @param transposed whether the convolution is transposed
   * @return the same with other channels
   * @throws IllegalArgumentException if the input is too small for its padding
   */
  public static Tensor apply(
      Tensor x,
      Tensor weight,
      @Nullable Tensor bias,
      ConvolutionOptions geometry,
      boolean transposed) {
    return x.is_cuda() || !OneDnn.needsWholeBlocks()
        ? convolved(x, weight, bias, geometry, transposed)
        : inWholeBlocks(x, weight, bias, geometry, transposed);
  }

  /**
   * Whether LibTorch's convolution of channels that lie last in memory may be taken as it is.
   *
   * @param x the input
   * @return false where it would give other numbers
   */
  public static boolean isRightInChannelsLast(Tensor x) {
    return x.is_cuda() || !OneDnn.needsWholeBlocks() || (x.element_size() > 2 && !Autocast.isOn(x));
  }

  /** In float32 where the numbers have 16 bits, and with channels of zeros beside the others. */
  private static Tensor inWholeBlocks(
      Tensor x,
      Tensor weight,
      @Nullable Tensor bias,
      ConvolutionOptions geometry,
      boolean transposed) {
    ScalarType own = Tensors.scalarType(x);
    if (own == ScalarType.Double) {
      return convolved(x, weight, bias, geometry, transposed);
    }
    ScalarType result = Autocast.isOn(x) ? torch.get_autocast_dtype(DeviceType.CPU) : own;
    return Autocast.without(
        x,
        () -> {
          Tensor input = x.to(ScalarType.Float);
          Tensor kernel = weight.to(ScalarType.Float);
          Tensor shift = bias == null ? null : bias.to(ScalarType.Float);
          int last = transposed ? 1 : 0;
          long in = filling(kernel.size(1 - last));
          long out = filling(kernel.size(last));
          if (geometry.groups() > 1 || (in == 0 && out == 0)) {
            return convolved(input, kernel, shift, geometry, transposed).to(result);
          }
          int axes = (int) kernel.dim() - 2;
          return convolved(
                  filled(input, axes, in, 0),
                  filled(kernel, axes, transposed ? out : in, transposed ? in : out),
                  shift == null ? null : torch.constant_pad_nd(shift, new long[] {0, out}),
                  geometry,
                  transposed)
              .narrow(-axes - 1, 0, kernel.size(last))
              .to(result)
              .clone(); // without gaps
        });
  }

  private static long filling(long channels) {
    return Math.floorMod(-channels, (long) OneDnn.BLOCK);
  }

  /** Zeros behind the channels before some axes, and behind the axis before them. */
  private static Tensor filled(Tensor x, int axes, long channels, long before) {
    long[] widths = new long[2 * axes + (before > 0 ? 4 : 2)];
    widths[2 * axes + 1] = channels;
    if (before > 0) {
      widths[2 * axes + 3] = before;
    }
    return torch.constant_pad_nd(x, widths);
  }

  private static Tensor convolved(
      Tensor x,
      Tensor weight,
      @Nullable Tensor bias,
      ConvolutionOptions geometry,
      boolean transposed) {
    int axes = (int) weight.dim() - 2;
    TensorOptional shift = bias == null ? new TensorOptional() : new TensorOptional(bias);
    long[] stride = all(axes, geometry.stride());
    long[] dilation = all(axes, geometry.dilation());
    long groups = geometry.groups();
    if (transposed) {
      long[] padding = all(axes, geometry.padding());
      long[] added = all(axes, geometry.outputPadding());
      return switch (axes) {
        case 1 ->
            torch.conv_transpose1d(x, weight, shift, stride, padding, added, groups, dilation);
        case 2 ->
            torch.conv_transpose2d(x, weight, shift, stride, padding, added, groups, dilation);
        default ->
            torch.conv_transpose3d(x, weight, shift, stride, padding, added, groups, dilation);
      };
    }
    boolean zeros = geometry.paddingMode() == Border.ZEROS || geometry.padding() == 0;
    Tensor padded = zeros ? x : pad(x, axes, geometry.padding(), geometry.paddingMode());
    long[] padding = all(axes, zeros ? geometry.padding() : 0);
    return switch (axes) {
      case 1 -> torch.conv1d(padded, weight, shift, stride, padding, dilation, groups);
      case 2 -> torch.conv2d(padded, weight, shift, stride, padding, dilation, groups);
      default -> torch.conv3d(padded, weight, shift, stride, padding, dilation, groups);
    };
  }

  static long[] all(int axes, long value) {
    long[] values = new long[axes];
    Arrays.fill(values, value);
    return values;
  }

  /**
   * Pads the last axes on both sides with what the input holds.
   *
   * @param x a tensor
   * @param axes how many axes, 1 to 3
   * @param width how far
   * @param mode what with
   * @return a larger tensor
   * @throws IllegalArgumentException if the input is too small
   */
  public static Tensor pad(Tensor x, int axes, int width, Border mode) {
    long[] widths = all(2 * axes, width);
    requireRoom(x, axes, width, mode);
    return switch (mode) {
      case ZEROS -> torch.constant_pad_nd(x, widths);
      case REFLECT ->
          switch (axes) {
            case 1 -> torch.reflection_pad1d(x, widths);
            case 2 -> torch.reflection_pad2d(x, widths);
            default -> torch.reflection_pad3d(x, widths);
          };
      case REPLICATE ->
          switch (axes) {
            case 1 -> torch.replication_pad1d(x, widths);
            case 2 -> torch.replication_pad2d(x, widths);
            default -> torch.replication_pad3d(x, widths);
          };
      case CIRCULAR -> circular(x, axes, width);
    };
  }

  private static void requireRoom(Tensor x, int axes, int width, Border mode) {
    long least = mode == Border.REFLECT ? width + 1L : mode == Border.CIRCULAR ? width : 1;
    for (int axis = 1; axis <= axes; axis++) {
      require(
          mode == Border.ZEROS || x.size(-axis) >= least,
          "padding '%s' of width %d needs at least %d cells along each axis, got %s",
          mode,
          width,
          least,
          Arrays.toString(Tensors.shape(x)));
    }
  }

  private static Tensor circular(Tensor x, int axes, int width) {
    Tensor padded = x;
    for (int axis = 1; axis <= axes; axis++) {
      Tensor last = padded.narrow(-axis, padded.size(-axis) - width, width);
      Tensor first = padded.narrow(-axis, 0, width);
      padded = Tensors.concatenate(-axis, last, padded, first);
    }
    return padded;
  }
}
