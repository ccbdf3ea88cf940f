package dev.noether.cli;

import dev.noether.cli.bench.GridBenchmark;
import dev.noether.cli.bench.GridComparison;
import java.util.List;
import java.util.Locale;

/** What {@code bench --grid} prints. */
final class GridPage {
  private GridPage() {}

  static void print(GridBenchmark.Result result, Page page) {
    page.printf(
        "%nDevice: %s, %d thread%s; medians in ms of the layer / the plain one%n%n",
        result.device(), result.threads(), result.threads() == 1 ? "" : "s");
    Columns columns = new Columns("Layer", "batch", "Training", "ratio", "Evaluation", "ratio");
    for (GridBenchmark.Row row : result.rows()) {
      columns.add(
          row.name(),
          Integer.toString(row.batch()),
          String.format(Locale.ROOT, "%.3f / %.3f", row.trainMs(), row.plainTrainMs()),
          ratio(row.trainRatio()),
          String.format(Locale.ROOT, "%.3f / %.3f", row.evalMs(), row.plainEvalMs()),
          ratio(row.evalRatio()));
    }
    page.print(columns);
  }

  static void print(List<GridComparison.Slower> slower, Page page) {
    if (slower.isEmpty()) {
      page.printf("%nNothing is slower than accepted, beyond noise.%n");
      return;
    }
    page.printf("%nSlower than accepted, beyond noise%n");
    Columns columns = new Columns("Layer", "batch", "<pass", "accepted", "now");
    for (GridComparison.Slower pass : slower) {
      columns.add(
          pass.name(),
          Integer.toString(pass.batch()),
          pass.pass(),
          ratio(pass.accepted()),
          ratio(pass.found()));
    }
    page.print(columns);
  }

  private static String ratio(double value) {
    return String.format(Locale.ROOT, "%.2f", value);
  }
}
