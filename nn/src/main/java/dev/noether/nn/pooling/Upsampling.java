package dev.noether.nn.pooling;

import static dev.noether.algebra.Checks.require;

import dev.noether.grid.Exactness;
import dev.noether.grid.GridLayer;
import dev.noether.kernel.FieldType;
import dev.noether.nn.EquivariantLayer;
import dev.noether.nn.LayerType;
import dev.noether.plain.Border;
import dev.noether.plain.ConvolutionOptions;
import dev.noether.plain.PlainGraph;
import dev.noether.plain.PlainLayer;
import dev.noether.torch.Dtype;
import dev.noether.torch.Tensors;
import java.util.Arrays;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * A finer grid by interpolation, as escnn's {@code R2Upsampling} and {@code R3Upsampling}: for any
 * fields, because it is linear.
 *
 * <p>Bilinear (in space trilinear), or the nearest cell, which repeats every cell. Both are exact
 * under quarter turns on every square grid.
 */
public final class Upsampling extends EquivariantLayer implements GridLayer, PlainLayer {
  /** How values between the cells are found. */
  public enum Mode {
    /** Bilinear in the plane, trilinear in space. */
    LINEAR,
    /** The value of the nearest cell. */
    NEAREST
  }

  /** How an architecture describes it. */
  public static final LayerType<Upsampling> TYPE =
      LayerType.independentOfBases(Upsampling.class)
          .fields("in", layer -> layer.type)
          .setting("scale_factor", layer -> layer.factor)
          .setting("mode", layer -> layer.mode, Mode.LINEAR)
          .setting("align_corners", layer -> layer.alignCorners, false)
          .builds(
              s ->
                  new Upsampling(
                      s.fields("in"),
                      s.whole("scale_factor"),
                      s.constant(Mode.class, "mode"),
                      s.flag("align_corners")));

  private final FieldType type;
  private final int factor;
  private final Mode mode;
  private final boolean alignCorners;

  /**
   * An interpolation without parameters.
   *
   * @param type the fields
   * @param factor how many times finer, at least 1
   * @param mode linear or nearest
   * @param alignCorners whether the outermost cells of both grids lie on each other; for linear
   *     mode
   * @throws IllegalArgumentException if the factor is below 1, or corners are aligned in nearest
   *     mode
   */
  public Upsampling(FieldType type, int factor, Mode mode, boolean alignCorners) {
    super(type, type);
    require(factor >= 1, "the factor of an upsampling must be at least 1, got %d", factor);
    require(
        mode == Mode.LINEAR || !alignCorners,
        "corners are aligned in linear mode only, got mode %s",
        mode);
    this.type = type;
    this.factor = factor;
    this.mode = mode;
    this.alignCorners = alignCorners;
  }

  /**
   * A linear interpolation whose cells fill the same square.
   *
   * @param type the fields
   * @param factor how many times finer, at least 1
   * @throws IllegalArgumentException if the factor is below 1
   */
  public Upsampling(FieldType type, int factor) {
    this(type, factor, Mode.LINEAR, false);
  }

  @Override
  protected Tensor compute(Tensor input) {
    int d = type.space().dimension();
    boolean bare = input.dim() == d + 1;
    Tensor batch = bare ? input.unsqueeze(0) : input;
    long[] size = new long[d];
    for (int i = 0; i < d; i++) {
      size[i] = factor * batch.size(i - d);
    }
    Tensor finer =
        mode == Mode.LINEAR
            ? d == 2
                ? torch.upsample_bilinear2d(batch, size, alignCorners)
                : torch.upsample_trilinear3d(batch, size, alignCorners)
            : d == 2
                ? torch.upsample_nearest2d(batch, size)
                : torch.upsample_nearest3d(batch, size);
    return bare ? finer.squeeze(0) : finer;
  }

  @Override
  public Exactness exactness(long size) {
    return Exactness.always();
  }

  @Override
  public long outputSize(long size) {
    return factor * size;
  }

  /** A transposed convolution of each channel: its taps are the weights of a cell's neighbours. */
  @Override
  public <V> V plain(PlainGraph<V> graph, V x) {
    require(
        !alignCorners,
        "%s has no plain form: with aligned corners its weights depend on the size of the grid",
        this);
    int d = type.space().dimension();
    ConvolutionOptions own = ConvolutionOptions.kernel(1).withGroups(type.size());
    if (mode == Mode.NEAREST) {
      double[] ones = new double[factor];
      Arrays.fill(ones, 1);
      ConvolutionOptions blocks = ConvolutionOptions.kernel(factor).withStride(factor);
      return graph.convolution(x, kernel(ones, d), null, blocks.withGroups(type.size()), true);
    }
    int odd = factor % 2;
    double[] tent = new double[2 * factor - odd];
    for (int i = 0; i < tent.length; i++) {
      tent[i] = 1 - Math.abs(i - (tent.length - 1) / 2.0) / factor;
    }
    ConvolutionOptions border = own.withPadding(1).with(Border.REPLICATE);
    V wide = graph.at("border").convolution(x, kernel(new double[] {1}, d), null, border, false);
    ConvolutionOptions tents =
        ConvolutionOptions.kernel(tent.length)
            .withStride(factor)
            .withPadding((factor - odd) / 2 + factor)
            .withGroups(type.size());
    return graph.convolution(wide, kernel(tent, d), null, tents, true);
  }

  /** A product of weights along each axis, for every channel by itself. */
  private Tensor kernel(double[] weights, int d) {
    int cells = (int) StrictMath.pow(weights.length, d);
    double[] all = new double[type.size() * cells];
    for (int i = 0; i < all.length; i++) {
      all[i] = 1;
      for (int axis = 0, rest = i % cells; axis < d; axis++, rest /= weights.length) {
        all[i] *= weights[rest % weights.length];
      }
    }
    long[] shape = new long[d + 2];
    Arrays.fill(shape, weights.length);
    shape[0] = type.size();
    shape[1] = 1;
    return Tensors.of(Dtype.FLOAT64, all, shape);
  }

  @Override
  public String toString() {
    return "Upsampling(" + factor + ", " + mode + ", " + type + ")";
  }
}
