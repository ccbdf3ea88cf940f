package dev.noether.nn;

import static dev.noether.algebra.Checks.require;
import static dev.noether.algebra.Checks.requirePresent;

import dev.noether.rep.Representation;
import dev.noether.torch.Dtype;
import dev.noether.torch.Scopes;
import dev.noether.torch.Tensors;
import java.util.Arrays;
import java.util.Optional;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Subtracts the mean of the batch and divides every summand of the representation by its standard
 * deviation, then scales and shifts.
 *
 * <p>The mean is the invariant one, projected onto Fix(rho); a summand s of size d_s has one
 * variance, sum |x_s - m_s|^2 / ((N - 1) d_s). Both commute with the group in any basis. In
 * training the statistics are those of the batch, in evaluation the running ones; all axes but the
 * last count as samples.
 */
public final class EquivariantBatchNorm1d extends Layer implements EquivariantLayer, PlainLayer {
  private final Representation representation;
  private final BatchNormOptions options;
  private final Tensor fixed;
  private final Tensor averages;
  private final Tensor summandStarts;
  private final @Nullable Tensor runningMean;
  private final @Nullable Tensor runningVariance;
  private final @Nullable Tensor batches;
  private final @Nullable EquivariantAffine affine;

  /**
   * A layer whose running mean is zero and whose running variance is one at first.
   *
   * @param representation how the features transform
   * @param options eps, momentum, affine, running statistics and dtype
   */
  public EquivariantBatchNorm1d(Representation representation, BatchNormOptions options) {
    this.representation = representation;
    this.options = options;
    Dtype dtype = options.dtype();
    int size = representation.size();
    fixed = registerBuffer("fixed", InvariantBias.fixedVectors(representation, dtype), false);
    summandStarts =
        registerBuffer("summand_starts", Coordinates.summandStarts(representation), false);
    averages = registerBuffer("summand_averages", averages(representation, dtype), false);
    if (options.tracksRunningStatistics()) {
      double[] ones = new double[size];
      Arrays.fill(ones, 1);
      runningMean = registerBuffer("running_mean", Tensors.of(dtype, new double[size], size), true);
      runningVariance = registerBuffer("running_var", Tensors.of(dtype, ones, size), true);
      batches = registerBuffer("num_batches_tracked", Tensors.of(new long[1]), true);
    } else {
      runningMean = null;
      runningVariance = null;
      batches = null;
    }
    affine =
        options.affine()
            ? registerChild(
                "affine_transform",
                EquivariantAffine.learnable(representation, LinearOptions.defaults().with(dtype)))
            : null;
  }

  /** The matrix that replaces every coordinate by the mean of its summand. */
  private static Tensor averages(Representation representation, Dtype dtype) {
    int size = representation.size();
    double[] entries = new double[size * size];
    int start = 0;
    for (int width : Coordinates.summandSizes(representation)) {
      for (int row = start; row < start + width; row++) {
        Arrays.fill(entries, row * size + start, row * size + start + width, 1.0 / width);
      }
      start += width;
    }
    return Tensors.of(dtype, entries, size, size);
  }

  @Override
  public Representation in() {
    return representation;
  }

  @Override
  public Representation out() {
    return representation;
  }

  /**
   * The running mean.
   *
   * @return {@code [size]}, or null where none is kept
   */
  public @Nullable Tensor runningMean() {
    return runningMean;
  }

  /**
   * The running variance, one number for every summand at each of its coordinates.
   *
   * @return {@code [size]}, or null where none is kept
   */
  public @Nullable Tensor runningVariance() {
    return runningVariance;
  }

  /**
   * Normalises a batch, and in training takes it into the running statistics.
   *
   * @param input {@code [..., size]}, in training at least two samples
   * @return {@code [..., size]}
   * @throws IllegalArgumentException if the input does not fit, or a variance is wanted of fewer
   *     than two samples
   */
  @Override
  public Tensor forward(Tensor input) {
    Tensors.requireInput(input, representation.size(), "in.size()", representation, averages);
    Tensor mean = runningMean;
    Tensor variance = runningVariance;
    if (!isTraining() && mean != null && variance != null) {
      return Scopes.compute(() -> normalised(input.sub(mean), variance));
    }
    long samples = input.numel() / representation.size();
    require(samples >= 2, "a variance needs at least 2 samples, got %d in a batch", samples);
    return Scopes.compute(() -> normalisedByBatch(input, samples));
  }

  private Tensor normalisedByBatch(Tensor input, long samples) {
    Tensor rows = input.reshape(-1, representation.size());
    Tensor mean = fixed.mv(fixed.t().mv(rows.mean(0)));
    Tensor centred = rows.add(mean.neg()); // the gradient of a difference is one pass more
    Tensor squares = centred.mul(centred).sum(0).div(new Scalar(samples - 1.0));
    Tensor variance = averages.mv(squares);
    if (isTraining()) {
      track(mean, variance);
    }
    Tensor result = normalised(centred, variance);
    return input.dim() == 2 ? result : result.reshape(Tensors.shape(input));
  }

  private Tensor normalised(Tensor centred, Tensor variance) {
    Tensor factors = variance.add(new Scalar(options.eps())).rsqrt();
    if (affine == null || !isTraining()) {
      Tensor result = centred.mul(factors);
      return affine == null ? result : affine.forward(result);
    }
    // One factor for a summand is one for each of its copies: one pass less over the features.
    return affine.rescaled(centred, factors.index_select(0, summandStarts));
  }

  private void track(Tensor mean, Tensor variance) {
    Tensor ownMean = runningMean;
    Tensor ownVariance = runningVariance;
    Tensor count = batches;
    if (ownMean == null || ownVariance == null || count == null) {
      return;
    }
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      Scalar weight = new Scalar(options.momentum());
      ownMean.lerp_(mean.detach(), weight);
      ownVariance.lerp_(variance.detach(), weight);
      count.add_(new Scalar(1L));
    }
  }

  @Override
  public <V> V plain(PlainGraph<V> graph, V x) {
    Tensor mean =
        requirePresent(runningMean, "%s has no running statistics, so no plain form", this);
    Tensor variance = requirePresent(runningVariance, "%s has no running variance", this);
    try (NoGradGuard guard = new NoGradGuard()) {
      Tensor factor = variance.add(new Scalar(options.eps())).rsqrt();
      V scaled = graph.multiply(x, graph.constant("factor", factor));
      V result = graph.add(scaled, graph.constant("shift", mean.mul(factor).neg()));
      return affine == null ? result : affine.plain(graph.at("affine_transform"), result);
    }
  }

  @Override
  public Optional<Architecture> architecture() {
    return Optional.of(
        Architecture.of(this)
            .with("in", representation)
            .with("eps", options.eps())
            .with("momentum", options.momentum())
            .with("affine", options.affine())
            .with("track_running_stats", options.tracksRunningStatistics()));
  }

  @Override
  public String toString() {
    return "EquivariantBatchNorm1d(" + representation + ")";
  }
}
