package dev.noether.nn.distribution;

import dev.noether.nn.LayerType;
import dev.noether.rep.Representation;
import dev.noether.torch.Tensors;
import org.bytedeco.pytorch.Tensor;

/**
 * Running means and covariances of two symmetric signals: each batch counts with all its
 * transforms, without augmenting. Means are invariant and covariances equivariant, in any basis.
 *
 * <p>State dict and update are those of {@link EmaStatistics}; the batch's mean is projected onto
 * the invariant vectors and its covariances onto Hom_G. In a rotated basis the Python package's
 * covariances are not equivariant; these are. {@link HomEmaStatistics} keeps fewer numbers.
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
  private final SymmetricMoments moments;

  /**
   * Statistics of two signals.
   *
   * @param x how x transforms
   * @param y how y transforms
   * @param options momentum, centring and dtype
   * @throws IllegalArgumentException if the groups differ
   */
  public EquivariantEmaStatistics(Representation x, Representation y, EmaOptions options) {
    this(x, y, options, SymmetricMoments.of(x, y, options.dtype()));
  }

  private EquivariantEmaStatistics(
      Representation x, Representation y, EmaOptions options, SymmetricMoments moments) {
    super(x.size(), y.size(), options, unit(x.size(), y.size(), options.dtype()), "");
    this.x = x;
    this.y = y;
    this.moments = moments;
    registerBuffers("", moments.buffers());
  }

  @Override
  Tensor mean(Tensor batch, boolean ofX) {
    return moments.mean(batch, ofX);
  }

  @Override
  Tensor[] covariances(Tensor xx, Tensor yy, Tensor xy) {
    return moments.project(xx, yy, xy);
  }

  @Override
  long degreesOfFreedom(long samples) {
    return samples - 1;
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
    plain.load(stateDict());
    plain.to(Tensors.device(running().meanX()));
    plain.eval();
    return plain;
  }

  @Override
  public String toString() {
    return "EquivariantEmaStatistics(" + x + ", " + y + ")";
  }
}
