package dev.noether.nn.conv;

import static dev.noether.algebra.Checks.require;

import dev.noether.nn.Layer;
import dev.noether.nn.SettingGroup;
import dev.noether.nn.Settings;
import dev.noether.plain.Border;
import dev.noether.plain.ConvolutionOptions;
import dev.noether.plain.DenseConvolution;
import dev.noether.torch.Tensors;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.GradMode;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/** What all convolutions do with their geometry: describe it, check it, convolve. */
final class Geometry {
  static final SettingGroup<ConvolutionOptions> SETTINGS =
      new SettingGroup<ConvolutionOptions>()
          .required("kernel_size", ConvolutionOptions::kernelSize)
          .with("stride", ConvolutionOptions::stride, 1)
          .with("padding", ConvolutionOptions::padding, 0)
          .with("dilation", ConvolutionOptions::dilation, 1)
          .with("output_padding", ConvolutionOptions::outputPadding, 0);

  /** Multiply-adds up to which a product of windows is done before a convolution has begun. */
  private static final long MOST_WORK_AS_ROWS = 8_000_000;

  private Geometry() {}

  static ConvolutionOptions of(Settings settings) {
    return new ConvolutionOptions(
        settings.whole("kernel_size"),
        settings.whole("stride"),
        settings.whole("padding"),
        settings.whole("dilation"),
        settings.whole("output_padding"),
        1,
        Border.ZEROS);
  }

  static void requirePlain(ConvolutionOptions geometry) {
    requireOneGroupAndZeros(geometry);
    require(
        geometry.outputPadding() == 0,
        "output padding belongs to transposed convolutions, got %d",
        geometry.outputPadding());
  }

  private static void requireOneGroupAndZeros(ConvolutionOptions geometry) {
    require(
        geometry.groups() == 1 && geometry.paddingMode() == Border.ZEROS,
        "convolutions over time have one group and pad with zeros, got %d groups and padding '%s'",
        geometry.groups(),
        geometry.paddingMode());
  }

  static void requireTransposed(ConvolutionOptions geometry) {
    requireOneGroupAndZeros(geometry);
    requireTransposedPadding(geometry);
  }

  static void requireTransposedPadding(ConvolutionOptions geometry) {
    require(
        geometry.outputPadding() < Math.max(geometry.stride(), geometry.dilation()),
        "output padding must be below stride %d or dilation %d, got %d",
        geometry.stride(),
        geometry.dilation(),
        geometry.outputPadding());
  }

  /** What a convolution is called: its class, from where to where, its kernel. */
  static String words(Layer layer, String ends, ConvolutionOptions geometry) {
    return layer.getClass().getSimpleName()
        + "("
        + ends
        + ", kernel "
        + geometry.kernelSize()
        + ")";
  }

  private static void requireTime(ConvolutionOptions geometry, long time) {
    long padded = time + 2L * geometry.padding();
    require(
        geometry.span() <= padded,
        "the kernel reaches over %d steps, the padded input has %d",
        geometry.span(),
        padded);
  }

  private static void requireTransposedTime(ConvolutionOptions geometry, long time) {
    long result =
        (time - 1) * geometry.stride()
            - 2L * geometry.padding()
            + geometry.span()
            + geometry.outputPadding();
    require(
        time >= 1 && result >= 1,
        "%d steps of input leave %d steps of output after a padding of %d",
        time,
        result,
        geometry.padding());
  }

  /** Convolves {@code [batch, channels, time]} or {@code [channels, time]}. */
  static Tensor convolve(
      Tensor input,
      Tensor weight,
      @Nullable Tensor bias,
      ConvolutionOptions geometry,
      boolean transposed) {
    if (transposed) {
      requireTransposedTime(geometry, input.size(-1));
    } else {
      requireTime(geometry, input.size(-1));
    }
    return DenseConvolution.apply(input, weight, bias, geometry, transposed);
  }

  /** Whether a batch lies in memory with its channels last, as between layers of features. */
  static boolean hasChannelsLast(Tensor input) {
    return input.dim() == 3
        && input.size(1) > 1
        && input.size(2) > 1
        && input.stride(1) == 1
        && input.stride(2) == input.size(1)
        && input.stride(0) == input.size(1) * input.size(2);
  }

  /**
   * Whether one product of all windows takes less time than a convolution, for a batch with its
   * channels last: a convolution takes long to begin, and windows are copies of the input.
   */
  static boolean paysAsRows(ConvolutionOptions geometry, Tensor input, long out) {
    if (geometry.dilation() != 1) {
      return false;
    }
    long work = input.numel() / geometry.stride() * geometry.kernelSize() * out;
    return work <= MOST_WORK_AS_ROWS || (geometry.kernelSize() == 1 && geometry.stride() == 1);
  }

  /**
   * Convolves a batch whose channels lie last in memory, and leaves them there: as images of height
   * one, for which LibTorch turns nothing.
   *
   * @param input {@code [batch, channels, time]}
   * @param kernel {@code [out, kernel size, in]}
   */
  static Tensor convolveLast(
      Tensor input, Tensor kernel, @Nullable Tensor bias, ConvolutionOptions geometry) {
    requireTime(geometry, input.size(2));
    return torch
        .conv2d(
            input.unsqueeze(2),
            kernel.permute(0, 2, 1).unsqueeze(2),
            bias == null ? new TensorOptional() : new TensorOptional(bias),
            new long[] {1, geometry.stride()},
            new long[] {0, geometry.padding()},
            new long[] {1, geometry.dilation()},
            1)
        .squeeze(2);
  }

  /**
   * Convolves {@code [batch, time, channels]} as one product with the windows of time.
   *
   * @param taps all below each other, {@code [kernel size in, out]}
   */
  static Tensor convolveRows(
      Tensor input, Tensor taps, @Nullable Tensor bias, ConvolutionOptions geometry) {
    requireTime(geometry, input.size(1));
    long batch = input.size(0);
    long channels = input.size(2);
    long width = geometry.kernelSize() * channels;
    long padding = geometry.padding();
    long steps = (input.size(1) + 2 * padding - geometry.span()) / geometry.stride() + 1;
    Tensor padded =
        padding == 0 ? input : torch.constant_pad_nd(input, new long[] {0, 0, padding, padding});
    Tensor windows =
        windows(padded, steps, geometry.kernelSize(), geometry.stride()).reshape(-1, width);
    Tensor result = bias == null ? windows.mm(taps) : torch.addmm(bias, windows, taps);
    return result.view(batch, steps, taps.size(1));
  }

  /** The steps that each tap meets, side by side: {@code [batch, steps, kernel size channels]}. */
  private static Tensor windows(Tensor padded, long steps, int kernelSize, int stride) {
    if (kernelSize == 1 && stride == 1) {
      return padded;
    }
    if (!GradMode.is_enabled()) {
      // They overlap, so that one copy lays them out; its gradient would add entry by entry.
      Tensor whole = padded.contiguous();
      long channels = whole.size(2);
      return whole.as_strided(
          new long[] {whole.size(0), steps, kernelSize * channels},
          new long[] {whole.stride(0), stride * channels, 1});
    }
    List<Tensor> shifted = new ArrayList<>();
    for (int tap = 0; tap < kernelSize; tap++) {
      long end = tap + stride * (steps - 1) + 1;
      shifted.add(
          stride == 1
              ? padded.narrow(1, tap, steps)
              : padded.slice(1, new LongOptional(tap), new LongOptional(end), stride));
    }
    return Tensors.join(2, shifted);
  }
}
