package dev.noether.cli.training;

import dev.noether.cli.OutputFile;
import dev.noether.train.Dataset;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.bytedeco.javacpp.PointerScope;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code noether predict}. */
@Command(
    name = "predict",
    description = "Writes what a model gives for the samples of a file.",
    footer = {
      "",
      "  noether predict run more.csv predictions.csv",
      "  noether predict model.safetensors x.npy y.npy"
    })
public final class PredictCommand implements Callable<Integer> {
  /** For the command line. */
  public PredictCommand() {}

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(index = "0", paramLabel = "MODEL", description = "a checkpoint, or a run's folder")
  private Path model = Path.of("");

  @Parameters(index = "1", paramLabel = "IN", description = "CSV, NPY, NPZ or safetensors")
  private Path in = Path.of("");

  @Parameters(
      index = "2",
      paramLabel = "OUT",
      description = "a file called *.csv, *.npy or *.safetensors")
  private Path out = Path.of("");

  @Option(names = "--x", split = ",", paramLabel = "COLUMN", description = "the inputs' columns")
  private List<String> x = List.of();

  @Mixin private final OutputFile output = new OutputFile();

  @Override
  public Integer call() throws IOException {
    DataFile.requireWritable(out);
    output.require(out, spec);
    try (PointerScope scope = new PointerScope()) {
      TrainedModel trained = TrainedModel.open(model);
      boolean array = in.toString().toLowerCase(Locale.ROOT).endsWith(".npy");
      List<String> columns = array ? List.of() : trained.columns("x", x);
      Dataset samples = trained.read(in, Map.of("x", columns));
      List<String> names =
          trained
              .config()
              .map(own -> own.data().columns().getOrDefault("y", List.of()))
              .orElse(List.of());
      DataFile.write(out, trained.predict(samples), names);
      spec.commandLine().getOut().printf(Locale.ROOT, "%s: %,d predictions%n", out, samples.size());
      spec.commandLine().getOut().flush();
    }
    return 0;
  }
}
