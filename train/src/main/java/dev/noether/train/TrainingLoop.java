package dev.noether.train;

import dev.noether.io.Checkpoint;
import dev.noether.nn.Layer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.function.Function;
import java.util.function.Supplier;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Optimizer;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/** One run of a trainer. Between two steps, {@link TrainingState} and the tensors are all of it. */
final class TrainingLoop implements Run {
  private static final String AVERAGE = "run.average.";
  private static final String BEST = "run.best.";

  private final TrainingSettings settings;
  private final Layer model;
  private final Optimizer optimizer;
  private final RunData data;
  private final Function<Map<String, Tensor>, Tensor> loss;
  private final TrainingState state = new TrainingState();
  private final LearningRates rates;
  private final TensorVector parameters;
  private final boolean trainsAll;
  private final @Nullable AveragedWeights averages;
  private final Map<String, Tensor> best = new LinkedHashMap<>();
  private final Map<String, Long> identity;

  /** Of the run as a whole: what must outlive the scope of a step. */
  private final @Nullable PointerScope runScope = PointerScope.getInnerScope();

  private final long start = System.nanoTime();
  private double stepLoss = Double.NaN;
  private boolean resumed;
  private boolean isBest;
  private boolean stopped;

  private TrainingLoop(
      TrainingSettings settings,
      Layer model,
      Optimizer optimizer,
      RunData data,
      Function<Map<String, Tensor>, Tensor> loss) {
    this.settings = settings;
    this.model = model;
    this.optimizer = optimizer;
    this.data = data;
    this.loss = loss;
    this.trainsAll = RunData.requireParameters(model, optimizer);
    this.rates = new LearningRates(optimizer);
    this.parameters = model.parameters();
    this.averages =
        settings.averaging().isPresent()
            ? new AveragedWeights(model, settings.averaging().getAsDouble())
            : null;
    this.identity = identity();
  }

  static History run(
      TrainingSettings settings,
      Layer model,
      Optimizer optimizer,
      RunData data,
      Function<Map<String, Tensor>, Tensor> loss) {
    try (PointerScope scope = new PointerScope()) {
      return new TrainingLoop(settings, model, optimizer, data, loss).run();
    } catch (IOException e) {
      throw new UncheckedIOException(e.getMessage(), e);
    }
  }

  /** What must be the same on a resume, by the name that a refusal tells. */
  private Map<String, Long> identity() {
    Map<String, Long> own = new LinkedHashMap<>();
    own.put("model", TrainingState.fingerprint(model.trainedState()));
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
    double[] learning = rates.rates();
    for (int i = 0; i < learning.length; i++) {
      own.put("learning rate of group " + i, Double.doubleToLongBits(learning[i]));
    }
    own.put("training data", data.training().fingerprint());
    data.validation().ifPresent(own2 -> own.put("validation data", own2.fingerprint()));
    return own;
  }

  private History run() throws IOException {
    try {
      resume();
      for (Callback callback : settings.callbacks()) {
        callback.onStart(this);
      }
      while (isEpochPending() || !isDone()) {
        epoch();
      }
      History partial = state.samples > 0 ? withPartialEpoch() : state.history;
      for (Callback callback : settings.callbacks()) {
        callback.onEnd(this);
      }
      finish();
      return partial;
    } finally {
      rates.scale(1);
      model.zeroGrad();
      model.eval();
    }
  }

  /** The weights that it was all for, and a generator that follows from how far the run is. */
  private void finish() {
    if (!best.isEmpty()) {
      model.loadTrained(best);
    } else if (averages != null) {
      averages.exchange();
    }
    Draws.seedLayers(settings.seed(), state.batches);
  }

  private void resume() throws IOException {
    if (settings.resume().isEmpty()) {
      return;
    }
    Path file = settings.resume().get();
    try (PointerScope scope = new PointerScope()) {
      TrainingState.requireSame(file, Checkpoint.extra(file), identity);
      Map<String, Tensor> extra = Checkpoint.resume(model, optimizer, file);
      state.restore(extra);
      try (NoGradGuard guard = new NoGradGuard()) {
        if (averages != null) {
          averages
              .tensors()
              .forEach((name, own) -> own.copy_(Objects.requireNonNull(extra.get(AVERAGE + name))));
        }
      }
      extra.forEach(
          (name, tensor) -> {
            if (name.startsWith(BEST)) {
              best.put(name.substring(BEST.length()), outside(scope, tensor));
            }
          });
    }
    resumed = true;
  }

