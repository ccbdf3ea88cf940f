package dev.noether.cli;

import static dev.noether.algebra.Checks.require;

import com.sun.management.OperatingSystemMXBean;
import dev.noether.cli.bench.Benchmark;
import dev.noether.cli.bench.GridBenchmark;
import dev.noether.cli.bench.GridComparison;
import dev.noether.cli.bench.ModelBenchmark;
import dev.noether.cli.bench.RuntimeBench;
import dev.noether.cli.bench.SteerableBenchmark;
import dev.noether.group.FiniteGroup;
import dev.noether.runtime.Model;
import dev.noether.torch.ComputeDevice;
import dev.noether.torch.LibTorch;
import java.io.IOException;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code noether bench}: the projection checks, then the table. */
@Command(
    name = "bench",
    description = {
      "Checks that both projections are equivariant and idempotent, then times the layers from N "
          + "copies of the regular representation to twice as many.",
      "--models, --steerable, --grid and --runtime time something else instead."
    },
    footer = {
      "",
      "  noether bench --iterations 100",
      "  noether bench --group C8 --copies 16 --threads 2 --json=bench.json",
      "  noether bench --models",
      "  noether bench --steerable --json=steerable.json",
      "  noether bench --grid --against benchmarks/grid.json"
    })
final class BenchCommand implements Callable<Integer> {
  private static final int RUNTIME_ROUNDS = 300;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--device",
      paramLabel = "DEVICE",
      defaultValue = "cpu",
      description = "cpu or cuda (${DEFAULT-VALUE})")
  private String device = "cpu";

  @Option(
      names = "--group",
      paramLabel = "GROUP",
      defaultValue = "icosahedral",
      description = "the group, as C8 or D4 (${DEFAULT-VALUE})")
  private String group = "icosahedral";

  @Option(
      names = "--copies",
      paramLabel = "N",
      defaultValue = "2",
      description = "copies of the regular representation in the input (${DEFAULT-VALUE})")
  private int copies;

  @Option(
      names = "--batch",
      paramLabel = "N",
      defaultValue = "1024",
      description = "samples in a batch (${DEFAULT-VALUE})")
  private int batch;

  @Option(
      names = "--iterations",
      paramLabel = "N",
      defaultValue = "1000",
      description = "timed iterations of each layer (${DEFAULT-VALUE})")
  private int iterations;

  @Option(
      names = "--warmup",
      paramLabel = "N",
      defaultValue = "50",
      description = "iterations before the clock starts (${DEFAULT-VALUE})")
  private int warmup;

  @Option(names = "--models", description = "time the models, each beside its plain twin")
  private boolean models;

  @Option(
      names = "--steerable",
      description = "time steerable convolutions, each beside the plain one of its width")
  private boolean steerable;

  @Option(
      names = "--grid",
      description = "time layers of many groups, widths and batches, each beside the plain one")
  private boolean grid;

  @Option(
      names = "--against",
      paramLabel = "FILE",
      description = "with --grid: say what became slower than the ratios of an earlier --json")
  private @Nullable Path against;

  @Option(
      names = "--threads",
      paramLabel = "N",
      defaultValue = "1",
      description = "threads of LibTorch (${DEFAULT-VALUE})")
  private int threads;

  @Option(
      names = "--runtime",
      description = "time exported models in plain Java, LibTorch and ONNX Runtime instead")
  private boolean runtime;

  @Mixin private JsonOption json = new JsonOption();

  @Override
  public Integer call() throws IOException {
    require(copies >= 1, "--copies must be at least 1, got %d", copies);
    require(batch >= 1, "--batch must be at least 1, got %d", batch);
    require(iterations >= 1, "--iterations must be at least 1, got %d", iterations);
    require(warmup >= 0, "--warmup must be at least 0, got %d", warmup);
    ComputeDevice place = ComputeDevice.parse(device);
    require(!models || !steerable, "--models and --steerable are two benchmarks; take one");
    require(!grid || !(models || steerable), "--grid is a benchmark of its own; take one");
    require(grid || against == null, "--against compares runs of --grid; add --grid");
    if (grid) {
      return runGrid(place);
    }
    if (models) {
      return runModels(place);
    }
    if (runtime) {
      return runRuntimes();
    }
    if (steerable) {
      return runSteerable(place);
    }
    FiniteGroup symmetry = FiniteGroup.named(group);
    if (place.equals(ComputeDevice.CPU)) {
      requireMemory(symmetry);
    }
    json.requireWritable();
    LibTorch.setThreads("--threads", threads);
    Benchmark benchmark = new Benchmark(symmetry, copies, batch, iterations, warmup, place);
    Page page = Page.of(spec);
    Benchmark.Result result =
        benchmark.run(
            check -> {
              if (!json.replacesPage()) {
                page.println(check.toString());
                page.flush();
              }
            },
            this::report);
    if (!json.replacesPage()) {
      new BenchPage(result).print(page);
    }
    json.write(page, () -> result);
    return result.passed() ? 0 : 1;
  }

  private int runSteerable(ComputeDevice place) throws IOException {
    requireFixed("--steerable", "--group", "--copies", "--batch", "--warmup");
    SteerableBenchmark.Result result =
        new SteerableBenchmark(place, given("--iterations") ? iterations : 0).run(this::report);
    Page page = Page.of(spec);
    if (!json.replacesPage()) {
      BenchPage.printSteerable(result, page);
    }
    json.write(page, () -> result);
    return 0;
  }

  private int runGrid(ComputeDevice place) throws IOException {
    requireFixed("--grid", "--group", "--copies", "--batch", "--warmup");
    Path known = against;
    GridBenchmark.@Nullable Result accepted =
        known == null ? null : Json.read(known, GridBenchmark.Result.class, "bench --grid --json");
    GridBenchmark.Result result =
        new GridBenchmark(place, given("--iterations") ? iterations : 0).run(this::report);
    Page page = Page.of(spec);
    List<GridComparison.Slower> slower =
        accepted == null ? List.of() : new GridComparison(accepted, result).slower();
    if (!json.replacesPage()) {
      GridPage.print(result, page);
      if (accepted != null) {
        GridPage.print(slower, page);
      }
    }
    json.write(page, () -> result);
    return slower.isEmpty() ? 0 : 1;
  }

  private int runModels(ComputeDevice place) throws IOException {
    requireFixed("--models", "--group", "--copies", "--batch", "--warmup");
    ModelBenchmark.Result result =
        new ModelBenchmark(place, given("--iterations") ? iterations : 0).run(this::report);
    Page page = Page.of(spec);
    if (!json.replacesPage()) {
      BenchPage.printModels(result, page);
    }
    json.write(page, () -> result);
    return 0;
  }

  private int runRuntimes() throws IOException {
    requireFixed("--runtime", "--group", "--copies", "--batch", "--warmup", "--device");
    List<RuntimeBench.Row> rows =
        new RuntimeBench(given("--iterations") ? iterations : RUNTIME_ROUNDS).run(this::report);
    Page page = Page.of(spec);
    if (!json.replacesPage()) {
      page.printf(
          "Microseconds a call, medians, one thread; plain Java with %s%n%n", Model.arithmetic());
      page.print(RuntimePage.table(rows));
    }
    json.write(page, () -> rows);
    return 0;
  }

  /** Refuses options that say nothing here, and what cannot be written or set, before the work. */
  private void requireFixed(String mode, String... options) throws IOException {
    for (String option : options) {
      require(!given(option), "the sizes of %s are fixed; leave %s out", mode, option);
    }
    json.requireWritable();
    LibTorch.setThreads("--threads", threads);
  }

  private void report(String progress) {
    PrintWriter err = spec.commandLine().getErr();
    err.println(progress);
    err.flush();
  }

  private boolean given(String option) {
    return spec.commandLine().getParseResult().hasMatchedOption(option);
  }

  /**
   * Refuses what no memory holds: a batch's input, output and the output's gradient, and the three
   * dense layers with their gradients.
   */
  private void requireMemory(FiniteGroup symmetry) {
    double in = (double) copies * symmetry.order();
    double needed = Float.BYTES * (batch * (in + 2 * in + 2 * in) + 6 * in * 2 * in);
    double machine =
        ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getTotalMemorySize();
    require(
        needed <= machine,
        "--batch %d of --copies %d needs at least %.1f GB, and this machine has %.1f GB; take "
            + "fewer",
        batch,
        copies,
        needed / 1e9,
        machine / 1e9);
  }
}
