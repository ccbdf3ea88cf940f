package dev.noether.nn.pooling;

import static dev.noether.algebra.Checks.require;

import dev.noether.grid.Exactness;
import dev.noether.grid.GridLayer;
import dev.noether.kernel.FieldType;
import dev.noether.nn.EquivariantLayer;
import dev.noether.nn.LayerType;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * A finer grid by interpolation, as escnn's {@code R2Upsampling} and {@code R3Upsampling}: for any
 * fields, because it is linear.
 *
 * <p>Bilinear (in space trilinear), or the nearest cell, which repeats every cell. Both are exact
 * under quarter turns on every square grid.
 */
public final class Upsampling extends EquivariantLayer implements GridLayer {
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

  @Override
  public String toString() {
    return "Upsampling(" + factor + ", " + mode + ", " + type + ")";
  }
}
