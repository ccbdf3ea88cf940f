package dev.noether.cli.training;

import static dev.noether.algebra.Checks.require;

import dev.noether.Noether;
import dev.noether.cli.training.ConfigObject.Bound;
import dev.noether.io.Checkpoint;
import dev.noether.nn.Architecture;
import dev.noether.nn.EquivariantLayer;
import dev.noether.nn.Layer;
import dev.noether.nn.LayerRegistry;
import dev.noether.train.Augmentation;
import dev.noether.train.Dataset;
import dev.noether.train.ParameterGroups;
import dev.noether.train.Schedule;
import dev.noether.train.Trainer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.bytedeco.pytorch.Adam;
import org.bytedeco.pytorch.AdamOptions;
import org.bytedeco.pytorch.AdamWOptions;
import org.bytedeco.pytorch.Optimizer;
import org.bytedeco.pytorch.SGD;
import org.bytedeco.pytorch.SGDOptions;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * What {@code noether train} is told. Reading it checks every word; nothing is built yet.
 *
 * @param architecture the model
 * @param data its file and columns
 * @param validation which part of the samples is held back, 0 for none
 * @param loss what is made small
 * @param optimizer its kind and numbers
 * @param trainer how long and how
 * @param batchSize samples in a batch
 * @param seed of everything that is drawn
 * @param augment whether batches are moved by the group
 * @param checkpointEvery steps between checkpoints inside an epoch, 0 for none
 * @param goOnWithoutFiles whether a file that cannot be written leaves the run alone
 * @param watch the largest error of the watch, 0 for none
 */
