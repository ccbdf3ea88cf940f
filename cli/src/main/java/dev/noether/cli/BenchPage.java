package dev.noether.cli;

import dev.noether.cli.bench.Benchmark;
import dev.noether.cli.bench.ModelBenchmark;
import dev.noether.cli.bench.Spread;
import dev.noether.cli.bench.SteerableBenchmark;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The table of a benchmark: the reference's rows and columns, ratios, and what the rows are. */
final class BenchPage {
  private final Benchmark.Result result;

  BenchPage(Benchmark.Result result) {
    this.result = result;
  }

  void print(Page page) {
    page.printf(
        "%nDevice: %s, %d thread%s; %s, %d to %d copies of the regular representation%n",
        result.device(),
        result.threads(),
        result.threads() == 1 ? "" : "s",
        result.group(),
        result.copies(),
        2 * result.copies());
    page.printf(
        "Benchmark results per %d-sample batch: mean ± standard deviation%n%n", result.batch());
    page.print(figures());
    page.printf("%nMedians as ratios to %s%n", result.rows().get(0).layer());
    page.print(ratios());
    page.printf(
        """

        Standard: a plain dense layer
        eLinear: EquivariantLinear, its coefficients counted as ISOTYPIC_EXPANSION or MEMORY_HEAVY
        Linear Proj: a dense weight, projected at every step (Equivariance.impose)
        eAffine: a scale for each copy of an irrep and an invariant bias (EquivariantAffine)
        escnn: a map for each pair of fields, as escnn has it (FieldLinear)
        Noether ...: EquivariantLinear, executed in the way that is named; AUTO chooses one
        """);
    warn(page);
  }

  /** Every model beside its plain twin. */
  static void printSteerable(SteerableBenchmark.Result result, Page page) {
    page.printf(
        "%nDevice: %s, %d thread%s; medians in ms of the layer / the plain convolution%n%n",
        result.device(), result.threads(), result.threads() == 1 ? "" : "s");
    Columns columns =
        new Columns(
            "Layer",
            "batch",
            "image",
            "Build",
            "Training",
            "ratio",
            "Evaluation",
            "ratio",
            "Basis");
    for (SteerableBenchmark.Row row : result.rows()) {
      columns.add(
          row.layer(),
          Integer.toString(row.batch()),
          Integer.toString(row.image()),
          String.format(Locale.ROOT, "%.1f", row.buildMs()),
          both("%.2f", row.trainMs(), row.plainTrainMs()),
          ratio(row.trainMs() / row.plainTrainMs()),
          both("%.2f", row.evalMs(), row.plainEvalMs()),
          ratio(row.evalMs() / row.plainEvalMs()),
          ByteCount.text(row.basisBytes()));
    }
    page.print(columns);
    page.printf(
        """

        Build: another layer, with its first weights. Training: forward and backward, for weights and
        inputs. Evaluation: forward without gradients. Basis: what is kept to expand the weights.
        """);
  }

  static void printModels(ModelBenchmark.Result result, Page page) {
    page.printf(
        "%nDevice: %s, %d thread%s; medians in ms of the model / its plain twin%n%n",
        result.device(), result.threads(), result.threads() == 1 ? "" : "s");
    Columns columns =
        new Columns(
            "Model",
            "<group, widths, batch",
            "Training",
            "ratio",
            "floor",
            "Evaluation",
            "ratio",
            "floor",
            "Parameters",
            "Buffers");
    for (ModelBenchmark.Row row : result.rows()) {
      columns.add(
          row.model(),
          row.size(),
          both("%.2f", row.trainMs(), row.plainTrainMs()),
          ratio(row.trainMs() / row.plainTrainMs()),
          ratio(row.floorMs() / row.plainTrainMs()),
          both("%.3f", row.evalMs(), row.plainEvalMs()),
          ratio(row.evalMs() / row.plainEvalMs()),
          ratio(row.floorEvalMs() / row.plainEvalMs()),
          String.format(Locale.ROOT, "%,d / %,d", row.parameters(), row.plainParameters()),
          ByteCount.text(row.bufferBytes()));
    }
    page.print(columns);
    page.printf(
        """

        Training: forward, backward and a step of AdamW. Evaluation: forward without gradients. Floor: the
        plain twin, and LibTorch's calls alone for what it does not have: weights and biases laid out, norms
        and modulation of copies. On one thread of a processor its own time is counted, so that other
        programs lengthen it little.
        Encoders and decoders: 32 sequences of 16 tokens, a memory of 8.
        """);
  }

  private static String both(String format, double one, double other) {
    return String.format(Locale.ROOT, format + " / " + format, one, other);
  }

  private Columns figures() {
    List<String> header =
        new ArrayList<>(
            List.of(
                "Layer",
                "Forward eval (ms)",
                "Forward (ms)",
                "Backward (ms)",
                "Total (ms)",
                "Trainable",
                "Non-trainable",
                "Memory"));
    if (onGpu()) {
      header.addAll(List.of("GPU alloc", "GPU peak"));
    }
    Columns columns = new Columns(header.toArray(String[]::new));
    for (Benchmark.Row row : result.rows()) {
      List<String> cells =
          new ArrayList<>(
              List.of(
                  row.layer(),
                  time(row.forwardEvalMs()),
                  time(row.forwardMs()),
                  time(row.backwardMs()),
                  String.format(Locale.ROOT, "%.3f", row.totalMs()),
                  ByteCount.text(row.trainableBytes()),
                  ByteCount.text(row.nonTrainableBytes()),
                  ByteCount.text(row.trainableBytes() + row.nonTrainableBytes())));
      if (onGpu()) {
        cells.add(ByteCount.text(row.deviceAllocatedBytes()));
        cells.add(ByteCount.text(row.devicePeakBytes()));
      }
      columns.add(cells.toArray(String[]::new));
    }
    return columns;
  }

  private boolean onGpu() {
    return !result.device().equals("cpu");
  }

  private Columns ratios() {
    Benchmark.Row standard = result.rows().get(0);
    Columns columns = new Columns("Layer", "Forward eval", "Forward + backward");
    for (Benchmark.Row row : result.rows()) {
      columns.add(
          row.layer(),
          ratio(row.forwardEvalMs().median() / standard.forwardEvalMs().median()),
          ratio(trainingMedian(row) / trainingMedian(standard)));
    }
    return columns;
  }

  private static String ratio(double value) {
    return String.format(Locale.ROOT, "%.2f", value);
  }

  private static double trainingMedian(Benchmark.Row row) {
    return row.forwardMs().median() + row.backwardMs().median();
  }

  private static String time(Spread statistics) {
    return String.format(Locale.ROOT, "%.3f ± %.3f", statistics.mean(), statistics.std());
  }

  /** A run whose figures scatter more than they are large says so. */
  private void warn(Page page) {
    String scattered =
        result.rows().stream()
            .filter(
                row ->
                    Stream.of(row.forwardEvalMs(), row.forwardMs(), row.backwardMs())
                        .anyMatch(figure -> figure.std() > figure.mean()))
            .map(Benchmark.Row::layer)
            .collect(Collectors.joining(", "));
    if (!scattered.isEmpty()) {
      page.printf(
          "%nThe times scatter by more than their mean (%s): the machine was busy. The ratios are of "
              + "medians, which stand more, but run again when it is quiet.%n",
          scattered);
    }
  }
}
