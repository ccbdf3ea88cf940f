package dev.noether.nn.pooling;

import static dev.noether.algebra.Checks.require;

import dev.noether.grid.Exactness;
import dev.noether.nn.SettingGroup;
import dev.noether.nn.Settings;
import dev.noether.plain.ConvolutionOptions;
import java.util.Arrays;

/**
 * The windows of a pooling: squares or cubes of cells, as PyTorch's poolings have them.
 *
 * @param kernel the number of cells of a side, at least 1
 * @param stride the distance of windows, at least 1
 * @param padding the cells added on each side, at most half the kernel
 * @param ceilMode whether a window that reaches beyond the padded grid counts
 */
public record Window(int kernel, int stride, int padding, boolean ceilMode) {
  /** The settings of an architecture. */
  static final SettingGroup<Window> SETTINGS =
      new SettingGroup<Window>()
          .required("kernel_size", Window::kernel)
          .required("stride", Window::stride)
          .with("padding", Window::padding, 0)
          .with("ceil_mode", Window::ceilMode, false);

  /**
   * Checks the numbers.
   *
   * @param kernel the number of cells of a side
   * @param stride the distance of windows
   * @param padding the cells added on each side
   * @param ceilMode whether a window that reaches beyond the padded grid counts
   * @throws IllegalArgumentException if one is out of its range
   */
  public Window {
    require(kernel >= 1, "the side of a window must be at least 1, got %d", kernel);
    require(stride >= 1, "the stride of windows must be at least 1, got %d", stride);
    require(
        padding >= 0 && padding <= kernel / 2,
        "the padding of windows of side %d must be between 0 and %d, got %d",
        kernel,
        kernel / 2,
        padding);
  }

  /**
   * Windows side by side.
   *
   * @param kernel the number of cells of a side, also the stride
   * @return windows without padding
   * @throws IllegalArgumentException if the number is below 1
   */
  public static Window of(int kernel) {
    return new Window(kernel, kernel, 0, false);
  }

  /**
   * The same windows at another distance.
   *
   * @param other at least 1
   * @return new windows
   */
  public Window withStride(int other) {
    return new Window(kernel, other, padding, ceilMode);
  }

  /**
   * The same windows with another padding.
   *
   * @param other from 0 to half the kernel
   * @return new windows
   */
  public Window withPadding(int other) {
    return new Window(kernel, stride, other, ceilMode);
  }

  /**
   * The same windows, those that reach beyond the padded grid too.
   *
   * @return new windows
   */
  public Window withCeilMode() {
    return new Window(kernel, stride, padding, true);
  }

  /** Kernel, stride and padding. */
  ConvolutionOptions geometry() {
    return ConvolutionOptions.kernel(kernel).withStride(stride).withPadding(padding);
  }

  static Window of(Settings settings) {
    return new Window(
        settings.whole("kernel_size"),
        settings.whole("stride"),
        settings.whole("padding"),
        settings.flag("ceil_mode"));
  }

  /** Whether windows cover both sides of a grid alike; in ceil mode they reach out at one side. */
  Exactness exactness(long size) {
    return Exactness.ofWindows(size, kernel, stride, padding);
  }

  /** How many windows there are along a side. */
  long count(long size) {
    long rest = size + 2L * padding - kernel;
    long full = rest / stride + 1;
    boolean further = ceilMode && rest % stride != 0 && full * stride < size + padding;
    return further ? full + 1 : full;
  }

  /** A number for each axis of a grid. */
  static long[] each(int dimension, long number) {
    long[] all = new long[dimension];
    Arrays.fill(all, number);
    return all;
  }

  /** Checks that a window fits a padded grid. */
  void requireFits(long[] shape, int dimension) {
    for (int i = shape.length - dimension; i < shape.length; i++) {
      require(
          kernel <= shape[i] + 2L * padding,
          "a window of side %d does not fit the grid %s padded by %d",
          kernel,
          Arrays.toString(Arrays.copyOfRange(shape, shape.length - dimension, shape.length)),
          padding);
    }
  }
}
