package dev.noether.nn.distribution;

import static dev.noether.algebra.Checks.require;

import dev.noether.algebra.Matrix;
import dev.noether.nn.Layer;
import dev.noether.torch.Dtype;
import dev.noether.torch.LibTorch;
import dev.noether.torch.Samples;
import dev.noether.torch.Scopes;
import dev.noether.torch.Tensors;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/** The buffers and the update rule that plain and equivariant running statistics share. */
public abstract sealed class RunningStatistics extends Layer
    permits EmaStatistics, EquivariantEmaStatistics {
  private final EmaOptions options;
  private final int sizeX;
  private final int sizeY;
  private final Tensor batches;
  private final Tensor[] running;

  RunningStatistics(int sizeX, int sizeY, EmaOptions options) {
    require(sizeX >= 1 && sizeY >= 1, "sizes must be at least 1, got %d and %d", sizeX, sizeY);
    LibTorch.load();
    this.options = options;
    this.sizeX = sizeX;
    this.sizeY = sizeY;
    batches = registerBuffer("num_batches_tracked", Tensors.of(new long[1]), true);
    Dtype dtype = options.dtype();
    running =
        new Tensor[] {
          registerBuffer("running_mean_x", Tensors.of(dtype, new double[sizeX], sizeX), true),
          registerBuffer("running_mean_y", Tensors.of(dtype, new double[sizeY], sizeY), true),
          registerBuffer("running_cov_xx", Tensors.of(dtype, Matrix.identity(sizeX)), true),
          registerBuffer("running_cov_yy", Tensors.of(dtype, Matrix.identity(sizeY)), true),
          registerBuffer(
              "running_cov_xy",
              Tensors.of(dtype, new double[Matrix.entries(sizeX, sizeY)], sizeX, sizeY),
              true)
        };
  }

  /** The mean of a batch, {@code [size]}. */
  abstract Tensor mean(Tensor batch, boolean ofX);

  /** What a second moment about a center becomes: x with x, y with y, x with y. */
  abstract Tensor[] covariances(Tensor xx, Tensor yy, Tensor xy);

  /**
   * In training takes in a batch and moves the running statistics towards it, S = (1 - momentum) S
   * + momentum S_batch; the first batch becomes the statistics. In evaluation changes nothing.
   *
   * <p>Covariances divide by N - 1, as the Python package's.
   *
   * @param x {@code [N, sizeX]}
   * @param y {@code [N, sizeY]}
   * @return the statistics after this batch, with gradients to this batch and none to those before;
   *     in evaluation the running ones
   * @throws IllegalArgumentException if shapes, dtypes or devices do not fit, in training also if N
   *     is below 2 or a number is NaN or infinite
   */
  public final EmaMoments forward(Tensor x, Tensor y) {
    long rows = requireBatch(x, "x", sizeX);
    long rowsY = requireBatch(y, "y", sizeY);
    require(rows == rowsY, "x and y must have as many samples, got %d and %d", rows, rowsY);
    if (!isTraining()) {
      return moments(Scopes.compute(() -> flat(running)));
    }
    require(rows >= 2, "a batch needs at least 2 samples for a covariance, got %d", rows);
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
        java.util.Arrays.toString(shape));
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
    Tensor meanX = mean(x, true);
    Tensor meanY = mean(y, false);
    boolean about = options.centerWithRunningMean() && batchesTracked() > 0;
    Tensor fromX = x.sub(about ? running[0] : meanX);
    Tensor fromY = y.sub(about ? running[1] : meanY);
    Scalar share = new Scalar(1.0 / (Tensors.shape(x)[0] - 1));
    Tensor[] own =
        covariances(
            fromX.t().matmul(fromX).mul(share),
            fromY.t().matmul(fromY).mul(share),
            fromX.t().matmul(fromY).mul(share));
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
      long count = shape.length == 1 ? shape[0] : shape[0] * shape[1];
      parts[i] = flat.narrow(0, start, count).reshape(shape);
      start += count;
    }
    return parts;
  }

  private EmaMoments moments(Tensor flat) {
    Tensor[] parts = split(flat);
    return new EmaMoments(parts[0], parts[1], parts[2], parts[3], parts[4]);
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
   * @return tensors that share the layer's memory: zero means and unit covariances before the first
   *     batch
   */
  public final EmaMoments running() {
    return new EmaMoments(running[0], running[1], running[2], running[3], running[4]);
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
