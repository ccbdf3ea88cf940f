package dev.noether.train;

import static dev.noether.algebra.Checks.require;
import static dev.noether.algebra.Checks.requirePresent;

import dev.noether.nn.Layer;
import dev.noether.torch.Dtype;
import dev.noether.torch.Tensors;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.bytedeco.pytorch.Tensor;

/** How far a run is: all that it needs besides weights and the optimizer's state. */
final class TrainingState {
  private static final String COUNTS = "run.counts";
  private static final String LOSSES = "run.losses";
  private static final String HISTORY = "run.history";
  private static final String SETTING = "run.setting.";

  /** Epochs that have ended. */
  long epoch;

  /** Samples of this epoch that have been trained on. */
  long samples;

  /** Batches of the whole run. */
  long batches;

  /** Steps of the optimizer in the whole run. */
  long steps;

  /** Validations since the best one. */
  long sinceBest;

  /** Validations since the best one or the last fall of the learning rates. */
  long sinceFall;

  /** The sum of losses of samples in this epoch. */
  double lossSum;

  double learningRate;
  double plateauFactor = 1;
  double bestLoss = Double.POSITIVE_INFINITY;
  History history = new History(List.of());

  /** What must be the same on a resume, by the name that a refusal tells. */
  static Map<String, Long> identity(
      TrainingSettings settings, Layer model, RunData data, double[] learning) {
    Map<String, Long> own = new LinkedHashMap<>();
    own.put("model", fingerprint(model.trainedState()));
    own.put("seed", settings.seed());
    own.put("batchSize", (long) settings.batchSize());
    own.put("accumulate", (long) settings.accumulate());
    own.put("validateEvery", (long) settings.validateEvery());
    settings.clipNorm().ifPresent(x -> own.put("clipNorm", Double.doubleToLongBits(x)));
    settings.clipValue().ifPresent(x -> own.put("clipValue", Double.doubleToLongBits(x)));
    settings.averaging().ifPresent(x -> own.put("averageWeights", Double.doubleToLongBits(x)));
    settings.overfitBatches().ifPresent(x -> own.put("overfitBatches", (long) x));
    settings.patience().ifPresent(x -> own.put("stopEarly", 1L));
    settings
        .plateau()
        .ifPresent(
            x -> {
              own.put("factor of reduceOnPlateau", Double.doubleToLongBits(x.factor()));
              own.put("validations of reduceOnPlateau", (long) x.patience());
            });
    for (int i = 0; i < learning.length; i++) {
      own.put("learning rate of group " + i, Double.doubleToLongBits(learning[i]));
    }
    own.put("training data", data.training().fingerprint());
    data.validation().ifPresent(own2 -> own.put("validation data", own2.fingerprint()));
    return own;
  }

  /** As tensors of a checkpoint, with the settings that must be the same on a resume. */
  Map<String, Tensor> toTensors(Map<String, Long> settings) {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    long[] counts = {epoch, samples, batches, steps, sinceBest, sinceFall};
    tensors.put(COUNTS, Tensors.of(counts, counts.length));
    double[] losses = {lossSum, learningRate, bestLoss, plateauFactor};
    tensors.put(LOSSES, Tensors.of(Dtype.FLOAT64, losses, losses.length));
    tensors.put(HISTORY, history.toTensor());
    settings.forEach(
        (name, value) -> tensors.put(SETTING + name, Tensors.of(new long[] {value}, 1)));
    return tensors;
  }

  /** Tells models apart by the names and shapes of what is saved of them. */
  static long fingerprint(Map<String, Tensor> state) {
    long hash = 1;
    for (Map.Entry<String, Tensor> e : state.entrySet()) {
      String text =
          e.getKey()
              + Arrays.toString(Tensors.shape(e.getValue()))
              + Tensors.dtypeName(e.getValue());
      hash = 1_000_003 * hash + text.hashCode();
    }
    return hash;
  }

  /** Checks that a file holds a run with these settings. */
  static void requireSame(Path file, Map<String, Tensor> tensors, Map<String, Long> settings) {
    require(
        tensors.containsKey(COUNTS),
        "%s holds no run of the trainer: resume a file that Checkpoints or Run.save wrote",
        file);
    settings.forEach(
        (name, value) -> {
          Tensor saved =
              requirePresent(
                  tensors.get(SETTING + name), "%s: the run had no '%s', this one has", file, name);
          require(
              whole(saved)[0] == value,
              "%s: the run had another '%s' than this one: resume it with the same, or begin a new "
                  + "one",
              file,
              name);
        });
    tensors.keySet().stream()
        .filter(name -> name.startsWith(SETTING))
        .map(name -> name.substring(SETTING.length()))
        .forEach(
            name ->
                require(
                    settings.containsKey(name),
                    "%s: the run had '%s', this one has not: resume it with the same",
                    file,
                    name));
  }

  /** Becomes what {@link #toTensors} told. */
  void restore(Map<String, Tensor> tensors) {
    long[] counts = whole(Objects.requireNonNull(tensors.get(COUNTS)));
    epoch = counts[0];
    samples = counts[1];
    batches = counts[2];
    steps = counts[3];
    sinceBest = counts[4];
    sinceFall = counts[5];
    double[] losses = Tensors.toArray(Objects.requireNonNull(tensors.get(LOSSES)));
    lossSum = losses[0];
    learningRate = losses[1];
    bestLoss = losses[2];
    plateauFactor = losses[3];
    history = History.of(Objects.requireNonNull(tensors.get(HISTORY)));
  }

  private static long[] whole(Tensor tensor) {
    long[] values = new long[Math.toIntExact(tensor.numel())];
    tensor.data_ptr_long().get(values);
    return values;
  }
}
