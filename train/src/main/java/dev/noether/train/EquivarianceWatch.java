package dev.noether.train;

import static dev.noether.algebra.Checks.require;

import dev.noether.nn.Equivariance;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Checks each layer by itself at the end of each epoch, and tells which ones no longer commute with
 * the group. Layers whose symmetry is exact by construction never do; a layer of one's own, or one
 * that is only trained to be symmetric, may.
 */
public final class EquivarianceWatch implements Callback {
  private final double tolerance;
  private final Consumer<String> output;

  /**
   * A watch.
   *
   * @param tolerance the largest relative error allowed, such as 1e-4 in float32
   * @param output takes a line for each layer that broke its symmetry; may throw, to end the run
   * @throws IllegalArgumentException if the tolerance is not positive
   */
  public EquivarianceWatch(double tolerance, Consumer<String> output) {
    require(tolerance > 0, "the tolerance must be positive, got %s", tolerance);
    this.tolerance = tolerance;
    this.output = output;
  }

  @Override
  public void onEpochEnd(Run run, History.Epoch epoch) {
    Map<String, Equivariance.Report> reports = Equivariance.checkEach(run.model());
    reports.forEach(
        (name, report) -> {
          if (breaks(report) && reports.entrySet().stream().noneMatch(e -> isBelow(name, e))) {
            output.accept(
                String.format(
                    Locale.ROOT,
                    "after epoch %d, %s '%s' is not equivariant: relative error %.1e at %s",
                    epoch.number(),
                    run.model().namedLayers().get(name),
                    name,
                    report.relativeError(),
                    report.element()));
          }
        });
  }

  /** A parent is not told of where what breaks is below it. */
  private boolean isBelow(String name, Map.Entry<String, Equivariance.Report> other) {
    return other.getKey().startsWith(name.isEmpty() ? "" : name + ".")
        && !other.getKey().equals(name)
        && breaks(other.getValue());
  }

  private boolean breaks(Equivariance.Report report) {
    return !(report.relativeError() <= tolerance);
  }
}
