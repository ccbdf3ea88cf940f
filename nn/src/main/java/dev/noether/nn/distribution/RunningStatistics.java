package dev.noether.nn.distribution;

import static dev.noether.algebra.Checks.require;

import dev.noether.algebra.Matrix;
import dev.noether.nn.Layer;
import dev.noether.torch.Dtype;
import dev.noether.torch.JointBatch;
import dev.noether.torch.LibTorch;
import dev.noether.torch.Samples;
import dev.noether.torch.Scopes;
import dev.noether.torch.Tensors;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/** The buffers and the update rule that plain and equivariant running statistics share. */
public abstract sealed class RunningStatistics extends Layer
    permits EmaStatistics, SymmetricStatistics {
  private final EmaOptions options;
  private final int sizeX;
  private final int sizeY;
  private final Tensor batches;
  private final Tensor[] running;

  /**
   * Statistics of two signals.
   *
   * @param covariances the first values of the covariances of x and y and of the cross-covariance,
   *     in the form in which they are kept
   * @param suffix what their names end with
   */
  RunningStatistics(
      int sizeX, int sizeY, EmaOptions options, List<Tensor> covariances, String suffix) {
    this.options = options;
    this.sizeX = sizeX;
    this.sizeY = sizeY;
    batches = registerBuffer("num_batches_tracked", Tensors.of(new long[1]), true);
    Dtype dtype = options.dtype();
    running =
        new Tensor[] {
          registerBuffer("running_mean_x", Tensors.of(dtype, new double[sizeX], sizeX), true),
          registerBuffer("running_mean_y", Tensors.of(dtype, new double[sizeY], sizeY), true),
          registerBuffer("running_cov_xx" + suffix, covariances.get(0), true),
          registerBuffer("running_cov_yy" + suffix, covariances.get(1), true),
          registerBuffer("running_cov_xy" + suffix, covariances.get(2), true)
        };
  }

  /** Unit covariances, and no cross-covariance. */
  static List<Tensor> unit(int sizeX, int sizeY, Dtype dtype) {
    require(sizeX >= 1 && sizeY >= 1, "sizes must be at least 1, got %d and %d", sizeX, sizeY);
    LibTorch.load();
    return List.of(
        Tensors.of(dtype, Matrix.identity(sizeX)),
        Tensors.of(dtype, Matrix.identity(sizeY)),
        Tensors.of(dtype, new double[Matrix.entries(sizeX, sizeY)], sizeX, sizeY));
  }

  /** The mean of a batch, {@code [size]}. */
  abstract Tensor mean(Tensor batch, boolean ofX);

  /** What is kept of second moments about a center: x with x, y with y, x with y. */
  abstract Tensor[] covariances(Tensor xx, Tensor yy, Tensor xy);

  /** The dense covariances of what is kept. */
  EmaMoments dense(Tensor[] kept) {
    return new EmaMoments(kept[0], kept[1], kept[2], kept[3], kept[4]);
  }

  /** What a sum of squares of as many samples is divided by. */
  abstract long degreesOfFreedom(long samples);

  /**
   * In training takes in a batch and moves the running statistics towards it, S = (1 - momentum) S
   * + momentum S_batch; the first batch becomes the statistics. In evaluation changes nothing.
   *
   * @param x {@code [N, sizeX]}
   * @param y {@code [N, sizeY]}
   * @return the statistics after this batch, with gradients to this batch and none to those before;
   *     in evaluation the running ones
   * @throws IllegalArgumentException if shapes, dtypes or devices do not fit, in training also if
   *     there are too few samples for a covariance or a number is NaN or infinite
   */
  public final EmaMoments forward(Tensor x, Tensor y) {
    long rows = requireBatch(x, "x", sizeX);
    long rowsY = requireBatch(y, "y", sizeY);
    require(rows == rowsY, "x and y must have as many samples, got %d and %d", rows, rowsY);
    if (!isTraining()) {
      return moments(Scopes.compute(() -> flat(running)));
    }
    require(
        degreesOfFreedom(JointBatch.samples(rows)) >= 1,
        "a batch needs at least %d samples for a covariance, got %d",
        1 + rows - degreesOfFreedom(rows),
        rows);
    Samples.requireFinite(x, "x", 0);
    Samples.requireFinite(y, "y", 0);
    Tensor next = Scopes.compute(() -> blended(x, y));
    store(next);
    return moments(next);
  }

  private long requireBatch(Tensor batch, String name, int size) {
    long[] shape = Tensors.shape(batch);
    require(
        shape.length == 2 && shape[1] == size,
        "%s must be [N, %d], got %s",
        name,
        size,
        Arrays.toString(shape));
    Tensors.requireInput(batch, size, "size of " + name, this, running[0]);
    return shape[0];
  }

  private Tensor blended(Tensor x, Tensor y) {
    Tensor batch = flat(batch(x, y));
    if (batchesTracked() == 0) {
      return batch;
    }
    double momentum = options.momentum();
    return flat(running).mul(new Scalar(1 - momentum)).add(batch.mul(new Scalar(momentum)));
  }

  private Tensor[] batch(Tensor x, Tensor y) {
    Tensor meanX = JointBatch.mean(mean(x, true), x.size(0));
    Tensor meanY = JointBatch.mean(mean(y, false), y.size(0));
    boolean about = options.centerWithRunningMean() && batchesTracked() > 0;
    Tensor fromX = x.sub(about ? running[0] : meanX);
    Tensor fromY = y.sub(about ? running[1] : meanY);
    Scalar share = new Scalar(1.0 / degreesOfFreedom(JointBatch.samples(x.size(0))));
    Tensor[] own =
        covariances(
            JointBatch.sum(fromX.t().matmul(fromX).mul(share)),
            JointBatch.sum(fromY.t().matmul(fromY).mul(share)),
            JointBatch.sum(fromX.t().matmul(fromY).mul(share)));
    return new Tensor[] {meanX, meanY, own[0], own[1], own[2]};
  }

  private static Tensor flat(Tensor[] parts) {
    Tensor[] rows = new Tensor[parts.length];
    for (int i = 0; i < parts.length; i++) {
      rows[i] = parts[i].reshape(-1);
    }
    return Tensors.concatenate(0, rows);
  }

  private Tensor[] split(Tensor flat) {
    Tensor[] parts = new Tensor[running.length];
    long start = 0;
    for (int i = 0; i < parts.length; i++) {
      long[] shape = Tensors.shape(running[i]);
      long count = running[i].numel();
      parts[i] = flat.narrow(0, start, count).reshape(shape);
      start += count;
    }
    return parts;
  }

  private EmaMoments moments(Tensor flat) {
    return dense(split(flat));
  }

  private void store(Tensor next) {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      Tensor[] parts = split(next);
      for (int i = 0; i < running.length; i++) {
        running[i].copy_(parts[i]);
      }
      batches.add_(new Scalar(1L));
    }
  }

  /**
   * The number of batches taken in.
   *
   * @return 0 before the first
   */
  public final long batchesTracked() {
    try (PointerScope scope = new PointerScope()) {
      return batches.item().toLong();
    }
  }

  /**
   * The running statistics.
   *
   * @return zero means and unit covariances before the first batch; what is kept as it is shares
   *     the layer's memory
   */
  public final EmaMoments running() {
    return dense(running);
  }

  /**
   * How the statistics are kept.
   *
   * @return the options
   */
  public final EmaOptions options() {
    return options;
  }

  final int sizeX() {
    return sizeX;
  }

  final int sizeY() {
    return sizeY;
  }
}
