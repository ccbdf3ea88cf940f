package dev.noether.nn.distribution;

import dev.noether.nn.LayerType;
import dev.noether.rep.Representation;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/** Running statistics of two symmetric signals. */
abstract sealed class SymmetricStatistics extends RunningStatistics
    permits EquivariantEmaStatistics, HomEmaStatistics {
  private final Representation x;
  private final Representation y;
  private final SymmetricMoments moments;

  SymmetricStatistics(
      Representation x,
      Representation y,
      EmaOptions options,
      SymmetricMoments moments,
      List<Tensor> covariances,
      String suffix) {
    super(x.size(), y.size(), options, covariances, suffix);
    this.x = x;
    this.y = y;
    this.moments = moments;
    registerBuffers("", moments.buffers());
  }

  /** Makes a layer. */
  interface Making<L> {
    L of(Representation x, Representation y, EmaOptions options);
  }

  /** How architectures describe both. */
  static <L extends SymmetricStatistics> LayerType<L> type(
      LayerType.Builder<L> type, Making<L> making) {
    return type.representation("x", SymmetricStatistics::x)
        .representation("y", SymmetricStatistics::y)
        .settings(EmaOptions.SETTINGS, RunningStatistics::options)
        .builds(s -> making.of(s.representation("x"), s.representation("y"), EmaOptions.of(s)));
  }

  final SymmetricMoments moments() {
    return moments;
  }

  @Override
  Tensor mean(Tensor batch, boolean ofX) {
    return moments.mean(batch, ofX);
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

  @Override
  public String toString() {
    return getClass().getSimpleName() + "(" + x + ", " + y + ")";
  }
}
