package dev.noether.nn.conv;

import dev.noether.nn.LayerType;
import dev.noether.nn.linear.DenseOptions;
import dev.noether.plain.ConvolutionOptions;

/** The plain transposed convolution over time, as PyTorch's {@code ConvTranspose1d}. */
public final class ConvTranspose1d extends Convolution {
  /** How an architecture describes it. */
  public static final LayerType<ConvTranspose1d> TYPE =
      Convolution.type(ConvTranspose1d.class)
          .builds(
              s ->
                  new ConvTranspose1d(
                      s.whole("in_channels"),
                      s.whole("out_channels"),
                      Geometry.of(s),
                      DenseOptions.of(s)));

  /**
   * A layer with PyTorch's initialization.
   *
   * @param inChannels the channels of the input
   * @param outChannels the channels of the output
   * @param geometry kernel size, stride, padding, dilation, output padding
   * @param options bias, seed and dtype
   * @throws IllegalArgumentException if the channels are below 1 or the output padding does not fit
   */
  public ConvTranspose1d(
      int inChannels, int outChannels, ConvolutionOptions geometry, DenseOptions options) {
    super(
        inChannels, outChannels, geometry, options, inChannels, outChannels, geometry.kernelSize());
    Geometry.requireTransposed(geometry);
  }

  /**
   * A layer with a bias and the default options.
   *
   * @param inChannels the channels of the input
   * @param outChannels the channels of the output
   * @param geometry the kernel's geometry
   * @throws IllegalArgumentException as the other constructor
   */
  public ConvTranspose1d(int inChannels, int outChannels, ConvolutionOptions geometry) {
    this(inChannels, outChannels, geometry, DenseOptions.defaults());
  }

  @Override
  boolean isTransposed() {
    return true;
  }
}
