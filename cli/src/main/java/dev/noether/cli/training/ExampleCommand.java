package dev.noether.cli.training;

import static dev.noether.algebra.Checks.require;
import static dev.noether.algebra.Checks.requirePresent;

import dev.noether.cli.OutputFile;
import dev.noether.examples.Contest;
import dev.noether.examples.Digits;
import dev.noether.examples.Dynamics;
import dev.noether.examples.Quadruped;
import dev.noether.examples.Results;
import dev.noether.examples.RotatedDigits;
import dev.noether.examples.inertia.MomentOfInertia;
import dev.noether.io.AtomicFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code noether example}. */
@Command(
    name = "example",
    description = {
      "Runs a task that shows what symmetry buys, and prints its table.",
      "The pages in docs/ tell what each shows and how long it takes."
    },
    footer = {
      "",
      "  noether example quadruped --samples 100,300 --seeds 2",
      "  noether example digits --data DIR --plot digits.svg"
    })
public final class ExampleCommand implements Callable<Integer> {
  /** For the command line. */
  public ExampleCommand() {}

  /** Those of the paper that it is compared with. */
  private static final int INERTIA_CHANNELS = 384;

  private static final List<String> NAMES =
      List.of("quadruped", "digits", "rotations", "dynamics", "inertia");

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(
      paramLabel = "NAME",
      description = "quadruped, digits, rotations, dynamics or inertia")
  private String name = "";

  @Option(
      names = "--samples",
      split = ",",
      paramLabel = "N",
      description = "the numbers of samples (default: those of the page)")
  private List<Integer> samples = List.of();

  @Option(names = "--seeds", paramLabel = "N", description = "how many seeds (default: 5)")
  private int seeds = 5;

  @Option(
      names = "--steps",
      paramLabel = "N",
      description = "the steps of training (default: those of the page)")
  private @Nullable Integer steps;

  @Option(names = "--urdf", paramLabel = "FILE", description = "quadruped: another robot")
  private @Nullable Path urdf;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "digits, rotations: where digits.csv.gz is")
  private @Nullable Path data;

  @Option(names = "--upright", description = "digits: all digits stand upright")
  private boolean upright;

  @Option(
      names = "--plot",
      paramLabel = "FILE",
      description = "draw the results too, to *.svg or *.png")
  private @Nullable Path plot;

  @Option(names = "--csv", paramLabel = "FILE", description = "write all results to a file too")
  private @Nullable Path csv;

  @Mixin private final OutputFile output = new OutputFile();

  @Mixin private ThreadsOption threads = new ThreadsOption();

  @Override
  public Integer call() throws IOException {
    require(NAMES.contains(name), "the examples are %s, got '%s'", String.join(", ", NAMES), name);
    if (plot != null) {
      Curves.requireWritable(plot);
      output.require(plot, spec);
    }
    if (csv != null) {
      output.require(csv, spec);
    }
    threads.apply();
    Results results = results();
    spec.commandLine().getOut().print(results.toMarkdown());
    spec.commandLine().getOut().flush();
    if (csv != null) {
      byte[] table = results.toCsv().getBytes(StandardCharsets.UTF_8);
      AtomicFiles.write(csv, channel -> channel.write(ByteBuffer.wrap(table)));
    }
    if (plot != null) {
      draw(results, plot);
    }
    return 0;
  }

  private void progress(String line) {
    spec.commandLine().getErr().println(line);
    spec.commandLine().getErr().flush();
  }

  private Results results() throws IOException {
    return switch (name) {
      case "quadruped" -> {
        Quadruped task = urdf == null ? Quadruped.own() : Quadruped.of(urdf);
        double asymmetry = task.asymmetry();
        if (asymmetry > 1e-9) {
          progress(String.format(Locale.ROOT, "the robot breaks its symmetry by %.1e", asymmetry));
        }
        List<Integer> sizes = List.of(100, 300, 1000, 3000, 10_000);
        yield task.run(contest(sizes, 1500, 1e-2), 128, this::progress);
      }
      case "digits" -> {
        List<Integer> sizes = List.of(50, 100, 200, 500, 1000);
        yield digits().run(contest(sizes, 1000, 3e-3), 64, upright, this::progress);
      }
      case "rotations" ->
          new RotatedDigits(digits(), 16).run(contest(List.of(1000), 300, 1e-2), this::progress);
      case "inertia" ->
          MomentOfInertia.run(
              samples.isEmpty() ? List.of(1000, 3000) : samples,
              seeds,
              size -> steps == null ? MomentOfInertia.usualSteps(size) : steps,
              INERTIA_CHANNELS,
              this::progress);
      default -> {
        List<Integer> sizes = samples.isEmpty() ? List.of(10, 20, 30, 50, 100, 300, 1000) : samples;
        yield new Dynamics(0.1).run(sizes, seeds, this::progress);
      }
    };
  }

  private Digits digits() throws IOException {
    return Digits.read(
        requirePresent(data, "%s needs --data DIR, the folder with %s", name, Digits.FILE));
  }

  private Contest contest(List<Integer> sizes, int usual, double rate) {
    return new Contest(
        samples.isEmpty() ? sizes : samples, seeds, steps == null ? usual : steps, rate);
  }

  private static void draw(Results results, Path file) throws IOException {
    Curves curves = new Curves("", results.axis(), results.measure(), results.isBySamples());
    List<Results.Cell> cells = results.cells();
    for (String model : cells.stream().map(Results.Cell::model).distinct().toList()) {
      List<Results.Cell> own = cells.stream().filter(c -> c.model().equals(model)).toList();
      curves.add(
          model,
          own.stream().map(c -> (double) c.x()).toList(),
          own.stream().map(Results.Cell::mean).toList(),
          own.stream().map(Results.Cell::deviation).toList());
    }
    curves.write(file);
  }
}
