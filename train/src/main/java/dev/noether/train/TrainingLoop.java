package dev.noether.train;

import dev.noether.io.Checkpoint;
import dev.noether.nn.Layer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
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
  private final Ranks ranks;
  private final List<Callback> callbacks;
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
  private boolean firstDecides;
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
    this.ranks = settings.ranks();
    this.callbacks = ranks.rank() == 0 ? settings.callbacks() : List.of();
    this.rates = new LearningRates(optimizer);
    this.parameters = model.parameters();
    this.averages =
        settings.averaging().isPresent()
            ? new AveragedWeights(model, settings.averaging().getAsDouble())
            : null;
    this.identity = TrainingState.identity(settings, model, data, rates.rates());
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

  private History run() throws IOException {
    try {
      begin();
      for (Callback callback : callbacks) {
        callback.onStart(this);
      }
      while (isEpochPending() || !isDone()) {
        epoch();
      }
      History partial = state.samples > 0 ? withPartialEpoch() : state.history;
      for (Callback callback : callbacks) {
        callback.onEnd(this);
      }
      finish();
      ranks.end();
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
    Draws.seedLayers(settings.seed(), state.batches, ranks.rank());
  }

  /** All ranks begin with the weights of rank 0, or with its checkpoint. */
  private void begin() throws IOException {
    Map<String, Long> told = new LinkedHashMap<>(identity);
    settings.epochs().ifPresent(epochs -> told.put("epochs", (long) epochs));
    settings.steps().ifPresent(steps -> told.put("steps", steps));
    settings.patience().ifPresent(patience -> told.put("stopEarly", (long) patience));
    told.put("resume", settings.resume().isPresent() ? 1L : 0L);
    ranks.begin(model, told);
    boolean maySayStop = settings.time().isPresent() || !settings.callbacks().isEmpty();
    firstDecides = ranks.sum(maySayStop ? 1 : 0) > 0;
    if (settings.resume().isPresent()) {
      resume(ranks.received(settings.resume().get()));
    } else {
      ranks.share(model.trainedState());
      if (averages != null) {
        ranks.share(averages.tensors());
      }
    }
  }

  private void resume(Path file) throws IOException {
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
    boolean isDoneHere = isDoneHere();
    return firstDecides ? ranks.ofFirst(isDoneHere) : isDoneHere;
  }

  /** A clock, and what a callback decides, differ from rank to rank; nothing else does. */
  private boolean isDoneHere() {
    return stopped
        || (settings.epochs().isPresent() && state.epoch >= settings.epochs().getAsInt())
        || (settings.steps().isPresent() && state.steps >= settings.steps().getAsLong())
        || (settings.patience().isPresent() && state.sinceBest >= settings.patience().getAsInt())
        || (settings.time().isPresent()
            && Duration.ofNanos(System.nanoTime() - start).compareTo(settings.time().get()) > 0);
  }

  /** From where the run is to the end of the epoch, or of the run. */
  private void epoch() throws IOException {
    model.train();
    long[] order = data.order(state.epoch);
    try (BatchFeed feed = new BatchFeed(data, order, state.samples, settings.prefetch(), ranks)) {
      while (state.samples < order.length) {
        step(feed);
        for (Callback callback : callbacks) {
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
    for (Callback callback : callbacks) {
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

  /** Every rank evaluates whole batches of its own. */
  private double validate() {
    DataSource samples = data.validation().orElseThrow();
    long stride = (long) data.batchSize() * ranks.size();
    double sum = 0;
    for (long from = (long) data.batchSize() * ranks.rank();
        from < samples.size();
        from += stride) {
      int count = (int) Math.min(data.batchSize(), samples.size() - from);
      try (PointerScope scope = new PointerScope();
          NoGradGuard guard = new NoGradGuard()) {
        Map<String, Tensor> batch = samples.range(from, count);
        sum += count * finite("validation loss", loss.apply(batch), batch, () -> {});
      }
    }
    return ranks.sum(sum) / samples.size();
  }

  private double finite(String what, Tensor value, Map<String, Tensor> batch, Runnable seed) {
    double number = value.item_double();
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
    List<Long> ends = new ArrayList<>();
    long end = state.samples;
    for (int i = 0; i < settings.accumulate() && end < data.training().size(); i++) {
      end = data.batchEnd(end);
      ends.add(end);
    }
    long group = end - state.samples;
    double before = state.lossSum;
    double[] losses = new double[ends.size()];
    for (int i = 0; i < losses.length; i++) {
      losses[i] = batch(feed, ends, i, group);
    }
    Supplier<double[]> sums = ranks.reduce(losses);
    try (PointerScope scope = new PointerScope()) {
      clip();
      double factor = settings.schedule().at(state.steps) * state.plateauFactor;
      rates.scale(factor);
      optimizer.step();
      state.learningRate = rates.rates()[0] * factor;
    }
    for (double sum : sums.get()) {
      state.lossSum += sum;
    }
    state.steps++;
    stepLoss = (state.lossSum - before) / group;
    if (averages != null) {
      averages.update();
    }
  }

  /** Adds the gradient of a batch, as its part of all samples of the step; gives its loss. */
  private double batch(BatchFeed feed, List<Long> ends, int number, long group) {
    long end = ends.get(number);
    Ranks.Share share = Ranks.Share.of(state.samples, end, ranks);
    double[] sum = new double[1];
    try (PointerScope scope = new PointerScope()) {
      Map<String, Tensor> given = feed.next();
      if (number == 0) {
        clearGradients();
      }
      Runnable seed = () -> Draws.seedLayers(settings.seed(), state.batches, ranks.rank());
      seed.run();
      Map<String, Tensor> batch = augmented(given);
      ranks.compute(
          share,
          number == ends.size() - 1,
          () -> {
            Tensor value = loss.apply(batch);
            long count = share.counted();
            sum[0] = count * finite("loss", value, batch, seed);
            (count == group ? value : value.mul(new Scalar((double) count / group))).backward();
          });
    }
    state.samples = end;
    state.batches++;
    return sum[0];
  }

  private Map<String, Tensor> augmented(Map<String, Tensor> batch) {
    return settings
        .augmentation()
        .map(
            own ->
                own.apply(batch, Draws.augmentation(settings.seed(), state.batches, ranks.rank())))
        .orElse(batch);
  }

  /**
   * By one native call where it can: at small steps each of the others counts. A batch is there
   * already: what it takes keeps the C library from giving freed pages back to the system.
   */
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
