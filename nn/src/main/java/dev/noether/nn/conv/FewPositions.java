package dev.noether.nn.conv;

import dev.noether.plain.ConvolutionOptions;
import dev.noether.plain.DenseConvolution;
import dev.noether.torch.Autocast;
import dev.noether.torch.Scopes;
import dev.noether.torch.Tensors;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongUnaryOperator;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.InferenceMode;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * A steerable convolution of few and small images in training, without its dense kernel.
 *
 * <p>A kernel is a sum of filters (harmonics on rings), each times a matrix between the channels,
 * and there are fewer filters than points. So the channels are mapped for each filter, and one
 * product with a fixed matrix filters all positions at once. Where images are small and few, that
 * is less work than to expand the kernel and to convolve with it.
 */
final class FewPositions {
  /** How much longer a product's multiply-add takes than a convolution's: 95 to 42 picoseconds. */
  private static final double PRODUCT = 2.25;

  /**
   * What each entry of a dense kernel costs (expanding it, laying it out for a convolution, its
   * gradient) in multiply-adds of a convolution: 8 nanoseconds.
   */
  private static final double ENTRY = 190;

  private final long in;
  private final long out;
  private final Tensor profiles;
  private final ConvolutionOptions geometry;
  private final int dimension;
  private final boolean transposed;
  private final LongUnaryOperator outputSize;
  private volatile @Nullable Filters filters;

  /**
   * What the filters do to an image of some size, {@code [filters * cells, cells of the output]}.
   */
  private record Filters(List<Long> image, Tensor matrix) {}

  /**
   * A convolution.
   *
   * @param profiles the filters, {@code [filters, points]}
   * @param in channels of the input
   * @param out channels of the output
   * @param geometry with one group
   * @param dimension 2 or 3
   * @param transposed whether it is transposed
   * @param outputSize from the length of an axis to that of the output
   */
  FewPositions(
      Tensor profiles,
      long in,
      long out,
      ConvolutionOptions geometry,
      int dimension,
      boolean transposed,
      LongUnaryOperator outputSize) {
    this.profiles = profiles;
    this.in = in;
    this.out = out;
    this.geometry = geometry;
    this.dimension = dimension;
    this.transposed = transposed;
    this.outputSize = outputSize;
  }

  /** Whether this is less work for such an input than the dense kernel. */
  boolean pays(Tensor input) {
    if (input.is_cuda()
        || Autocast.isOn(input)
        || Tensors.scalarType(input) != Tensors.scalarType(profiles)) {
      return false;
    }
    double positions = (double) input.numel() / in;
    double results = count(output(image(input)));
    double images = positions / count(image(input));
    double entries = (double) in * out * profiles.size(1);
    double dense = ((transposed ? positions : images * results) + ENTRY) * entries;
    double mapped = positions * out * profiles.size(0) * (in + results);
    return PRODUCT * mapped < dense;
  }

  private long[] image(Tensor input) {
    long[] shape = Tensors.shape(input);
    return Arrays.copyOfRange(shape, shape.length - dimension, shape.length);
  }

  private long[] output(long[] image) {
    return Arrays.stream(image).map(outputSize).toArray();
  }

  private static long count(long[] sizes) {
    return Arrays.stream(sizes).reduce(1, (a, b) -> a * b);
  }

  /**
   * Convolves.
   *
   * @param input {@code [batch, in, ...]} or {@code [in, ...]}
   * @param maps the channels' matrices, {@code [filters, out * in]}
   * @param bias {@code [out]}, or null
   * @return what the dense kernel gives
   */
  Tensor apply(Tensor input, Tensor maps, @Nullable Tensor bias) {
    long[] image = image(input);
    long[] result = output(image);
    long cells = count(image);
    long images = input.numel() / (in * cells);
    long[] shape = Arrays.copyOf(Tensors.shape(input), (int) input.dim());
    shape[shape.length - dimension - 1] = out;
    System.arraycopy(result, 0, shape, shape.length - dimension, dimension);
    Tensor channels = input.reshape(images, in, cells).transpose(0, 1).reshape(in, images * cells);
    Tensor filtered =
        maps.view(-1, in)
            .mm(channels)
            .view(profiles.size(0), out, images, cells)
            .permute(2, 1, 0, 3)
            .reshape(images * out, -1)
            .mm(filters(image))
            .view(images, out, count(result));
    return (bias == null ? filtered : filtered.add(bias.unsqueeze(1))).view(shape);
  }

  private Tensor filters(long[] image) {
    Filters known = filters;
    List<Long> size = Arrays.stream(image).boxed().toList();
    if (known == null || !known.image.equals(size)) {
      try (PointerScope scope = new PointerScope();
          InferenceMode normal = new InferenceMode(false);
          NoGradGuard guard = new NoGradGuard()) {
        known = new Filters(size, Scopes.keep(matrix(image)));
      }
      filters = known;
    }
    return known.matrix;
  }

  /** Filters all images that have a one in a single cell. */
  private Tensor matrix(long[] image) {
    long cells = count(image);
    long number = profiles.size(0);
    Tensor ones =
        torch
            .eye(cells)
            .to(profiles.device(), Tensors.scalarType(profiles))
            .view(sizes(cells, 1, image));
    long[] kernel = new long[dimension];
    Arrays.fill(kernel, geometry.kernelSize());
    Tensor weight = profiles.view(transposed ? sizes(1, number, kernel) : sizes(number, 1, kernel));
    return DenseConvolution.apply(ones, weight, null, geometry, transposed)
        .reshape(cells, number, -1)
        .transpose(0, 1)
        .reshape(number * cells, -1);
  }

  private static long[] sizes(long first, long second, long[] rest) {
    long[] sizes = new long[2 + rest.length];
    sizes[0] = first;
    sizes[1] = second;
    System.arraycopy(rest, 0, sizes, 2, rest.length);
    return sizes;
  }

  /** Forgets what depends on dtype and device. */
  void clear() {
    filters = null;
  }
}
