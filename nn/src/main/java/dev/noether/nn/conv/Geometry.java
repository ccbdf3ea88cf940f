package dev.noether.nn.conv;

import static dev.noether.algebra.Checks.require;

import dev.noether.nn.SettingGroup;
import dev.noether.nn.Settings;
import dev.noether.plain.ConvolutionOptions;
import dev.noether.plain.DenseConvolution;
import dev.noether.plain.PaddingMode;
import org.bytedeco.pytorch.Tensor;
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

  private Geometry() {}

  static ConvolutionOptions of(Settings settings) {
    return new ConvolutionOptions(
        settings.whole("kernel_size"),
        settings.whole("stride"),
        settings.whole("padding"),
        settings.whole("dilation"),
        settings.whole("output_padding"),
        1,
        PaddingMode.ZEROS);
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
        geometry.groups() == 1 && geometry.paddingMode() == PaddingMode.ZEROS,
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
}
