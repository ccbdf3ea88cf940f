package dev.noether.nn.pooling;

import static dev.noether.algebra.Checks.require;

import dev.noether.plain.ConvolutionOptions;
import dev.noether.plain.DenseConvolution;
import dev.noether.plain.PlainGraph;
import dev.noether.torch.Dtype;
import dev.noether.torch.Tensors;
import java.util.Arrays;
import org.bytedeco.pytorch.Tensor;

/** The filter of antialiased poolings: a Gaussian of sum 1, the same for every channel. */
final class GaussianBlur {
  private static final int LARGEST = 255;

  private GaussianBlur() {}

  /** The number of cells of a side, odd: so many widths on each side of the centre. */
  static int side(double sigma, int widths) {
    require(
        sigma > 0 && Double.isFinite(sigma),
        "the width of a Gaussian must be positive, got %s",
        sigma);
    long side = 2 * (long) Math.rint(widths * sigma) + 1;
    require(
        side <= LARGEST,
        "a Gaussian of width %s needs a filter of side %d, at most %d are" + " allowed",
        sigma,
        side,
        LARGEST);
    return (int) side;
  }

  /** {@code [channels, 1, side, side]} or {@code [channels, 1, side, side, side]}. */
  static Tensor filter(Dtype dtype, int channels, double sigma, int side, int dimension) {
    int cells = 1;
    for (int i = 0; i < dimension; i++) {
      cells *= side;
    }
    double[] weights = new double[cells];
    double half = (side - 1) / 2.0;
    for (int cell = 0; cell < cells; cell++) {
      double square = 0;
      for (int axis = 0, rest = cell; axis < dimension; axis++, rest /= side) {
        double step = rest % side - half;
        square += step * step;
      }
      weights[cell] = StrictMath.exp(-square / (2 * sigma * sigma));
    }
    double sum = Arrays.stream(weights).sum();
    double[] all = new double[channels * cells];
    for (int i = 0; i < all.length; i++) {
      all[i] = weights[i % cells] / sum;
    }
    long[] shape = new long[dimension + 2];
    Arrays.fill(shape, side);
    shape[0] = channels;
    shape[1] = 1;
    return Tensors.of(dtype, all, shape);
  }

  /** Every channel by itself. */
  static Tensor apply(Tensor input, Tensor filter, int stride, int padding) {
    int dimension = (int) filter.dim() - 2;
    boolean bare = input.dim() == dimension + 1;
    Tensor batch = bare ? input.unsqueeze(0) : input;
    Tensor blurred =
        DenseConvolution.apply(batch, filter, null, geometry(filter, stride, padding), false);
    return bare ? blurred.squeeze(0) : blurred;
  }

  /** The same in plain operations. */
  static <V> V plain(PlainGraph<V> graph, V x, Tensor filter, int stride, int padding) {
    return graph.convolution(x, filter, null, geometry(filter, stride, padding), false);
  }

  private static ConvolutionOptions geometry(Tensor filter, int stride, int padding) {
    return ConvolutionOptions.kernel((int) filter.size(-1))
        .withStride(stride)
        .withPadding(padding)
        .withGroups((int) filter.size(0));
  }
}