record TrainingConfig(
    Architecture architecture,
    DataFile data,
    double validation,
    LossChoice loss,
    OptimizerChoice optimizer,
    Trainer.Builder trainer,
    int batchSize,
    long seed,
    boolean augment,
    long checkpointEvery,
    boolean goOnWithoutFiles,
    double watch) {
  /** What may differ when a run is resumed: it may be longer, and tell of itself otherwise. */
  static final List<String> FREE =
      List.of(
          "epochs",
          "steps",
          "minutes",
          "checkpoint_every",
          "go_on_without_files",
          "watch",
          "prefetch");

  private static final JsonMapper MAPPER = new JsonMapper();

  /** An optimizer by name. */
  record OptimizerChoice(String type, double rate, double decay, double momentum) {
    Optimizer of(Layer model) {
      return switch (type) {
        case "sgd" -> {
          SGDOptions options = new SGDOptions(rate);
          options.momentum().put(momentum);
          options.weight_decay().put(decay);
          yield new SGD(model.parameters(), options);
        }
        case "adam" -> {
          AdamOptions options = new AdamOptions(rate);
          options.weight_decay().put(decay);
          yield new Adam(model.parameters(), options);
        }
        default -> {
          AdamWOptions options = new AdamWOptions(rate);
          options.weight_decay().put(decay);
          yield ParameterGroups.of(model).adamW(options);
        }
      };
    }
  }

  /**
   * Reads a configuration.
   *
   * @param name what messages call it
   * @param tree its JSON
   * @param folder what its file of data is relative to
   */
  static TrainingConfig of(String name, JsonNode tree, Path folder) {
    ConfigObject config = new ConfigObject(name, tree);
    JsonNode model =
        config
            .tree("model")
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        name + " needs a 'model': an object, or --in and --out"));
    ConfigObject data =
        config
            .object("data")
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        name + " needs 'data': an object, or --data, --x and --y"));
    Map<String, List<String>> columns = new LinkedHashMap<>();
    columns.put("x", data.texts("x"));
    columns.put("y", data.texts("y"));
    DataFile file = new DataFile(folder.resolve(data.needed("file")), columns);
    double validation = data.number("validation", Bound.BELOW_1).orElse(0.2);
    data.requireNothingElse();
    LossChoice loss = LossChoice.named(config.choice("loss", "mse", LossChoice.names()));
    OptimizerChoice optimizer = optimizer(config);
    long seed = config.whole("seed").orElse(0);
    int batchSize = config.count("batch_size", 1).orElse(32);
    Trainer.Builder trainer = trainer(config, seed).batchSize(batchSize);
    TrainingConfig read =
        new TrainingConfig(
            architecture(name, model),
            file,
            validation,
            loss,
            optimizer,
            trainer,
            batchSize,
            seed,
            config.flag("augment", false),
            config.whole("checkpoint_every", 0).orElse(0),
            config.flag("go_on_without_files", false),
            config.number("watch", Bound.NOT_NEGATIVE).orElse(1e-3));
    config.requireNothingElse();
    config.requireOneOf("to know how long", "epochs", "steps", "minutes");
    return read;
  }

  /** Numbers and lists of JSON are as good as the texts of a checkpoint. */
  private static Architecture architecture(String name, JsonNode model) {
    new ConfigObject(name + ": 'model'", model).needed("type");
    ObjectNode copy = (ObjectNode) model.deepCopy();
    if (copy.get("settings") instanceof ObjectNode settings) {
      for (String key : List.copyOf(settings.propertyNames())) {
        JsonNode value = settings.get(key);
        settings.put(key, value.isArray() ? list(value) : value.asString());
      }
    }
    return Checkpoint.architecture(MAPPER.writeValueAsString(copy));
  }

  private static String list(JsonNode values) {
    StringBuilder text = new StringBuilder();
    values.forEach(v -> text.append(text.isEmpty() ? "[" : ", ").append(v.asString()));
    return text.append(']').toString();
  }

  private static OptimizerChoice optimizer(ConfigObject config) {
    ConfigObject own =
        config
            .object("optimizer")
            .orElseGet(() -> new ConfigObject("'optimizer'", MAPPER.createObjectNode()));
    String type = own.choice("type", "adamw", List.of("adamw", "adam", "sgd"));
    OptimizerChoice choice =
        new OptimizerChoice(
            type,
            own.number("learning_rate", Bound.POSITIVE).orElse(1e-3),
            own.number("weight_decay", Bound.NOT_NEGATIVE).orElse(type.equals("adamw") ? 1e-2 : 0),
            type.equals("sgd") ? own.number("momentum", Bound.NOT_NEGATIVE).orElse(0) : 0);
    own.requireNothingElse();
    return choice;
  }

  private static Trainer.Builder trainer(ConfigObject config, long seed) {
    Trainer.Builder trainer = Trainer.builder().seed(seed);
    config.count("epochs", 1).ifPresent(trainer::epochs);
    config.whole("steps", 1).ifPresent(trainer::steps);
    config
        .number("minutes", Bound.POSITIVE)
        .ifPresent(x -> trainer.time(Duration.ofMillis(Math.max(1, Math.round(x * 60_000)))));
    config.count("validate_every", 1).ifPresent(trainer::validateEvery);
    config.count("accumulate", 1).ifPresent(trainer::accumulate);
    config.count("stop_early", 1).ifPresent(trainer::stopEarly);
    config.count("prefetch", 0).ifPresent(trainer::prefetch);
    config.requireNotBoth("clip_norm", "clip_value");
    config.number("clip_norm", Bound.POSITIVE).ifPresent(trainer::clipNorm);
    config.number("clip_value", Bound.POSITIVE).ifPresent(trainer::clipValue);
    config.number("average_weights", Bound.BETWEEN_0_AND_1).ifPresent(trainer::averageWeights);
    config
        .object("reduce_on_plateau")
        .ifPresent(
            own -> {
              trainer.reduceOnPlateau(
                  own.number("factor", Bound.BETWEEN_0_AND_1).orElse(0.5),
                  own.count("validations", 1).orElse(5));
              own.requireNothingElse();
            });
    config.object("schedule").ifPresent(own -> trainer.schedule(schedule(own)));
    return trainer;
  }

  private static Schedule schedule(ConfigObject own) {
    String type =
        own.choice(
            "type", "constant", List.of("constant", "step", "cosine", "polynomial", "one_cycle"));
    long steps = type.equals("constant") ? 0 : neededSteps(own);
    Schedule base =
        switch (type) {
          case "step" -> Schedule.step(steps, own.number("factor", Bound.POSITIVE).orElse(0.1));
          case "cosine" -> Schedule.cosine(steps);
          case "polynomial" ->
              Schedule.polynomial(steps, own.number("power", Bound.POSITIVE).orElse(1));
          case "one_cycle" -> Schedule.oneCycle(steps);
          default -> Schedule.constant();
        };
    OptionalLong warmUp = own.whole("warm_up", 1);
    own.requireNothingElse();
    return warmUp.isPresent() ? Schedule.warmUp(warmUp.getAsLong(), base) : base;
  }

  private static long neededSteps(ConfigObject own) {
    return own.whole("steps", 1)
        .orElseThrow(
            () -> new IllegalArgumentException(own.where() + " needs 'steps', a whole number"));
  }

  /** A new model, whose weights follow from the seed unless the configuration gives it one. */
  Layer model() {
    Noether.seed(seed);
    return LayerRegistry.standard().build(architecture);
  }

  void addAugmentation(Layer model) {
    if (augment) {
      require(
          model instanceof EquivariantLayer,
          "'augment' moves samples by the group of the model's in and out; %s has none",
          model);
      EquivariantLayer equivariant = (EquivariantLayer) model;
      trainer.augment(Augmentation.byGroup(Map.of("x", equivariant.in(), "y", equivariant.out())));
    }
  }

  void requireFits(Dataset training) {
    require(
        training.size() >= batchSize,
        "'batch_size' is %d, and the training data have only %d samples: choose a smaller one",
        batchSize,
        training.size());
  }

  OptionalDouble heldBack() {
    return validation > 0 ? OptionalDouble.of(validation) : OptionalDouble.empty();
  }
}