  /** Hands a tensor from an inner scope to that of the run. */
  private Tensor outside(PointerScope inner, Tensor tensor) {
    Objects.requireNonNull(runScope).attach(tensor);
    inner.detach(tensor);
    return tensor;
  }

  /** A run may have been saved after the last step of an epoch, before its end. */
  private boolean isEpochPending() {
    return state.samples == data.training().size();
  }

  private boolean isDone() {
    return stopped
        || (settings.epochs().isPresent() && state.epoch >= settings.epochs().getAsInt())
        || (settings.steps().isPresent() && state.steps >= settings.steps().getAsLong())
        || (settings.patience().isPresent() && state.sinceBest >= settings.patience().getAsInt())
        || (settings.time().isPresent()
            && System.nanoTime() - start > settings.time().get().toNanos());
  }

  /** From where the run is to the end of the epoch, or of the run. */
  private void epoch() throws IOException {
    model.train();
    long[] order = data.order(state.epoch);
    try (BatchFeed feed = new BatchFeed(data, order, state.samples, settings.prefetch())) {
      while (state.samples < order.length) {
        step(feed);
        for (Callback callback : settings.callbacks()) {
          callback.onStep(this);
        }
        if (state.samples < order.length && isDone()) {
          return;
        }
      }
    }
    endEpoch();
  }

  private void endEpoch() throws IOException {
    boolean validates = (state.epoch + 1) % settings.validateEvery() == 0;
    model.eval();
    History.Epoch ended = ended(validates);
    isBest = ended.validation().isPresent() && judge(ended.validation().getAsDouble());
    state.history = state.history.plus(ended);
    state.epoch++;
    state.samples = 0;
    state.lossSum = 0;
    for (Callback callback : settings.callbacks()) {
      callback.onEpochEnd(this, ended);
    }
    isBest = false;
  }

  private History.Epoch ended(boolean validates) {
    return new History.Epoch(
        Math.toIntExact(state.epoch + 1),
        state.steps,
        state.lossSum / state.samples,
        state.learningRate,
        validates && data.validation().isPresent()
            ? OptionalDouble.of(evaluated(this::validate))
            : OptionalDouble.empty());
  }

  /** A run that ends inside an epoch tells of that too, but does not remember it. */
  private History withPartialEpoch() {
    model.eval();
    return state.history.plus(ended(true));
  }

  private boolean judge(double validation) {
    boolean better = validation < state.bestLoss;
    settings.plateau().ifPresent(plateau -> plateau.judge(state, better));
    if (!better) {
      state.sinceBest++;
      return false;
    }
    state.bestLoss = validation;
    state.sinceBest = 0;
    if (settings.patience().isPresent()) {
      evaluated(this::keepBest);
    }
    return true;
  }

