package dev.noether.nn.pooling;

import static dev.noether.algebra.Checks.require;

import dev.noether.grid.Exactness;
import dev.noether.grid.GridLayer;
import dev.noether.kernel.FieldType;
import dev.noether.nn.EquivariantLayer;
import dev.noether.nn.LayerType;
import dev.noether.plain.PlainGraph;
import dev.noether.plain.PlainLayer;
import dev.noether.torch.Dtype;
import org.bytedeco.pytorch.Tensor;

/**
 * Blurs every channel by a Gaussian and keeps every stride-th place, as escnn's {@code
 * PointwiseAvgPoolAntialiased}: for any fields, because it is linear. Zeros surround the grid, so a
 * constant image darkens at its border.
 *
 * <p>The filter has 2 round(3 sigma) + 1 cells a side; in the state dict it is {@code filter}. A
 * grid is exact under quarter turns where (size + 2 padding - filter) is a multiple of the stride:
 * with the usual padding, where size - 1 is.
 */
public final class GaussianPooling extends EquivariantLayer implements GridLayer, PlainLayer {
  /** How an architecture describes it. */
  public static final LayerType<GaussianPooling> TYPE =
      LayerType.independentOfBases(GaussianPooling.class)
          .fields("in", layer -> layer.type)
          .setting("sigma", layer -> layer.sigma)
          .setting("stride", layer -> layer.stride)
          .setting("padding", layer -> layer.padding)
          .builds(
              s ->
                  new GaussianPooling(
                      s.fields("in"),
                      s.number("sigma"),
                      s.whole("stride"),
                      s.whole("padding"),
                      s.dtype()));

  private final FieldType type;
  private final double sigma;
  private final int stride;
  private final int padding;
  private final Tensor filter;

  /**
   * A pooling without parameters.
   *
   * @param type the fields
   * @param sigma the width of the Gaussian in cells, above 0
   * @param stride at least 1
   * @param padding the zeros on each side, at least 0
   * @param dtype the dtype of the layer
   * @throws IllegalArgumentException if a number is out of its range
   */
  public GaussianPooling(FieldType type, double sigma, int stride, int padding, Dtype dtype) {
    super(type, type);
    require(stride >= 1, "a stride must be at least 1, got %d", stride);
    require(padding >= 0, "a padding must be at least 0, got %d", padding);
    this.type = type;
    this.sigma = sigma;
    this.stride = stride;
    this.padding = padding;
    int side = GaussianBlur.side(sigma, 3);
    filter =
        registerFixed(
            "filter",
            GaussianBlur.filter(dtype, type.size(), sigma, side, type.space().dimension()));
  }

  /**
   * A pooling in float32, padded so that a stride of 1 keeps the size.
   *
   * @param type the fields
   * @param sigma the width of the Gaussian in cells, above 0
   * @param stride at least 1
   * @throws IllegalArgumentException if a number is out of its range
   */
  public GaussianPooling(FieldType type, double sigma, int stride) {
    this(type, sigma, stride, usualPadding(sigma), Dtype.FLOAT32);
  }

  /**
   * The padding that keeps the size at stride 1.
   *
   * @param sigma the width of the Gaussian in cells, above 0
   * @return half the filter
   */
  public static int usualPadding(double sigma) {
    return (GaussianBlur.side(sigma, 3) - 1) / 2;
  }

  @Override
  protected Tensor compute(Tensor input) {
    long side = filter.size(-1);
    for (int axis = 1; axis <= type.space().dimension(); axis++) {
      require(
          side <= input.size(-axis) + 2L * padding,
          "a filter of side %d does not fit a grid of side %d padded by %d",
          side,
          input.size(-axis),
          padding);
    }
    return GaussianBlur.apply(input, filter, stride, padding);
  }

  @Override
  protected long exampleTime() {
    return 1 + 4L * stride;
  }

  @Override
  public Exactness exactness(long size) {
    return Exactness.ofWindows(size, filter.size(-1), stride, padding);
  }

  @Override
  public long outputSize(long size) {
    return (size + 2L * padding - filter.size(-1)) / stride + 1;
  }

  @Override
  public <V> V plain(PlainGraph<V> graph, V x) {
    return GaussianBlur.plain(graph, x, filter, stride, padding);
  }

  @Override
  public String toString() {
    return "GaussianPooling(sigma " + sigma + ", stride " + stride + ", " + type + ")";
  }
}
