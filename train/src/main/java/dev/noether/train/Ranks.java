package dev.noether.train;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.noether.nn.Layer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Supplier;
import org.bytedeco.pytorch.Tensor;

/**
 * The processes that train one model together, each on its share of every batch, numbered from 0.
 * They compute what one process would that takes whole batches; {@code GradientSync} of the
 * artifact {@code noether-parallel} connects them.
 *
 * <p>A batch is that of all ranks together, so settings and checkpoints of a run mean the same on
 * any number of them. Callbacks run on rank 0.
 */
public interface Ranks {
  /**
   * One process by itself, as it is unless a trainer is told otherwise.
   *
   * @return a single rank, which exchanges nothing
   */
  static Ranks alone() {
    return Alone.ONE;
  }

  /**
   * Which one this is.
   *
   * @return from 0 to {@link #size} - 1
   */
  int rank();

  /**
   * How many there are.
   *
   * @return at least 1
   */
  int size();

  /**
   * Before the first step: makes sure that all ranks were told the same, and gets ready for the
   * gradients of a model.
   *
   * @param model the model
   * @param told what must be the same on all ranks, by the names that a refusal tells
   * @throws IllegalArgumentException if a rank was told something else; all ranks throw it
   */
  void begin(Layer model, Map<String, Long> told);

  /**
   * Gives the numbers of rank 0 to all.
   *
   * @param tensors of the same names, shapes and dtypes on all ranks; changed in place
   */
  void share(Map<String, Tensor> tensors);

  /**
   * Gives a file of rank 0 to all.
   *
   * @param file where it is on rank 0
   * @return where it is on this rank
   * @throws IOException if it cannot be read or written
   */
  Path received(Path file) throws IOException;

  /**
   * Computes a part of a batch, forward and backward, so that layers see the statistics of all of
   * it.
   *
   * @param share the part of this rank
   * @param last whether the step's gradients are complete with it, so that they may be on their way
   *     while the rest is computed
   * @param body the computation
   */
  void compute(Share share, boolean last, Runnable body);

  /**
   * Adds up the gradients over all ranks, in place: every rank has the same to the bit.
   *
   * @param numbers some more to add up
   * @return waits for the sums of those, which may be on their way while the gradients are used;
   *     asked once, before anything else is exchanged
   */
  Supplier<double[]> reduce(double... numbers);

  /**
   * Adds up a number over all ranks.
   *
   * @param own that of this rank
   * @return the sum, the same to the bit on every rank
   */
  double sum(double own);

  /**
   * Lets rank 0 decide.
   *
   * @param own what this rank would say
   * @return what rank 0 says
   */
  boolean ofFirst(boolean own);

  /** After the last step. */
  void end();

  /**
   * Tells the other ranks that this one cannot go on, so that they do not wait for it.
   *
   * @param reason what was thrown here, which may come from another rank
   * @return what to throw: the reason, or which rank it came from
   */
  @CanIgnoreReturnValue
  RuntimeException failed(RuntimeException reason);

  /**
   * The part of a batch that a rank computes.
   *
   * @param from where it begins in the epoch's order
   * @param to where it ends
   * @param counted how many of its samples count: all of them, or none where there are more ranks
   *     than samples and this one computes a sample of another
   * @param all the samples of the batch
   */
  record Share(long from, long to, long counted, long all) {
    static Share of(long from, long to, Ranks ranks) {
      long all = to - from;
      long first = from + all * ranks.rank() / ranks.size();
      long end = from + all * (ranks.rank() + 1) / ranks.size();
      return end > first
          ? new Share(first, end, end - first, all)
          : new Share(from, from + 1, 0, all);
    }
  }
}
