package dev.noether.cli.training;

import static dev.noether.algebra.Checks.require;
import static dev.noether.algebra.Checks.requirePresent;

import dev.noether.io.Checkpoint;
import dev.noether.nn.EquivariantLayer;
import dev.noether.nn.Layer;
import dev.noether.parallel.Communicator;
import dev.noether.parallel.GradientSync;
import dev.noether.torch.Dtype;
import dev.noether.train.Callback;
import dev.noether.train.Checkpoints;
import dev.noether.train.CsvLog;
import dev.noether.train.Dataset;
import dev.noether.train.EquivarianceWatch;
import dev.noether.train.History;
import dev.noether.train.ProgressBar;
import dev.noether.train.Ranks;
import dev.noether.train.Run;
import dev.noether.train.TensorBoard;
import dev.noether.train.Trainer;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Optimizer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code noether train}. */
@Command(
    name = "train",
    description = {
      "Trains a model on a file of data, as a configuration or options tell.",
      "The folder of the run gets checkpoints, a log, events for TensorBoard and the model."
    },
    footer = {
      "",
      "  noether train config.json --run first",
      "  noether train --data feet.csv --x a,b,c,d --y e,f,g,h --in 'C4: regular' --out 'C4: regular' --epochs 50",
      "  noether train config.json --run first --resume"
    })
public final class TrainCommand implements Callable<Integer> {
  /** For the command line. */
  public TrainCommand() {}

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(
      arity = "0..1",
      paramLabel = "CONFIG",
      description = "a file of JSON; options change what it says")
  private @Nullable Path config;

  @Option(
      names = "--run",
      paramLabel = "FOLDER",
      description = "where the run's files go (default: run)")
  private Path run = Path.of("run");

  @Option(names = "--resume", description = "go on with the run in the folder, killed or ended")
  private boolean resume;

  @Option(names = "--data", paramLabel = "FILE", description = "CSV, NPZ or safetensors")
  private @Nullable Path data;

  @Option(names = "--x", split = ",", paramLabel = "COLUMN", description = "the inputs' columns")
  private List<String> x = List.of();

  @Option(names = "--y", split = ",", paramLabel = "COLUMN", description = "the targets' columns")
  private List<String> y = List.of();

  @Option(names = "--in", paramLabel = "REP", description = "how inputs transform")
  private @Nullable String in;

  @Option(names = "--out", paramLabel = "REP", description = "how outputs transform")
  private @Nullable String out;

  @Option(
      names = "--hidden",
      split = ",",
      paramLabel = "WIDTH",
      description = "the widths of hidden layers")
  private List<Integer> hidden = List.of();

