package dev.noether.train;

import static dev.noether.algebra.Checks.require;

import dev.noether.nn.Layer;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.stream.LongStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Optimizer;
import org.bytedeco.pytorch.OptimizerParamGroupVector;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;

/** The samples of a run and their order. */
record RunData(
    DataSource training,
    Optional<DataSource> validation,
    int batchSize,
    long seed,
    boolean shuffled) {
  static RunData of(
      TrainingSettings settings, DataSource training, Optional<DataSource> validation) {
    int batchSize = settings.batchSize();
    require(
        training.size() >= batchSize,
        "a batch has %d samples, the training data have only %d: choose a smaller batch",
        batchSize,
        training.size());
    require(
        batchSize >= settings.ranks().size(),
        "a batch has %d samples, fewer than the %d ranks that share it: choose a larger batchSize, or "
            + "fewer ranks",
        batchSize,
        settings.ranks().size());
    if (settings.overfitBatches().isEmpty()) {
      return new RunData(training, validation, batchSize, settings.seed(), true);
    }
    long samples = (long) settings.overfitBatches().getAsInt() * batchSize;
    DataSource few = first(training, samples);
    Optional<DataSource> judged =
        validation.map(own -> settings.fast() ? first(own, batchSize) : few);
    return new RunData(few, judged, batchSize, settings.seed(), false);
  }

  static Dataset first(DataSource data, long samples) {
    try (PointerScope scope = new PointerScope()) {
      return new Dataset(data.batch(numbers(Math.min(samples, data.size()))));
    }
  }

  private static long[] numbers(long count) {
    return LongStream.range(0, count).toArray();
  }

  /** The samples of an epoch, in order. */
  long[] order(long epoch) {
    return shuffled ? Draws.order(training.size(), seed, epoch) : numbers(training.size());
  }

  /**
   * Where a batch ends. A last batch of one sample, with which a batch norm can do nothing, is part
   * of the one before it.
   */
  long batchEnd(long from) {
    long end = Math.min(from + batchSize, training.size());
    return batchSize > 1 && training.size() - end == 1 ? training.size() : end;
  }

  /** The batches of an epoch. */
  long batches() {
    long whole = training.size() / batchSize;
    long rest = training.size() % batchSize;
    return rest == 0 || (rest == 1 && batchSize > 1) ? whole : whole + 1;
  }

  /**
   * Checks that an optimizer changes this model and nothing else.
   *
   * @return whether it changes all of the model
   */
  static boolean requireParameters(Layer model, Optimizer optimizer) {
    try (PointerScope scope = new PointerScope()) {
      Set<Long> own = new HashSet<>();
      for (Tensor parameter : model.namedParameters().values()) {
        own.add(parameter.unsafeGetTensorImpl().address());
      }
      OptimizerParamGroupVector groups = optimizer.param_groups();
      long count = 0;
      long others = 0;
      for (long group = 0; group < groups.size(); group++) {
        TensorVector trained = groups.get(group).params();
        for (long i = 0; i < trained.size(); i++) {
          count++;
          others += own.contains(trained.get(i).unsafeGetTensorImpl().address()) ? 0 : 1;
        }
      }
      require(
          count > 0 && others == 0,
          "the optimizer must have parameters of the model, %d of its %d are others: make it of "
              + "model.parameters()",
          others,
          count);
      return count == own.size();
    }
  }
}
