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
public final class EquivariantEmaStatistics extends SymmetricStatistics {
  /** How an architecture describes it. */
  public static final LayerType<EquivariantEmaStatistics> TYPE =
      type(
          LayerType.independentOfBases(EquivariantEmaStatistics.class),
          EquivariantEmaStatistics::new);

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
    super(x, y, options, moments, unit(x.size(), y.size(), options.dtype()), "");
  }

  @Override
  Tensor[] covariances(Tensor xx, Tensor yy, Tensor xy) {
    return moments().project(xx, yy, xy);
  }

  @Override
  long degreesOfFreedom(long samples) {
    return samples - 1;
  }

  /**
   * The same statistics in a layer that knows no symmetry, in evaluation mode.
   *
   * @return a new layer with copies of the statistics
   */
  public EmaStatistics export() {
    EmaStatistics plain = new EmaStatistics(x().size(), y().size(), options());
    plain.load(stateDict());
    plain.to(Tensors.device(running().meanX()));
    plain.eval();
    return plain;
  }
}
