package dev.noether.nn.conv;

import dev.noether.nn.LayerType;
import dev.noether.nn.linear.DenseOptions;
import dev.noether.plain.ConvolutionOptions;

/** The plain convolution over time, as PyTorch's {@code Conv1d}. */
public final class Conv1d extends Convolution {
  /** How an architecture describes it. */
  public static final LayerType<Conv1d> TYPE =
      Convolution.type(Conv1d.class)
          .builds(
              s ->
                  new Conv1d(
                      s.whole("in_channels"),
                      s.whole("out_channels"),
                      Geometry.of(s),
                      DenseOptions.of(s)));

  /**
   * A layer with PyTorch's initialization.
   *
   * @param inChannels the channels of the input
   * @param outChannels the channels of the output
   * @param geometry kernel size, stride, padding, dilation
   * @param options bias, seed and dtype
   * @throws IllegalArgumentException if the channels are below 1 or the output padding does not fit
   */
  public Conv1d(
      int inChannels, int outChannels, ConvolutionOptions geometry, DenseOptions options) {
    super(
        inChannels, outChannels, geometry, options, outChannels, inChannels, geometry.kernelSize());
    Geometry.requirePlain(geometry);
  }

  /**
   * A layer with a bias and the default options.
   *
   * @param inChannels the channels of the input
   * @param outChannels the channels of the output
   * @param geometry the kernel's geometry
   * @throws IllegalArgumentException as the other constructor
   */
  public Conv1d(int inChannels, int outChannels, ConvolutionOptions geometry) {
    this(inChannels, outChannels, geometry, DenseOptions.defaults());
  }

  @Override
  boolean isTransposed() {
    return false;
  }
}
