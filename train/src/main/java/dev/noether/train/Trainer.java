package dev.noether.train;

import static dev.noether.algebra.Checks.require;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.noether.nn.Layer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.bytedeco.pytorch.Optimizer;
import org.jspecify.annotations.Nullable;

/**
 * Trains a model.
 *
 * <pre>{@code
 * History history =
 *     Trainer.builder().epochs(50).batchSize(64).seed(1).build()
 *         .fit(model, Loss.meanSquaredError(), optimizer, training, validation);
 * }</pre>
 *
 * <p>The order of samples, what layers draw and the augmentation depend on the seed and on how far
 * the run is, on nothing else. A run that {@link Checkpoints} saved and {@link Builder#resume}
 * continues gives the same bytes as one that never stopped.
 *
 * <p>Every batch has its own native scope. Training seeds LibTorch's generators; afterwards their
 * state follows from the seed and the number of batches.
 */
public final class Trainer {
  private final TrainingSettings settings;

  private Trainer(TrainingSettings settings) {
    this.settings = settings;
  }

  /**
   * A trainer to be told what to do: at least how long, by epochs, steps or time.
   *
   * @return a new builder
   */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Trains a model without validation.
   *
   * @param <L> the type of the model
   * @param model the model, trained in place; in evaluation mode afterwards
   * @param loss what to make small
   * @param optimizer an optimizer of the model's parameters
   * @param training the samples
   * @return what happened
   * @throws IllegalArgumentException as {@link #fit(Layer, Loss, Optimizer, DataSource,
   *     DataSource)}
   * @throws NonFiniteException as there
   */
  @CanIgnoreReturnValue
  public <L extends Layer> History fit(
      L model, Loss<? super L> loss, Optimizer optimizer, DataSource training) {
    return fit(model, loss, optimizer, training, Optional.empty());
  }

  /**
   * Trains a model and validates it.
   *
   * @param <L> the type of the model
   * @param model the model, trained in place; in evaluation mode afterwards, with averaged weights
   *     if that was asked for, and with the best ones if it may stop early
   * @param loss what to make small
   * @param optimizer an optimizer of the model's parameters
   * @param training the samples
   * @param validation samples that it does not train on
   * @return what happened
   * @throws IllegalArgumentException if model, data and optimizer do not fit each other, there are
   *     fewer samples than a batch has, or a run to resume is another one; nothing is changed then
   * @throws NonFiniteException if a loss or a gradient is not finite
   * @throws java.io.UncheckedIOException if a file of the run cannot be read or written
   */
  @CanIgnoreReturnValue
  public <L extends Layer> History fit(
      L model,
      Loss<? super L> loss,
      Optimizer optimizer,
      DataSource training,
      DataSource validation) {
    return fit(model, loss, optimizer, training, Optional.of(validation));
  }

  private <L extends Layer> History fit(
      L model,
      Loss<? super L> loss,
      Optimizer optimizer,
      DataSource training,
      Optional<DataSource> validation) {
    try {
      return checked(model, loss, optimizer, training, validation);
    } catch (RuntimeException e) {
      throw settings.ranks().failed(e);
    } catch (Error e) {
      settings.ranks().failed(new IllegalStateException(e.toString(), e));
      throw e;
    }
  }

  private <L extends Layer> History checked(
      L model,
      Loss<? super L> loss,
      Optimizer optimizer,
      DataSource training,
      Optional<DataSource> validation) {
    RunData data = RunData.of(settings, training, validation);
    loss.requireFits(model, seen(training));
    validation.ifPresent(samples -> loss.requireFits(model, seen(samples)));
    require(
        settings.patience().isEmpty() || validation.isPresent(),
        "stopping early needs validation data, got none");
    require(
        settings.plateau().isEmpty() || validation.isPresent(),
        "reduceOnPlateau needs validation data, got none");
    return TrainingLoop.run(settings, model, optimizer, data, batch -> loss.of(model, batch));
  }

  /** What is in memory, or one sample of what is not. */
  private static Dataset seen(DataSource data) {
    return data instanceof Dataset all ? all : RunData.first(data, 1);
  }

  /** Tells a trainer what to do. */
  public static final class Builder {
    private OptionalInt epochs = OptionalInt.empty();
    private OptionalLong steps = OptionalLong.empty();
    private @Nullable Duration time;
    private int batchSize = 32;
    private long seed;
    private int validateEvery = 1;
    private int accumulate = 1;
    private OptionalDouble clipNorm = OptionalDouble.empty();
    private OptionalDouble clipValue = OptionalDouble.empty();
    private OptionalDouble averaging = OptionalDouble.empty();
    private OptionalInt patience = OptionalInt.empty();
    private @Nullable Plateau plateau;
    private int prefetch;
    private OptionalInt overfitBatches = OptionalInt.empty();
    private Schedule schedule = Schedule.constant();
    private @Nullable Augmentation augmentation;
    private final List<Callback> callbacks = new ArrayList<>();
    private @Nullable Path resume;
    private boolean fast;
    private Ranks ranks = Ranks.alone();

    private Builder() {}

    private static int positive(String name, int value) {
      require(value >= 1, "%s must be at least 1, got %d", name, value);
      return value;
    }

    private static OptionalDouble positive(String name, double value) {
      require(value > 0, "%s must be positive, got %s", name, value);
      return OptionalDouble.of(value);
    }

    /**
     * Ends after so many epochs, those before a resume included.
     *
     * @param count at least 1
     * @return this builder
     */
    @CanIgnoreReturnValue
    public Builder epochs(int count) {
      epochs = OptionalInt.of(positive("epochs", count));
      return this;
    }

    /**
     * Ends after so many steps of the optimizer, those before a resume included, also inside an
     * epoch.
     *
     * @param count at least 1
     * @return this builder
     */
    @CanIgnoreReturnValue
    public Builder steps(long count) {
      require(count >= 1, "steps must be at least 1, got %d", count);
      steps = OptionalLong.of(count);
      return this;
    }

    /**
     * Ends after the first step that is done later than this. How many those are depends on the
     * machine; everything else stays the same from run to run.
     *
     * @param limit how long
     * @return this builder
     */
    @CanIgnoreReturnValue
    public Builder time(Duration limit) {
      require(!limit.isNegative() && !limit.isZero(), "time must be positive, got %s", limit);
      time = limit;
      return this;
    }

    /**
     * How many samples are in a batch; 32 unless told. The last batch of an epoch has the rest; a
     * rest of one sample, with which a batch norm can do nothing, joins the batch before it.
     *
     * @param samples at least 1
     * @return this builder
     */
    @CanIgnoreReturnValue
    public Builder batchSize(int samples) {
      batchSize = positive("batchSize", samples);
      return this;
    }

    /**
     * What all that the run draws follows from; 0 unless told. The weights of a new model follow
     * from its own seed, or from {@code Noether.seed}.
     *
     * @param number any number
     * @return this builder
     */
    @CanIgnoreReturnValue
    public Builder seed(long number) {
      seed = number;
      return this;
    }

    /**
     * Validates after every so many epochs; after each unless told.
     *
     * @param count at least 1
     * @return this builder
     */
    @CanIgnoreReturnValue
    public Builder validateEvery(int count) {
      validateEvery = positive("validateEvery", count);
      return this;
    }

    /**
     * Makes one step of so many batches, as one batch of all their samples would.
     *
     * @param batches at least 1
     * @return this builder
     */
    @CanIgnoreReturnValue
    public Builder accumulate(int batches) {
      accumulate = positive("accumulate", batches);
      return this;
    }

    /**
     * Shortens the gradient of all parameters together to a length, and stops before a step whose
     * gradient is not finite.
     *
     * @param length the largest norm
     * @return this builder
     */
    @CanIgnoreReturnValue
    public Builder clipNorm(double length) {
      clipNorm = positive("clipNorm", length);
      return this;
    }

    /**
     * Cuts every entry of the gradients to a size.
     *
     * @param size the largest absolute value
     * @return this builder
     */
    @CanIgnoreReturnValue
    public Builder clipValue(double size) {
      clipValue = positive("clipValue", size);
      return this;
    }

    /**
     * Evaluates, and ends with, an exponential moving average of the weights.
     *
     * @param decay how much of the average stays at each step, such as 0.999
     * @return this builder
     */
    @CanIgnoreReturnValue
    public Builder averageWeights(double decay) {
      require(decay > 0 && decay < 1, "decay must be between 0 and 1, got %s", decay);
      averaging = OptionalDouble.of(decay);
      return this;
    }

    /**
     * Stops when so many validations in a row are not better than the best one, and ends with the
     * best weights, whatever ends the run.
     *
     * @param validations at least 1
     * @return this builder
     */
    @CanIgnoreReturnValue
    public Builder stopEarly(int validations) {
      patience = OptionalInt.of(positive("stopEarly", validations));
      return this;
    }

    /**
     * Lowers the learning rates when so many validations in a row are not better than the best one,
     * and again after as many; besides the schedule, of which this is no part because it remembers.
     *
     * @param factor what they are multiplied by, between 0 and 1
     * @param validations at least 1
     * @return this builder
     */
    @CanIgnoreReturnValue
    public Builder reduceOnPlateau(double factor, int validations) {
      require(factor > 0 && factor < 1, "factor must be between 0 and 1, got %s", factor);
      plateau = new Plateau(factor, positive("reduceOnPlateau", validations));
      return this;
    }

    /**
     * Lets another thread make batches ahead, for data that take their time: files larger than
     * memory, samples that are computed. The run is the same to the byte.
     *
     * @param batches how many at most wait; 0, as it is unless told, makes each when it is needed
     * @return this builder
     */
    @CanIgnoreReturnValue
    public Builder prefetch(int batches) {
      require(batches >= 0, "prefetch must be at least 0, got %d", batches);
      prefetch = batches;
      return this;
    }

    /**
     * How the learning rates change; constant unless told.
     *
     * @param own a function of the step
     * @return this builder
     */
    @CanIgnoreReturnValue
    public Builder schedule(Schedule own) {
      schedule = own;
      return this;
    }

    /**
     * Changes every batch before the model sees it in training.
     *
     * @param own such as {@link Augmentation#byGroup}
     * @return this builder
     */
    @CanIgnoreReturnValue
    public Builder augment(Augmentation own) {
      augmentation = own;
      return this;
    }

    /**
     * Adds what happens besides training, in this order.
     *
     * @param more such as {@link Checkpoints}
     * @return this builder
     */
    @CanIgnoreReturnValue
    public Builder callbacks(Callback... more) {
      callbacks.addAll(List.of(more));
      return this;
    }

    /**
     * Continues a run. Model, optimizer, data and this builder must be made as for the run that was
     * saved; it may be told to last longer. A difference in schedule, augmentation or loss, which
     * are code, cannot be seen.
     *
     * @param file what {@link Run#save} wrote, such as {@link Checkpoints#latest}; resume only
     *     files that you wrote
     * @return this builder
     */
    @CanIgnoreReturnValue
    public Builder resume(Path file) {
      resume = file;
      return this;
    }

    /**
     * Tries everything quickly: one step and one batch of validation, without callbacks.
     *
     * @return this builder
     */
    @CanIgnoreReturnValue
    public Builder fastDevRun() {
      fast = true;
      return this;
    }

    /**
     * Trains on, and validates with, the first batches alone, in the same order in every epoch: a
     * model that can learn should bring this loss near zero.
     *
     * @param batches at least 1
     * @return this builder
     */
    @CanIgnoreReturnValue
    public Builder overfitBatches(int batches) {
      overfitBatches = OptionalInt.of(positive("overfitBatches", batches));
      return this;
    }

    /**
     * Trains together with other processes, of which each computes its share of every batch. All of
     * them must be told the same; callbacks run on rank 0.
     *
     * @param own such as {@code GradientSync} of the artifact {@code noether-parallel}
     * @return this builder
     */
    @CanIgnoreReturnValue
    public Builder ranks(Ranks own) {
      ranks = own;
      return this;
    }

    /**
     * The trainer.
     *
     * @return a trainer that may be used again
     * @throws IllegalArgumentException if it was not told how long to train
     */
    public Trainer build() {
      require(
          fast || epochs.isPresent() || steps.isPresent() || time != null,
          "a trainer needs to know how long: tell it epochs, steps or time");
      require(clipNorm.isEmpty() || clipValue.isEmpty(), "clip by norm or by value, not by both");
      return new Trainer(
          new TrainingSettings(
              fast ? OptionalInt.of(1) : epochs,
              fast ? OptionalLong.of(1) : steps,
              Optional.ofNullable(time),
              batchSize,
              seed,
              validateEvery,
              fast ? 1 : accumulate,
              clipNorm,
              clipValue,
              averaging,
              patience,
              Optional.ofNullable(plateau),
              prefetch,
              fast ? OptionalInt.of(1) : overfitBatches,
              schedule,
              Optional.ofNullable(augmentation),
              fast ? List.of() : List.copyOf(callbacks),
              fast ? Optional.empty() : Optional.ofNullable(resume),
              fast,
              ranks));
    }
  }
}
