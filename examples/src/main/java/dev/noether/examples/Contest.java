package dev.noether.examples;

import static dev.noether.algebra.Checks.require;

import dev.noether.nn.Layer;
import dev.noether.train.Augmentation;
import dev.noether.train.Dataset;
import dev.noether.train.Loss;
import dev.noether.train.ParameterGroups;
import dev.noether.train.Schedule;
import dev.noether.train.Trainer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.LongFunction;
import java.util.function.ToDoubleFunction;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Adam;
import org.bytedeco.pytorch.AdamOptions;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;

/**
 * Trains each model on the same data in the same way: Adam along a cosine for a number of steps,
 * the weights that are best on a fifth of the samples, which are held back.
 *
 * @param sizes the numbers of samples
 * @param seeds how many seeds, from 0
 * @param steps the steps of training
 * @param rate the learning rate at the start
 */
public record Contest(List<Integer> sizes, int seeds, int steps, double rate) {
  private static final int BATCH = 64;
  private static final double HELD_BACK = 0.2;
  private static final int STEPS_BETWEEN_VALIDATIONS = 50;

  /**
   * Checks the numbers.
   *
   * @param sizes the numbers of samples, at least 10 each
   * @param seeds how many seeds
   * @param steps the steps of training
   * @param rate the learning rate at the start
   * @throws IllegalArgumentException if one is out of range
   */
  public Contest {
    sizes = List.copyOf(sizes);
    require(
        !sizes.isEmpty() && sizes.stream().allMatch(size -> size >= 10),
        "sizes must be at least 10 samples each, got %s",
        sizes);
    require(seeds >= 1, "seeds must be at least 1, got %d", seeds);
    require(steps >= 1, "steps must be at least 1, got %d", steps);
    require(rate > 0, "the learning rate must be positive, got %s", rate);
  }

  /**
   * One who takes part.
   *
   * @param <L> the type of the model
   * @param name its name in the table
   * @param model a new model, as a function of the seed
   * @param loss what it makes small
   * @param augmentation what happens to its batches
   * @param error its error on samples that it was not trained on
   */
  record Entrant<L extends Layer>(
      String name,
      LongFunction<L> model,
      Loss<? super L> loss,
      Optional<Augmentation> augmentation,
      ToDoubleFunction<L> error) {
    double trained(Contest contest, Dataset data, long seed) {
      L own = model.apply(seed);
      contest.train(own, loss, data, augmentation, seed);
      try (NoGradGuard guard = new NoGradGuard()) {
        return error.applyAsDouble(own);
      }
    }
  }

  /**
   * Gives the weights of a new equivariant network the variance that PyTorch gives those of a plain
   * one, a third of Glorot's, so that both begin alike.
   */
  static <L extends Layer> L asSmallAsPlain(L model) {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      ParameterGroups.of(model)
          .weights()
          .forEach(weight -> weight.mul_(new Scalar(1 / Math.sqrt(3))));
    }
    return model;
  }

  /** Everyone on every number of samples, from every seed; a line of progress for each. */
  List<Results.Row> run(
      List<? extends Entrant<?>> entrants,
      BiFunction<Integer, Long, Dataset> data,
      Consumer<String> progress) {
    List<Results.Row> rows = new ArrayList<>();
    for (int size : sizes) {
      for (long seed = 0; seed < seeds; seed++) {
        for (Entrant<?> entrant : entrants) {
          try (PointerScope scope = new PointerScope()) {
            double error = entrant.trained(this, data.apply(size, seed), seed);
            rows.add(new Results.Row(entrant.name(), size, seed, error));
            progress.accept(
                String.format(
                    Locale.ROOT,
                    "%s, %d samples, seed %d: %.4g",
                    entrant.name(),
                    size,
                    seed,
                    error));
          }
        }
      }
    }
    return rows;
  }

  /** Trains a model, which ends with the weights that are best on what is held back. */
  <L extends Layer> void train(
      L model, Loss<? super L> loss, Dataset all, Optional<Augmentation> augmentation, long seed) {
    Dataset.Split split = all.split(HELD_BACK, seed);
    int batch = (int) Math.min(BATCH, split.training().size());
    long stepsOfEpoch = split.training().size() / batch;
    Trainer.Builder trainer =
        Trainer.builder()
            .steps(steps)
            .batchSize(batch)
            .seed(seed)
            .schedule(Schedule.cosine(steps))
            .validateEvery((int) Math.max(1, STEPS_BETWEEN_VALIDATIONS / stepsOfEpoch))
            .stopEarly(Integer.MAX_VALUE);
    augmentation.ifPresent(trainer::augment);
    trainer
        .build()
        .fit(
            model,
            loss,
            new Adam(model.parameters(), new AdamOptions(rate)),
            split.training(),
            split.validation());
  }
}
