package dev.noether.nn.pooling;

import dev.noether.grid.Exactness;
import dev.noether.grid.GridLayer;
import dev.noether.kernel.FieldType;
import dev.noether.nn.EquivariantLayer;
import dev.noether.nn.LayerType;
import dev.noether.torch.Tensors;
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
public final class AveragePooling extends EquivariantLayer implements GridLayer {
  /** How an architecture describes it. */
  public static final LayerType<AveragePooling> TYPE =
      LayerType.independentOfBases(AveragePooling.class)
          .fields("in", layer -> layer.type)
          .settings(Window.SETTINGS, layer -> layer.window)
          .builds(s -> new AveragePooling(s.fields("in"), Window.of(s)));

  private final FieldType type;
  private final Window window;

  /**
   * A pooling without parameters.
   *
   * @param type the fields
   * @param window the windows
   */
  public AveragePooling(FieldType type, Window window) {
    super(type, type);
    this.type = type;
    this.window = window;
  }

  @Override
  protected Tensor compute(Tensor input) {
    int d = type.space().dimension();
    window.requireFits(Tensors.shape(input), d);
    long[] kernel = Window.each(d, window.kernel());
    long[] steps = Window.each(d, window.stride());
    long[] pads = Window.each(d, window.padding());
    LongOptional none = new LongOptional();
    return d == 2
        ? torch.avg_pool2d(input, kernel, steps, pads, window.ceilMode(), true, none)
        : torch.avg_pool3d(input, kernel, steps, pads, window.ceilMode(), true, none);
  }

  @Override
  protected long exampleTime() {
    return window.kernel() + 2L * window.stride();
  }

  @Override
  public Exactness exactness(long size) {
    return window.exactness(size);
  }

  @Override
  public long outputSize(long size) {
    return window.count(size);
  }

  @Override
  public String toString() {
    return "AveragePooling(" + window + ", " + type + ")";
  }
}
