package dev.noether.cli.training;

import static dev.noether.algebra.Checks.require;

import dev.noether.nn.Equivariance;
import dev.noether.nn.EquivariantLayer;
import dev.noether.train.Dataset;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code noether evaluate}. */
@Command(
    name = "evaluate",
    description = "Tells how well a model does on data, and how exact its symmetry is.",
    footer = {"", "  noether evaluate run", "  noether evaluate run more.csv"})
public final class EvaluateCommand implements Callable<Integer> {
  /** For the command line. */
  public EvaluateCommand() {}

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(index = "0", paramLabel = "MODEL", description = "a checkpoint, or a run's folder")
  private Path model = Path.of("");

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "DATA",
      description = "CSV, NPZ or safetensors (default: the data of the run)")
  private @Nullable Path data;

  @Option(names = "--x", split = ",", paramLabel = "COLUMN", description = "the inputs' columns")
  private List<String> x = List.of();

  @Option(names = "--y", split = ",", paramLabel = "COLUMN", description = "the targets' columns")
  private List<String> y = List.of();

  @Option(
      names = "--loss",
      paramLabel = "LOSS",
      description =
          "mse, l1, smooth_l1, huber, binary_cross_entropy_with_logits, cross_entropy (default: the"
              + " loss of the run)")
  private @Nullable String loss;

  @Override
  public Integer call() throws IOException {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      TrainedModel trained = TrainedModel.open(model);
      require(
          data != null || trained.config().isPresent(),
          "%s is no run's: which data? Name a file after it",
          model);
      Path file = data == null ? trained.config().orElseThrow().data().file() : data;
      Map<String, List<String>> columns = new LinkedHashMap<>();
      columns.put("x", trained.columns("x", x));
      columns.put("y", trained.columns("y", y));
      LossChoice chosen = chosen(trained);
      Dataset samples = trained.read(file, columns);
      chosen.requireFits(trained.model(), samples);
      print(trained, chosen, samples);
    }
    return 0;
  }

  private LossChoice chosen(TrainedModel trained) {
    if (loss == null) {
      return trained.config().map(TrainingConfig::loss).orElse(LossChoice.MSE);
    }
    require(
        LossChoice.names().contains(loss),
        "--loss must be one of %s, got '%s'",
        String.join(", ", LossChoice.names()),
        loss);
    return LossChoice.named(loss);
  }

  private void print(TrainedModel trained, LossChoice chosen, Dataset samples) {
    PrintWriter page = spec.commandLine().getOut();
    Tensor outputs = trained.predict(samples);
    double value = chosen.between(outputs, samples.tensor("y")).item().toDouble();
    page.printf(Locale.ROOT, "%s %.6g on %,d samples%n", chosen.word(), value, samples.size());
    if (chosen == LossChoice.CROSS_ENTROPY) {
      page.printf(Locale.ROOT, "accuracy %.2f %%%n", 100 * accuracy(outputs, samples));
    }
    if (trained.model() instanceof EquivariantLayer equivariant) {
      int few = (int) Math.min(64, samples.size());
      Equivariance.Report report =
          Equivariance.check(equivariant, samples.tensor("x").narrow(0, 0, few));
      page.printf(
          Locale.ROOT,
          "equivariant to %.1e, relative to the largest output%n",
          report.relativeError());
    }
    page.flush();
  }

  private static double accuracy(Tensor outputs, Dataset samples) {
    Tensor found = outputs.argmax(new org.bytedeco.pytorch.LongOptional(-1), false);
    Tensor right = found.eq(samples.tensor("y").reshape(-1)).sum();
    return right.item().toDouble() / samples.size();
  }
}
