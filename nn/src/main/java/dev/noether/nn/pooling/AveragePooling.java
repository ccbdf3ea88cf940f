package dev.noether.nn.pooling;

import static dev.noether.algebra.Checks.require;

import dev.noether.kernel.FieldType;
import dev.noether.nn.LayerType;
import dev.noether.plain.PlainGraph;
import dev.noether.plain.PlainLayer;
import dev.noether.torch.Dtype;
import dev.noether.torch.Tensors;
import java.util.Arrays;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * The mean of every channel in windows of the grid, as escnn's {@code PointwiseAvgPool}: for any
 * fields, because it is linear. Padded cells count as zeros.
 *
 * <p>A grid is exact under quarter turns where (size + 2 padding - kernel) is a multiple of the
 * stride.
 */
public final class AveragePooling extends WindowPooling implements PlainLayer {
  /** How an architecture describes it. */
  public static final LayerType<AveragePooling> TYPE =
      LayerType.independentOfBases(AveragePooling.class)
          .fields("in", AveragePooling::type)
          .settings(Window.SETTINGS, AveragePooling::window)
          .builds(s -> new AveragePooling(s.fields("in"), Window.of(s)));

  /**
   * A pooling without parameters.
   *
   * @param type the fields
   * @param window the windows
   */
  public AveragePooling(FieldType type, Window window) {
    super(type, window);
  }

  @Override
  protected Tensor compute(Tensor input) {
    int d = type().space().dimension();
    window().requireFits(Tensors.shape(input), d);
    long[] kernel = Window.each(d, window().kernel());
    long[] steps = Window.each(d, window().stride());
    long[] pads = Window.each(d, window().padding());
    LongOptional none = new LongOptional();
    return d == 2
        ? torch.avg_pool2d(input, kernel, steps, pads, window().ceilMode(), true, none)
        : torch.avg_pool3d(input, kernel, steps, pads, window().ceilMode(), true, none);
  }

  /** A convolution of each channel with equal weights. */
  @Override
  public <V> V plain(PlainGraph<V> graph, V x) {
    require(
        !window().ceilMode(),
        "%s has no plain form: in ceil mode the last window's weights depend on the size of the"
            + " grid",
        this);
    int d = type().space().dimension();
    double[] weights = new double[type().size() * (int) StrictMath.pow(window().kernel(), d)];
    Arrays.fill(weights, 1 / StrictMath.pow(window().kernel(), d));
    long[] shape = Window.each(d + 2, window().kernel());
    shape[0] = type().size();
    shape[1] = 1;
    Tensor kernel = Tensors.of(Dtype.FLOAT64, weights, shape);
    return graph.convolution(x, kernel, null, window().geometry().withGroups(type().size()), false);
  }
}
