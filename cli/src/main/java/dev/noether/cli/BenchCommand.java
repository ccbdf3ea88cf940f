package dev.noether.cli;

import static dev.noether.algebra.Checks.require;

import com.sun.management.OperatingSystemMXBean;
import dev.noether.cli.bench.Benchmark;
import dev.noether.cli.bench.Table;
import dev.noether.group.FiniteGroup;
import dev.noether.torch.ComputeDevice;
import dev.noether.torch.LibTorch;
import java.io.IOException;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
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
      "Checks that both projections are equivariant and idempotent, then times the layers.",
      "From COPIES regular representations to twice as many."
    })
final class BenchCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(names = "--device", defaultValue = "cpu", description = "cpu or cuda (${DEFAULT-VALUE})")
  private String device = "cpu";

  @Option(
      names = "--group",
      defaultValue = "icosahedral",
      description = "the group, as C8 or D4 (${DEFAULT-VALUE})")
  private String group = "icosahedral";

  @Option(
      names = "--copies",
      defaultValue = "2",
      description = "copies of the regular representation in the input (${DEFAULT-VALUE})")
  private int copies;

  @Option(
      names = "--batch",
      defaultValue = "1024",
      description = "samples in a batch (${DEFAULT-VALUE})")
  private int batch;

  @Option(
      names = "--iterations",
      defaultValue = "1000",
      description = "timed iterations of each layer (${DEFAULT-VALUE})")
  private int iterations;

  @Option(
      names = "--warmup",
      defaultValue = "50",
      description = "iterations before the clock starts (${DEFAULT-VALUE})")
  private int warmup;

  @Option(names = "--threads", description = "threads of LibTorch (its own choice)")
  private @Nullable Integer threads;

  @Option(names = "--json", description = "also write every figure to this file")
  private @Nullable Path json;

  @Mixin private final OutputFile output = new OutputFile();

  @Override
  public Integer call() throws IOException {
    require(copies >= 1, "--copies must be at least 1, got %d", copies);
    require(batch >= 1, "--batch must be at least 1, got %d", batch);
    require(iterations >= 1, "--iterations must be at least 1, got %d", iterations);
    require(warmup >= 0, "--warmup must be at least 0, got %d", warmup);
    FiniteGroup symmetry = FiniteGroup.named(group);
    ComputeDevice place = ComputeDevice.parse(device);
    if (place.equals(ComputeDevice.CPU)) {
      requireMemory(symmetry);
    }
    requireWritable(json);
    if (threads != null) {
      LibTorch.setThreads("--threads", threads);
    }
    Benchmark benchmark = new Benchmark(symmetry, copies, batch, iterations, warmup, place);
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    Benchmark.Result result =
        benchmark.run(
            check -> {
              out.println(check);
              out.flush();
            },
            progress -> {
              err.println(progress);
              err.flush();
            });
    out.print(Table.of(result));
    out.flush();
    if (json != null) {
      Json.write(json, result);
    }
    return result.passed() ? 0 : 1;
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

  private void requireWritable(@Nullable Path file) throws IOException {
    if (file == null) {
      return;
    }
    Path folder = Json.folder(file);
    require(
        Files.isDirectory(folder) && Files.isWritable(folder) && !Files.isDirectory(file),
        "--json needs a file in a folder that exists and can be written to, got %s",
        file);
    output.require(file);
  }
}
