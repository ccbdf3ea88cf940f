package dev.noether.nn.conv;

import static dev.noether.algebra.Checks.require;

import dev.noether.kernel.FieldType;
import dev.noether.kernel.KernelElement;
import dev.noether.kernel.KernelExpansion;
import dev.noether.kernel.Rings;
import dev.noether.plain.Border;
import dev.noether.plain.ConvolutionOptions;
import dev.noether.torch.Dtype;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Predicate;

/**
 * How a steerable convolution is made. Start from {@link #kernel} and change what differs.
 *
 * @param geometry the size of the kernel, stride, padding, dilation, output padding and groups
 * @param rings the radial part of the kernels; empty for the usual one, {@link Rings#standard}
 * @param pixels whether all kernels of pixels are taken, and not those of rings
 * @param filter which elements of the basis to take
 * @param bias whether invariant biases are added
 * @param exact whether an input is refused on whose grid the layer would not commute exactly
 * @param seed the seed of the layer's own generator; empty draws from LibTorch's
 * @param dtype the dtype of the layer
 */
public record SteerableOptions(
    ConvolutionOptions geometry,
    Optional<Rings> rings,
    boolean pixels,
    Predicate<KernelElement> filter,
    boolean bias,
    boolean exact,
    OptionalLong seed,
    Dtype dtype) {
  /**
   * Checks that kernels are asked for in one way.
   *
   * @param geometry the size of the kernel, stride, padding, dilation, output padding and groups
   * @param rings the radial part of the kernels; empty for the usual one
   * @param pixels whether all kernels of pixels are taken
   * @param filter which elements of the basis to take
   * @param bias whether invariant biases are added
   * @param exact whether an input is refused on whose grid the layer would not commute exactly
   * @param seed the seed of the layer's own generator; empty draws from LibTorch's
   * @param dtype the dtype of the layer
   * @throws IllegalArgumentException if both rings and all kernels of pixels are asked for
   */
  public SteerableOptions {
    require(
        rings.isEmpty() || !pixels,
        "kernels are those of rings or all of pixels, got both: %s",
        rings);
  }

  /** Which elements a layer takes that leaves none out. */
  static final Predicate<KernelElement> ALL = element -> true;

  /**
   * A square or cubic kernel with the usual rings, stride 1, no padding, a bias, LibTorch's
   * generator and float32.
   *
   * @param size the number of cells of a side, an odd number
   * @return the options
   */
  public static SteerableOptions kernel(int size) {
    return of(ConvolutionOptions.kernel(size));
  }

  /**
   * A kernel of any geometry, else as {@link #kernel}.
   *
   * @param geometry the geometry
   * @return the options
   */
  public static SteerableOptions of(ConvolutionOptions geometry) {
    return new SteerableOptions(
        geometry, Optional.empty(), false, ALL, true, false, OptionalLong.empty(), Dtype.FLOAT32);
  }

  /**
   * The same with another geometry.
   *
   * @param other the geometry
   * @return new options
   */
  public SteerableOptions with(ConvolutionOptions other) {
    return new SteerableOptions(other, rings, pixels, filter, bias, exact, seed, dtype);
  }

  /**
   * The same with another stride.
   *
   * @param stride at least 1
   * @return new options
   */
  public SteerableOptions withStride(int stride) {
    return with(geometry.withStride(stride));
  }

  /**
   * The same with another padding.
   *
   * @param padding at least 0
   * @return new options
   */
  public SteerableOptions withPadding(int padding) {
    return with(geometry.withPadding(padding));
  }

  /**
   * The same with padding of another kind.
   *
   * @param padding what the padding holds
   * @return new options
   */
  public SteerableOptions with(Border padding) {
    return with(geometry.with(padding));
  }

  /**
   * The same with another dilation.
   *
   * @param dilation at least 1
   * @return new options
   */
  public SteerableOptions withDilation(int dilation) {
    return with(geometry.withDilation(dilation));
  }

  /**
   * The same with fields that fall into groups.
   *
   * @param groups at least 1; each group has the same list of fields
   * @return new options
   */
  public SteerableOptions withGroups(int groups) {
    return with(geometry.withGroups(groups));
  }

  /**
   * The same with other rings.
   *
   * @param other radii, widths and highest frequencies
   * @return new options
   */
  public SteerableOptions with(Rings other) {
    return new SteerableOptions(
        geometry, Optional.of(other), false, filter, bias, exact, seed, dtype);
  }

  /**
   * The same with all kernels of pixels that commute with the group, which must permute them (C4,
   * D4, the octahedral group and the groups in them): {@link KernelExpansion#ofPixels}. For regular
   * fields of C4 and kernel size 3 these are 36 instead of 24.
   *
   * @return new options, without rings
   */
  public SteerableOptions ofPixels() {
    return new SteerableOptions(geometry, Optional.empty(), true, filter, bias, exact, seed, dtype);
  }

  /** The kernels from a type to another, of the elements that satisfy a condition. */
  KernelExpansion expansion(FieldType in, FieldType out, Predicate<KernelElement> condition) {
    int size = geometry.kernelSize();
    int dilation = geometry.dilation();
    if (pixels) {
      return KernelExpansion.ofPixels(in, out, size, dilation, condition);
    }
    Rings own = rings.orElseGet(() -> Rings.standard(in.space().dimension(), size, dilation));
    return KernelExpansion.onGrid(in, out, size, dilation, own, condition);
  }

  /**
   * The same with some elements of the basis only.
   *
   * @param condition on irreps, frequency, ring and so on
   * @return new options
   */
  public SteerableOptions where(Predicate<KernelElement> condition) {
    return new SteerableOptions(geometry, rings, pixels, condition, bias, exact, seed, dtype);
  }

  /**
   * The same without biases.
   *
   * @return new options
   */
  public SteerableOptions withoutBias() {
    return new SteerableOptions(geometry, rings, pixels, filter, false, exact, seed, dtype);
  }

  /**
   * The same, and inputs are refused on whose grid the layer does not commute exactly with the
   * quarter turns and mirrors of the group.
   *
   * @return new options
   */
  public SteerableOptions exactly() {
    return new SteerableOptions(geometry, rings, pixels, filter, bias, true, seed, dtype);
  }

  /**
   * The same with a seed of its own.
   *
   * @param value the seed
   * @return new options
   */
  public SteerableOptions withSeed(long value) {
    return new SteerableOptions(
        geometry, rings, pixels, filter, bias, exact, OptionalLong.of(value), dtype);
  }

  /**
   * The same in another dtype.
   *
   * @param other the dtype
   * @return new options
   */
  public SteerableOptions with(Dtype other) {
    return new SteerableOptions(geometry, rings, pixels, filter, bias, exact, seed, other);
  }
}
