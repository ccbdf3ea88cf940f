package dev.noether.cli.bench;

import static dev.noether.algebra.Checks.require;

import java.util.List;

/**
 * What became slower than ratios that were accepted once, by more than noise.
 *
 * @param accepted an earlier run
 * @param found the run to judge
 */
public record GridComparison(GridBenchmark.Result accepted, GridBenchmark.Result found) {
  /** Ratios of one machine move by about a tenth from run to run. */
  private static final double NOISE = 0.15;

  /**
   * A ratio to the plain layers that grew.
   *
   * @param name what was timed
   * @param batch samples
   * @param pass training or evaluation
   * @param accepted the ratio that was accepted
   * @param found the ratio now
   */
  public record Slower(String name, int batch, String pass, double accepted, double found) {}

  /**
   * Checks that the runs compare.
   *
   * @param accepted an earlier run
   * @param found the run to judge
   * @throws IllegalArgumentException if devices or threads differ
   */
  public GridComparison {
    require(
        accepted.device().equals(found.device()) && accepted.threads() == found.threads(),
        "the accepted ratios are of %s with %d threads, this run of %s with %d: take the same",
        accepted.device(),
        accepted.threads(),
        found.device(),
        found.threads());
  }

  /**
   * All ratios that grew by more than noise; places that only one run knows are left out.
   *
   * @return the ratios, in the order of the run
   */
  public List<Slower> slower() {
    return found.rows().stream()
        .flatMap(
            row ->
                accepted.rows().stream()
                    .filter(row::isSamePlace)
                    .flatMap(
                        old ->
                            List.of(
                                new Slower(
                                    row.name(),
                                    row.batch(),
                                    "training",
                                    old.trainRatio(),
                                    row.trainRatio()),
                                new Slower(
                                    row.name(),
                                    row.batch(),
                                    "evaluation",
                                    old.evalRatio(),
                                    row.evalRatio()))
                                .stream()))
        .filter(pass -> pass.found > pass.accepted * (1 + NOISE))
        .toList();
  }
}