  @Option(names = "--epochs", paramLabel = "N", description = "how long")
  private @Nullable Integer epochs;

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description = "any key of the configuration, as optimizer.learning_rate=0.01")
  private List<String> set = List.of();

  @Mixin private RankOptions together = new RankOptions();

  @Mixin private ThreadsOption threads = new ThreadsOption();

  @Override
  public Integer call() throws IOException {
    together.requireSense();
    threads.apply();
    ObjectNode tree = tree();
    Path folder = config == null ? Path.of("") : folderOf(config);
    String name = config == null ? "the configuration" : config.toString();
    TrainingConfig told = TrainingConfig.of(name, tree, folder);
    // The copy in the run's folder must find the data too.
    put(tree, "data.file", text(told.data().file().toAbsolutePath().normalize().toString()));
    try (Communicator group =
        together.join(spec.root().commandLine().getParseResult().originalArgs())) {
      GradientSync ranks = GradientSync.of(group);
      told.trainer().ranks(ranks);
      try {
        return train(told, tree, ranks);
      } catch (RuntimeException e) {
        throw ranks.failed(e);
      } catch (IOException e) {
        ranks.failed(new UncheckedIOException(e));
        throw e;
      }
    } catch (UncheckedIOException e) {
      throw requirePresent(e.getCause(), "an IOException is its cause");
    }
  }

  private static Path folderOf(Path file) {
    Path parent = file.getParent();
    return parent == null ? Path.of("") : parent;
  }

  /** The configuration, or an empty one, and what options say. */
  private ObjectNode tree() throws IOException {
    JsonNode read = config == null ? RunFolder.MAPPER.createObjectNode() : RunFolder.json(config);
    require(read.isObject(), "%s must hold an object, {...}", config);
    ObjectNode tree = (ObjectNode) read;
    if (data != null) {
      put(tree, "data.file", text(data.toAbsolutePath().toString()));
    }
    put(tree, "data.x", x);
    put(tree, "data.y", y);
    if ((in != null || out != null || !hidden.isEmpty()) && !tree.path("model").has("type")) {
      put(tree, "model.type", text("EquivariantMlp"));
      if (hidden.isEmpty() && !tree.path("model").path("settings").has("hidden_units")) {
        put(tree, "model.settings.hidden_units", List.of(64, 64));
      }
    }
    put(tree, "model.settings.hidden_units", hidden);
    if (in != null) {
      put(tree, "model.representations.in", representation("--in", in));
    }
    if (out != null) {
      put(tree, "model.representations.out", representation("--out", out));
    }
    if (epochs != null) {
      put(tree, "epochs", RunFolder.MAPPER.getNodeFactory().numberNode(epochs));
    }
    for (String own : set) {
      int equals = own.indexOf('=');
      require(equals > 0, "--set needs KEY=VALUE, got '%s'", own);
      put(tree, own.substring(0, equals), value(own.substring(equals + 1)));
    }
    return tree;
  }

  /** Where others take {@code --out} for a folder. */
  private static JsonNode representation(String option, String given) {
    require(
        given.contains(":"),
        "%s says how data transform, as '%s \"C4: 3 x regular\"', got '%s'; the folder of a run is --run",
        option,
        option,
        given);
    return text(given);
  }

  private static JsonNode text(String text) {
    return RunFolder.MAPPER.getNodeFactory().stringNode(text);
  }

  /** JSON where it is some, else a text. */
  private static JsonNode value(String text) {
    try {
      return RunFolder.MAPPER.readTree(text);
    } catch (JacksonException e) {
      return text(text);
    }
  }

  private static void put(ObjectNode tree, String path, List<?> values) {
    if (!values.isEmpty()) {
      ArrayNode list = RunFolder.MAPPER.createArrayNode();
      values.forEach(value -> list.add(value(String.valueOf(value))));
      put(tree, path, list);
    }
  }

  private static void put(ObjectNode tree, String path, JsonNode value) {
    List<String> keys = new ArrayList<>(Arrays.asList(path.split("\\.", -1)));
    ObjectNode at = tree;
    for (String key : keys.subList(0, keys.size() - 1)) {
      at = at.get(key) instanceof ObjectNode inner ? inner : at.putObject(key);
    }
    at.set(keys.get(keys.size() - 1), value);
  }

  private int train(TrainingConfig told, ObjectNode tree, Ranks ranks) throws IOException {
    RunFolder files = new RunFolder(run);
    try (PointerScope scope = new PointerScope()) {
      Layer model = told.model();
      Dataset all = told.data().read(dtype(model));
      told.loss().requireFits(model, all);
      told.addAugmentation(model);
      Trainer.Builder trainer = told.trainer();
      trainer.callbacks(remembering(files, tree));
      for (Callback written :
          List.of(checkpoints(told), new CsvLog(files.log()), TensorBoard.in(files.events()))) {
        trainer.callbacks(told.goOnWithoutFiles() ? written.goOnWithout(this::tell) : written);
      }
      trainer.callbacks(ProgressBar.on(System.err, this::tell));
      if (told.watch() > 0 && model instanceof EquivariantLayer) {
        trainer.callbacks(new EquivarianceWatch(told.watch(), this::tell));
      }
      if (ranks.rank() == 0) {
        prepare(trainer, files, tree);
      } else if (resume) {
        trainer.resume(run); // which rank 0 reads for all
      }
      Trainer ready = trainer.build();
      Optimizer optimizer = told.optimizer().of(model);
      History history = fit(told, ready, model, optimizer, all);
      if (ranks.rank() == 0) {
        Checkpoint.save(model, files.model());
        print(history, files.model());
      }
    }
    return 0;
  }

  private void prepare(Trainer.Builder trainer, RunFolder files, ObjectNode tree)
      throws IOException {
    if (!resume) {
      files.requireNew();
      return;
    }
    Optional<Path> latest = Checkpoints.latest(run);
    files.requireSame(tree);
    require(latest.isPresent(), "%s has no checkpoint: begin anew in another folder", run);
    trainer.resume(latest.get());
  }

  /** Once nothing is refused any more. */
  private static Callback remembering(RunFolder files, JsonNode tree) {
    return new Callback() {
      @Override
      public void onStart(Run run) throws IOException {
        files.write(tree);
      }
    };
  }

  private void tell(String line) {
    spec.commandLine().getErr().println(line);
    spec.commandLine().getErr().flush();
  }

  private static Dtype dtype(Layer model) {
    return model.namedParameters().values().stream()
        .findFirst()
        .map(Dtype::of)
        .orElse(Dtype.FLOAT32);
  }

  private Checkpoints checkpoints(TrainingConfig told) {
    Checkpoints own = Checkpoints.in(run);
    return told.checkpointEvery() > 0 ? own.every(told.checkpointEvery()) : own;
  }

  private static History fit(
      TrainingConfig told, Trainer trainer, Layer model, Optimizer optimizer, Dataset all) {
    if (told.heldBack().isEmpty()) {
      told.requireFits(all);
      return trainer.fit(model, told.loss(), optimizer, all);
    }
    Dataset.Split split = all.split(told.validation(), told.seed());
    told.requireFits(split.training());
    return trainer.fit(model, told.loss(), optimizer, split.training(), split.validation());
  }

  private void print(History history, Path file) {
    PrintWriter page = spec.commandLine().getOut();
    page.printf(Locale.ROOT, "%s: %d epochs", file, history.epochs().size());
    if (!history.epochs().isEmpty()) {
      History.Epoch last = history.epochs().get(history.epochs().size() - 1);
      page.printf(Locale.ROOT, ", loss %.4g", last.loss());
    }
    history.epochs().stream()
        .filter(epoch -> epoch.validation().isPresent())
        .mapToDouble(epoch -> epoch.validation().getAsDouble())
        .min()
        .ifPresent(best -> page.printf(Locale.ROOT, ", best validation %.4g", best));
    page.println();
    page.flush();
  }
}
