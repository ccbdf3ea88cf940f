package dev.noether.plain;

import static dev.noether.algebra.Checks.require;

import dev.noether.torch.Tensors;
import java.util.Arrays;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/** LibTorch's convolutions over one, two or three axes, with all of PyTorch's ways to pad. */
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
