package dev.noether.nn.distribution;

import dev.noether.nn.LayerType;
import org.bytedeco.pytorch.Tensor;

/**
 * Running means and covariances of two signals: exponential moving averages over the batches. Those
 * of a batch divide by N - 1.
 *
 * <p>The state dict is the Python package's: {@code num_batches_tracked}, {@code running_mean_x},
 * {@code running_mean_y}, {@code running_cov_xx}, {@code running_cov_yy}, {@code running_cov_xy}.
 */
public final class EmaStatistics extends RunningStatistics {
  /** How an architecture describes it. */
  public static final LayerType<EmaStatistics> TYPE =
      LayerType.independentOfBases(EmaStatistics.class)
          .setting("size_x", EmaStatistics::sizeX)
          .setting("size_y", EmaStatistics::sizeY)
          .settings(EmaOptions.SETTINGS, EmaStatistics::options)
          .builds(s -> new EmaStatistics(s.whole("size_x"), s.whole("size_y"), EmaOptions.of(s)));

  /**
   * Statistics of two signals.
   *
   * @param sizeX the number of features of x
   * @param sizeY the number of features of y
   * @param options momentum, centring and dtype
   * @throws IllegalArgumentException if a size is below 1
   */
  public EmaStatistics(int sizeX, int sizeY, EmaOptions options) {
    super(sizeX, sizeY, options, unit(sizeX, sizeY, options.dtype()), "");
  }

  @Override
  Tensor mean(Tensor batch, boolean ofX) {
    return batch.mean(0L);
  }

  @Override
  Tensor[] covariances(Tensor xx, Tensor yy, Tensor xy) {
    return new Tensor[] {xx, yy, xy};
  }

  @Override
  long degreesOfFreedom(long samples) {
    return samples - 1;
  }

  @Override
  public String toString() {
    return "EmaStatistics(" + sizeX() + ", " + sizeY() + ")";
  }
}
