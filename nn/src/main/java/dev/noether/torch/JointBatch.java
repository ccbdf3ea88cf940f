package dev.noether.torch;

import static dev.noether.algebra.Checks.require;

import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A batch whose samples are spread over several processes. A layer that looks across samples, such
 * as a batch norm, takes its statistics through it, and so computes what one process would that
 * holds all samples.
 *
 * <pre>{@code
 * // 16 of 64 samples are here; instead of held -> held, a sum over the processes.
 * try (JointBatch joint = JointBatch.of(16, 64, held -> held)) {
 *   loss = model.forward(x).sub(y).pow(new Scalar(2)).mean();
 * }
 * }</pre>
 *
 * <p>It holds in the thread that opened it; opened once more inside, the inner one counts. Where
 * none is open, this process holds the whole batch, and nothing is computed at all.
 */
public final class JointBatch implements AutoCloseable {
  private static final ThreadLocal<@Nullable JointBatch> INNERMOST = new ThreadLocal<>();

  private final long own;
  private final long all;
  private final UnaryOperator<Tensor> sum;
  private final @Nullable JointBatch outer = INNERMOST.get();

  private JointBatch(long own, long all, UnaryOperator<Tensor> sum) {
    this.own = own;
    this.all = all;
    this.sum = sum;
  }

  /**
   * Begins.
   *
   * @param own the samples that this process computes, at least 1
   * @param all the samples of all processes
   * @param sum the sum of a tensor over all processes, with its gradient; every process calls it in
   *     the same order
   * @return ends when it is closed
   * @throws IllegalArgumentException if a number is below 1
   */
  public static JointBatch of(long own, long all, UnaryOperator<Tensor> sum) {
    require(own >= 1 && all >= 1, "a joint batch needs samples, got %d of %d", own, all);
    JointBatch joint = new JointBatch(own, all, sum);
    INNERMOST.set(joint);
    return joint;
  }

  /**
   * The samples of all processes.
   *
   * @param held those of this process, or a multiple of them such as places of images
   * @return the same multiple of all
   */
  public static long samples(long held) {
    JointBatch joint = INNERMOST.get();
    return joint == null ? held : Math.multiplyExact(held, joint.all) / joint.own;
  }

  /**
   * A sum over the samples of all processes.
   *
   * @param held the sum over those of this process
   * @return the sum of all of these, with gradients to this process's; the same tensor where this
   *     process holds the whole batch
   */
  public static Tensor sum(Tensor held) {
    JointBatch joint = INNERMOST.get();
    return joint == null ? held : joint.sum.apply(held);
  }

  /**
   * A mean over the samples of all processes.
   *
   * @param held the mean over those of this process
   * @param samples how many those are
   * @return the mean of all, with gradients to this process's; the same tensor where this process
   *     holds the whole batch
   */
  public static Tensor mean(Tensor held, long samples) {
    return INNERMOST.get() == null
        ? held
        : sum(held.mul(new Scalar((double) samples))).div(new Scalar((double) samples(samples)));
  }

  /**
   * Whether the batch is spread over processes.
   *
   * @return false where this process holds all of it
   */
  public static boolean isSpread() {
    return INNERMOST.get() != null;
  }

  @Override
  public void close() {
    if (outer == null) {
      INNERMOST.remove();
    } else {
      INNERMOST.set(outer);
    }
  }
}
