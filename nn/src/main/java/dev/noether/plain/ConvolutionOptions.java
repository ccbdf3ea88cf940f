package dev.noether.plain;

import static dev.noether.algebra.Checks.require;

/**
 * The geometry of a convolution, in PyTorch's words. Start from {@link #kernel} and change what
 * differs.
 *
 * <p>Convolutions over the plane or space take the same numbers along each axis.
 *
 * @param kernelSize the number of taps, at least 1
 * @param stride the step, at least 1
 * @param padding how far the input is padded on both sides, at least 0
 * @param dilation the distance between taps, at least 1
 * @param outputPadding what a transposed convolution adds to one side of its output, at least 0
 * @param groups into how many parts the channels fall that do not mix, at least 1
 * @param paddingMode what the padding holds
 */
public record ConvolutionOptions(
    int kernelSize,
    int stride,
    int padding,
    int dilation,
    int outputPadding,
    int groups,
    Border paddingMode) {
  /**
   * Checks the numbers.
   *
   * @param kernelSize the number of taps
   * @param stride the step
   * @param padding zeros on both sides
   * @param dilation the distance between taps
   * @param outputPadding what a transposed convolution adds to its output
   * @param groups into how many parts the channels fall
   * @param paddingMode what the padding holds
   * @throws IllegalArgumentException if one is out of range
   */
  public ConvolutionOptions {
    requireAtLeast(1, kernelSize, "kernel size");
    requireAtLeast(1, stride, "stride");
    requireAtLeast(0, padding, "padding");
    requireAtLeast(1, dilation, "dilation");
    requireAtLeast(0, outputPadding, "output padding");
    requireAtLeast(1, groups, "groups");
  }

  private static void requireAtLeast(int least, int value, String name) {
    require(value >= least, "%s must be at least %d, got %d", name, least, value);
  }

  /**
   * A kernel with stride 1, no padding and dilation 1.
   *
   * @param size the number of taps
   * @return the options
   */
  public static ConvolutionOptions kernel(int size) {
    return new ConvolutionOptions(size, 1, 0, 1, 0, 1, Border.ZEROS);
  }

  /**
   * The same with another stride.
   *
   * @param other at least 1
   * @return new options
   */
  public ConvolutionOptions withStride(int other) {
    return new ConvolutionOptions(
        kernelSize, other, padding, dilation, outputPadding, groups, paddingMode);
  }

  /**
   * The same with another padding.
   *
   * @param other at least 0
   * @return new options
   */
  public ConvolutionOptions withPadding(int other) {
    return new ConvolutionOptions(
        kernelSize, stride, other, dilation, outputPadding, groups, paddingMode);
  }

  /**
   * The same with another dilation.
   *
   * @param other at least 1
   * @return new options
   */
  public ConvolutionOptions withDilation(int other) {
    return new ConvolutionOptions(
        kernelSize, stride, padding, other, outputPadding, groups, paddingMode);
  }

  /**
   * The same with another output padding.
   *
   * @param other at least 0
   * @return new options
   */
  public ConvolutionOptions withOutputPadding(int other) {
    return new ConvolutionOptions(
        kernelSize, stride, padding, dilation, other, groups, paddingMode);
  }

  /**
   * The same with channels that fall into groups.
   *
   * @param other at least 1
   * @return new options
   */
  public ConvolutionOptions withGroups(int other) {
    return new ConvolutionOptions(
        kernelSize, stride, padding, dilation, outputPadding, other, paddingMode);
  }

  /**
   * The same with another padding.
   *
   * @param other what the padding holds
   * @return new options
   */
  public ConvolutionOptions with(Border other) {
    return new ConvolutionOptions(
        kernelSize, stride, padding, dilation, outputPadding, groups, other);
  }

  /**
   * How many steps the taps reach over.
   *
   * @return dilation (kernel size - 1) + 1
   */
  public long span() {
    return (long) dilation * (kernelSize - 1) + 1;
  }
}
