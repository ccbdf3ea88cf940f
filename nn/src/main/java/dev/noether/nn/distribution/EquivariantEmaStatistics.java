package dev.noether.nn.distribution;

import dev.noether.hom.BasisExpansion;
import dev.noether.hom.GroupHomomorphismBasis;
import dev.noether.nn.LayerType;
import dev.noether.rep.HomSpace;
import dev.noether.rep.InvariantProjector;
import dev.noether.rep.Representation;
import dev.noether.torch.Buffers;
import dev.noether.torch.Dtype;
import dev.noether.torch.Tensors;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Running means and covariances of two symmetric signals: each batch counts with all its
 * transforms, without augmenting. Means are invariant and covariances equivariant, in any basis.
 *
 * <p>State dict and update are those of {@link EmaStatistics}; the batch's mean is projected onto
 * the invariant vectors and its covariances onto Hom_G. In a rotated basis the Python package's
 * covariances are not equivariant; these are.
 */
public final class EquivariantEmaStatistics extends RunningStatistics {
  /** How an architecture describes it. */
  public static final LayerType<EquivariantEmaStatistics> TYPE =
      LayerType.independentOfBases(EquivariantEmaStatistics.class)
          .representation("x", EquivariantEmaStatistics::x)
          .representation("y", EquivariantEmaStatistics::y)
          .settings(EmaOptions.SETTINGS, EquivariantEmaStatistics::options)
          .builds(
              s ->
                  new EquivariantEmaStatistics(
                      s.representation("x"), s.representation("y"), EmaOptions.of(s)));

  private final Representation x;
  private final Representation y;
  private final Tensor invariantX;
  private final Tensor invariantY;
  private final GroupHomomorphismBasis homXx;
  private final GroupHomomorphismBasis homYy;
  private final @Nullable GroupHomomorphismBasis homXy;

  /**
   * Statistics of two signals.
   *
   * @param x how x transforms
   * @param y how y transforms
   * @param options momentum, centring and dtype
   * @throws IllegalArgumentException if the groups differ
   */
  public EquivariantEmaStatistics(Representation x, Representation y, EmaOptions options) {
    super(x.size(), y.size(), options);
    Dtype dtype = options.dtype();
    this.x = x;
    this.y = y;
    homXy = HomSpace.between(y, x).dim() == 0 ? null : basis("xy", y, x, dtype);
    homXx = basis("xx", x, x, dtype);
    homYy = basis("yy", y, y, dtype);
    Buffers buffers = new Buffers();
    invariantX = buffers.add("invariant_x", dtype, InvariantProjector.of(x));
    invariantY = buffers.add("invariant_y", dtype, InvariantProjector.of(y));
    registerBuffers("", buffers);
  }

  private GroupHomomorphismBasis basis(
      String name, Representation in, Representation out, Dtype dtype) {
    GroupHomomorphismBasis basis =
        GroupHomomorphismBasis.of(in, out, BasisExpansion.ISOTYPIC_EXPANSION, dtype);
    registerBuffers(name + ".", basis.buffers());
    return basis;
  }

  @Override
  Tensor mean(Tensor batch, boolean ofX) {
    return (ofX ? invariantX : invariantY).matmul(batch.mean(0L));
  }

  @Override
  Tensor[] covariances(Tensor xx, Tensor yy, Tensor xy) {
    return new Tensor[] {
      homXx.project(xx),
      homYy.project(yy),
      homXy == null ? xy.mul(new Scalar(0.0)) : homXy.project(xy)
    };
  }

  /**
   * How x transforms.
   *
   * @return the representation of x
   */
  public Representation x() {
    return x;
  }

  /**
   * How y transforms.
   *
   * @return the representation of y
   */
  public Representation y() {
    return y;
  }

  /**
   * The same statistics in a layer that knows no symmetry, in evaluation mode.
   *
   * @return a new layer with copies of the statistics
   */
  public EmaStatistics export() {
    EmaStatistics plain = new EmaStatistics(x.size(), y.size(), options());
    plain.to(Tensors.device(invariantX));
    plain.load(stateDict());
    plain.eval();
    return plain;
  }

  @Override
  public String toString() {
    return "EquivariantEmaStatistics(" + x + ", " + y + ")";
  }
}
