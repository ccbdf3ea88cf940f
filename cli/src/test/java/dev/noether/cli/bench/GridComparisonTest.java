package dev.noether.cli.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class GridComparisonTest {
  private static GridBenchmark.Row row(int batch, double training, double evaluation) {
    String rho = "C4: regular";
    return new GridBenchmark.Row("linear", rho, rho, batch, 1, 2 * training, 2, evaluation, 1);
  }

  private static GridBenchmark.Result run(int threads, GridBenchmark.Row... rows) {
    return new GridBenchmark.Result("cpu", threads, List.of(rows));
  }

  @Test
  void onlyWhatGrewByMoreThanNoiseIsSlower() {
    GridBenchmark.Result accepted = run(1, row(1, 1, 1), row(2, 1, 1), row(4, 1, 1));
    GridBenchmark.Result found = run(1, row(1, 1.1, 0.5), row(2, 1.4, 1), row(8, 9, 9));
    assertThat(new GridComparison(accepted, found).slower())
        .containsExactly(new GridComparison.Slower("linear C4: regular", 2, "training", 1.0, 1.4));
  }

  @Test
  void runsOnOtherThreadsAreNotCompared() {
    assertThatThrownBy(() -> new GridComparison(run(1), run(2)))
        .hasMessageContaining(
            "the accepted ratios are of cpu with 1 threads, this run of cpu with 2: take the same");
  }
}
