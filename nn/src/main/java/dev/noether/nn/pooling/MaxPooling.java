package dev.noether.nn.pooling;

import dev.noether.kernel.FieldType;
import dev.noether.nn.LayerType;
import dev.noether.plain.PlainGraph;
import dev.noether.plain.PlainLayer;
import dev.noether.torch.Dtype;
import dev.noether.torch.Tensors;
import java.util.OptionalDouble;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * The largest value of every channel in windows of the grid, as escnn's {@code PointwiseMaxPool},
 * antialiased or not. Needs fields whose channels the group permutes.
 *
 * <p>Antialiased it takes the largest value at every place, then blurs by a Gaussian and keeps
 * every stride-th place (Zhang, <em>Making convolutional networks shift-invariant again</em>,
 * 2019), as escnn's {@code PointwiseMaxPoolAntialiased}; the padding is that of the windows, once.
 * In the state dict the Gaussian is {@code filter}.
 *
 * <p>A grid is exact under quarter turns where (size + 2 padding - kernel) is a multiple of the
 * stride.
 */
public final class MaxPooling extends WindowPooling implements PlainLayer {
  /** How an architecture describes it. */
  public static final LayerType<MaxPooling> TYPE =
      LayerType.independentOfBases(MaxPooling.class)
          .fields("in", MaxPooling::type)
          .settings(Window.SETTINGS, MaxPooling::window)
          .setting("sigma", layer -> layer.sigma, 0)
          .builds(
              s -> {
                double sigma = s.number("sigma");
                Window window = Window.of(s);
                return sigma == 0
                    ? new MaxPooling(s.fields("in"), window)
                    : antialiased(s.fields("in"), window, sigma, s.dtype());
              });

  private final double sigma;
  private final @Nullable Tensor filter;

  private MaxPooling(FieldType type, Window window, double sigma, Dtype dtype) {
    super(GroupPooling.requirePermuted(type, "a maximum over windows", "NormMaxPooling"), window);
    this.sigma = sigma;
    filter =
        sigma == 0
            ? null
            : registerFixed(
                "filter",
                GaussianBlur.filter(
                    dtype,
                    type.size(),
                    sigma,
                    GaussianBlur.side(sigma, 4),
                    type.space().dimension()));
  }

  /**
   * A pooling without blur.
   *
   * @param type the fields
   * @param window the windows
   * @throws IllegalArgumentException if the group does not permute the channels of a field
   */
  public MaxPooling(FieldType type, Window window) {
    this(type, window, 0, Dtype.FLOAT32);
  }

  /**
   * An antialiased pooling.
   *
   * @param type the fields
   * @param window the windows; without ceil mode
   * @param sigma the width of the Gaussian in cells, above 0
   * @param dtype the dtype of the layer
   * @return the layer
   * @throws IllegalArgumentException if the group does not permute the channels of a field, or the
   *     width is out of range
   */
  public static MaxPooling antialiased(FieldType type, Window window, double sigma, Dtype dtype) {
    GaussianBlur.side(sigma, 4);
    return new MaxPooling(type, window, sigma, dtype);
  }

  /**
   * The width of the Gaussian.
   *
   * @return in cells; empty where nothing is blurred
   */
  public OptionalDouble sigma() {
    return sigma == 0 ? OptionalDouble.empty() : OptionalDouble.of(sigma);
  }

  @Override
  protected Tensor compute(Tensor input) {
    window().requireFits(Tensors.shape(input), type().space().dimension());
    if (filter == null) {
      return maxima(input, window().stride());
    }
    int side = (int) filter.size(-1);
    return GaussianBlur.apply(maxima(input, 1), filter, window().stride(), (side - 1) / 2);
  }

  private Tensor maxima(Tensor input, int stride) {
    int d = type().space().dimension();
    long[] kernel = Window.each(d, window().kernel());
    long[] steps = Window.each(d, stride);
    long[] pads = Window.each(d, window().padding());
    long[] ones = Window.each(d, 1);
    return d == 2
        ? torch.max_pool2d(input, kernel, steps, pads, ones, window().ceilMode())
        : torch.max_pool3d(input, kernel, steps, pads, ones, window().ceilMode());
  }

  @Override
  public long outputSize(long size) {
    return filter == null
        ? super.outputSize(size)
        : (size + 2L * window().padding() - window().kernel()) / window().stride() + 1;
  }

  @Override
  String further() {
    return sigma == 0 ? "" : ", sigma " + sigma;
  }

  @Override
  public <V> V plain(PlainGraph<V> graph, V x) {
    int d = type().space().dimension();
    if (filter == null) {
      return graph.maxPool(x, d, window().geometry(), window().ceilMode());
    }
    V all = graph.maxPool(x, d, window().geometry().withStride(1), false);
    int side = (int) filter.size(-1);
    return GaussianBlur.plain(graph, all, filter, window().stride(), (side - 1) / 2);
  }
}
