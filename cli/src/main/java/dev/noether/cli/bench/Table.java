package dev.noether.cli.bench;

import dev.noether.nn.MemoryFootprint;
import java.util.Locale;

/** The table of a benchmark as text: the mission's rows and columns, then ratios. */
public final class Table {
  private static final String HEADER =
      String.format(
          Locale.ROOT,
          "%-20s %18s %18s %18s %15s %15s %15s %12s %15s %15s",
          "Layer",
          "Forward eval (ms)",
          "Forward (ms)",
          "Backward (ms)",
          "Total (ms)",
          "Trainable MB",
          "Non-train MB",
          "Total MB",
          "GPU Alloc MB",
          "GPU Peak MB");

  private Table() {}

  /**
   * Prints a result.
   *
   * @param result the figures
   * @return lines, the last with its end
   */
  public static String of(Benchmark.Result result) {
    String rule = "-".repeat(HEADER.length());
    StringBuilder text = new StringBuilder();
    line(
        text,
        "%nDevice: %s, %d thread%s; %s, %d to %d copies of the regular representation",
        result.device(),
        result.threads(),
        result.threads() == 1 ? "" : "s",
        result.group(),
        result.copies(),
        2 * result.copies());
    line(text, "Benchmark results per %d-sample batch", result.batch());
    line(text, "%s%n%s%n%s", rule, HEADER, rule);
    result.rows().forEach(row -> line(text, "%s", row(row)));
    line(text, "%s", rule);
    Benchmark.Row standard = result.rows().get(0);
    line(text, "%nMedians as ratios to %s", standard.layer());
    line(text, "%-20s %18s %18s", "Layer", "Forward eval", "Forward + backward");
    for (Benchmark.Row row : result.rows()) {
      line(
          text,
          "%-20s %18.2f %18.2f",
          row.layer(),
          row.forwardEvalMs().median() / standard.forwardEvalMs().median(),
          trainingMedian(row) / trainingMedian(standard));
    }
    return text.toString();
  }

  private static double trainingMedian(Benchmark.Row row) {
    return row.forwardMs().median() + row.backwardMs().median();
  }

  private static String row(Benchmark.Row row) {
    return String.format(
        Locale.ROOT,
        "%-20s %18s %18s %18s %15.3f %15.3f %15.3f %12.3f %15.3f %15.3f",
        row.layer(),
        time(row.forwardEvalMs()),
        time(row.forwardMs()),
        time(row.backwardMs()),
        row.totalMs(),
        MemoryFootprint.megabytes(row.trainableBytes()),
        MemoryFootprint.megabytes(row.nonTrainableBytes()),
        MemoryFootprint.megabytes(row.trainableBytes() + row.nonTrainableBytes()),
        MemoryFootprint.megabytes(row.deviceAllocatedBytes()),
        MemoryFootprint.megabytes(row.devicePeakBytes()));
  }

  private static String time(Statistics statistics) {
    return String.format(Locale.ROOT, "%.3f \u00b1 %.3f", statistics.mean(), statistics.std());
  }

  private static void line(StringBuilder text, String format, Object... arguments) {
    text.append(String.format(Locale.ROOT, format, arguments)).append(System.lineSeparator());
  }
}