  private double keepBest() {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      model
          .trainedState()
          .forEach(
              (name, tensor) -> {
                Tensor kept = best.get(name);
                if (kept == null) {
                  best.put(name, outside(scope, tensor.clone()));
                } else {
                  kept.copy_(tensor);
                }
              });
    }
    return state.bestLoss;
  }

  /** With the weights that are evaluated in place of those that train. */
  private <T, E extends Exception> T evaluated(Evaluation<T, E> evaluation) throws E {
    if (averages == null) {
      return evaluation.run();
    }
    averages.exchange();
    try {
      return evaluation.run();
    } finally {
      averages.exchange();
    }
  }

  @FunctionalInterface
  private interface Evaluation<T, E extends Exception> {
    T run() throws E;
  }

  private double validate() {
    DataSource samples = data.validation().orElseThrow();
    double sum = 0;
    for (long from = 0; from < samples.size(); from += data.batchSize()) {
      int count = (int) Math.min(data.batchSize(), samples.size() - from);
      try (PointerScope scope = new PointerScope();
          NoGradGuard guard = new NoGradGuard()) {
        Map<String, Tensor> batch = samples.range(from, count);
        sum += count * finite("validation loss", loss.apply(batch), batch, () -> {});
      }
    }
    return sum / samples.size();
  }

  private double finite(String what, Tensor value, Map<String, Tensor> batch, Runnable seed) {
    double number = value.item().toDouble();
    if (!Double.isFinite(number)) {
      Supplier<Tensor> again =
          () -> {
            seed.run();
            return loss.apply(batch);
          };
      throw NonFinite.loss(what, number, state.steps, model, batch, again);
    }
    return number;
  }

  private void step(BatchFeed feed) {
    long end = state.samples;
    for (int i = 0; i < settings.accumulate() && end < data.training().size(); i++) {
      end = data.batchEnd(end);
    }
    long group = end - state.samples;
    double before = state.lossSum;
    clearGradients();
    while (state.samples < end) {
      batch(feed, data.batchEnd(state.samples) - state.samples, group);
    }
    try (PointerScope scope = new PointerScope()) {
      clip();
      double factor = settings.schedule().at(state.steps) * state.plateauFactor;
      rates.scale(factor);
      optimizer.step();
      state.learningRate = rates.rates()[0] * factor;
    }
    state.steps++;
    stepLoss = (state.lossSum - before) / group;
    if (averages != null) {
      averages.update();
    }
  }

  /** Adds the gradient of a batch, as its part of all samples of the step. */
  private void batch(BatchFeed feed, long count, long group) {
    try (PointerScope scope = new PointerScope()) {
      Map<String, Tensor> batch = feed.next();
      Draws.seedLayers(settings.seed(), state.batches);
      if (settings.augmentation().isPresent()) {
        batch =
            settings
                .augmentation()
                .get()
                .apply(batch, Draws.augmentation(settings.seed(), state.batches));
      }
      Tensor value = loss.apply(batch);
      Runnable seed = () -> Draws.seedLayers(settings.seed(), state.batches);
      state.lossSum += count * finite("loss", value, batch, seed);
      (count == group ? value : value.mul(new Scalar((double) count / group))).backward();
      state.samples += count;
      state.batches++;
    }
  }

  /** By one native call where it can: at small steps each of the others counts. */
  private void clearGradients() {
    if (trainsAll) {
      optimizer.zero_grad();
    } else {
      model.zeroGrad();
    }
  }

  private void clip() {
    settings.clipValue().ifPresent(size -> torch.clip_grad_value_(parameters, size));
    settings
        .clipNorm()
        .ifPresent(
            length -> {
              if (!Double.isFinite(torch.clip_grad_norm_(parameters, length))) {
                throw NonFinite.gradient(state.steps, model);
              }
            });
  }

  @Override
  public Layer model() {
    return model;
  }

  @Override
  public History history() {
    return state.history;
  }

  @Override
  public long steps() {
    return state.steps;
  }

  @Override
  public double loss() {
    return stepLoss;
  }

  @Override
  public double learningRate() {
    return state.learningRate;
  }

  @Override
  public long stepsPerEpoch() {
    return (data.batches() + settings.accumulate() - 1) / settings.accumulate();
  }

  @Override
  public OptionalLong lastStep() {
    long byEpochs =
        settings.epochs().isPresent()
            ? stepsPerEpoch() * settings.epochs().getAsInt()
            : Long.MAX_VALUE;
    long last = Math.min(byEpochs, settings.steps().orElse(Long.MAX_VALUE));
    return last == Long.MAX_VALUE ? OptionalLong.empty() : OptionalLong.of(last);
  }

  @Override
  public boolean isResumed() {
    return resumed;
  }

  @Override
  public boolean isBest() {
    return isBest;
  }

  @Override
  public void stop() {
    stopped = true;
  }

  @Override
  public void save(Path path) throws IOException {
    try (PointerScope scope = new PointerScope()) {
      Map<String, Tensor> extra = new LinkedHashMap<>(state.toTensors(identity));
      if (averages != null) {
        averages.tensors().forEach((name, tensor) -> extra.put(AVERAGE + name, tensor));
      }
      best.forEach((name, tensor) -> extra.put(BEST + name, tensor));
      Checkpoint.saveRun(model, optimizer, extra, path);
    }
  }

  @Override
  public void saveModel(Path path) throws IOException {
    evaluated(
        (Evaluation<Path, IOException>)
            () -> {
              Checkpoint.save(model, path);
              return path;
            });
  }
}
