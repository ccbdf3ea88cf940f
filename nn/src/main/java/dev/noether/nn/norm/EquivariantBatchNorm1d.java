package dev.noether.nn.norm;

import static dev.noether.algebra.Checks.require;
import static dev.noether.algebra.Checks.requirePresent;

import dev.noether.nn.EquivariantLayer;
import dev.noether.nn.LayerType;
import dev.noether.nn.linear.AffineOptions;
import dev.noether.nn.linear.EquivariantAffine;
import dev.noether.nn.linear.FixedVectors;
import dev.noether.plain.PlainGraph;
import dev.noether.plain.PlainLayer;
import dev.noether.rep.Representation;
import dev.noether.spectral.Coordinates;
import dev.noether.spectral.CopywiseForm;
import dev.noether.spectral.CostModel.CopyWork;
import dev.noether.spectral.SpectralCopies;
import dev.noether.spectral.SpectralForm;
import dev.noether.spectral.SpectralLayer;
import dev.noether.spectral.Spectrum;
import dev.noether.torch.Buffers;
import dev.noether.torch.Dtype;
import dev.noether.torch.JointBatch;
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
 * last count as samples. Where processes hold a batch together, its statistics are of all.
 */
public final class EquivariantBatchNorm1d extends EquivariantLayer
    implements PlainLayer, SpectralLayer {
  /** How an architecture describes it. */
  public static final LayerType<EquivariantBatchNorm1d> TYPE =
      LayerType.independentOfBases(EquivariantBatchNorm1d.class)
          .representation("in", EquivariantBatchNorm1d::in)
          .settings(BatchStatisticsOptions.SETTINGS, layer -> layer.options)
          .builds(
              s ->
                  new EquivariantBatchNorm1d(s.representation("in"), BatchStatisticsOptions.of(s)));

  private static final CopyWork WORK = new CopyWork(1.5, 1.5);

  private final BatchStatisticsOptions options;
  private final FixedVectors fixed;
  private final Tensor summandOf;
  private final Tensor summandOfCopy;
  private final Tensor summandStarts;
  private final Tensor shares;
  private final @Nullable Tensor runningMean;
  private final @Nullable Tensor runningVariance;
  private final @Nullable Tensor batches;
  private final @Nullable EquivariantAffine affine;
  private volatile @Nullable Checked checked;

  /** What was found out about running statistics of these versions. */
  private record Checked(long mean, long variance, boolean isDiagonal) {}

  /**
   * A layer whose running mean is zero and whose running variance is one at first.
   *
   * @param representation how the features transform
   * @param options eps, momentum, affine, running statistics and dtype
   */
  public EquivariantBatchNorm1d(Representation representation, BatchStatisticsOptions options) {
    super(representation, representation);
    this.options = options;
    Dtype dtype = options.dtype();
    int size = in().size();
    Buffers buffers = new Buffers();
    fixed = new FixedVectors(representation, dtype);
    buffers.addAll("", fixed.buffers());
    summandOf = buffers.add("summand_of", Coordinates.summands(representation));
    summandOfCopy = buffers.add("summand_of_copy", Coordinates.summandsOfCopies(representation));
    summandStarts = buffers.add("summand_starts", Coordinates.summandStarts(representation));
    double[] inverse =
        representation.summands().stream().mapToDouble(own -> 1.0 / own.size()).toArray();
    shares =
        buffers.add(
            "summand_shares",
            Tensors.of(dtype, inverse, inverse.length),
            () -> Tensors.of(Dtype.FLOAT64, inverse, inverse.length));
    registerBuffers("", buffers);
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
                new EquivariantAffine(representation, AffineOptions.defaults().with(dtype)))
            : null;
  }

  /**
   * A layer with the default options.
   *
   * @param representation how the features transform
   */
  public EquivariantBatchNorm1d(Representation representation) {
    this(representation, BatchStatisticsOptions.defaults());
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

  /** Normalises a batch, and in training takes it into the running statistics. */
  @Override
  protected Tensor compute(Tensor given) {
    Tensor input = Tensors.inDtypeOf(shares, given); // under autocast, as LibTorch's own batch norm
    Tensor mean = runningMean;
    Tensor variance = runningVariance;
    if (!isTraining() && mean != null && variance != null) {
      return scaled(input.sub(mean), factors(variance));
    }
    long samples = input.numel() / in().size();
    requireSamples(JointBatch.samples(samples));
    return normalisedByBatch(input, samples);
  }

  private static void requireSamples(long samples) {
    require(samples >= 2, "a variance needs at least 2 samples, got %d in a batch", samples);
  }

  private Tensor normalisedByBatch(Tensor input, long samples) {
    Tensor rows = input.reshape(-1, in().size());
    Tensor invariant = fixed.coordinates(JointBatch.mean(rows.mean(0), samples));
    Tensor mean = fixed.vector(invariant);
    Tensor centred = rows.add(mean.neg()); // the gradient of a difference is one pass more
    Tensor squares = JointBatch.sum(Tensors.squares(centred).sum(0));
    Scalar freedom = new Scalar(JointBatch.samples(samples) - 1.0);
    Tensor variance = means(squares, summandOf).div(freedom);
    if (isTraining()) {
      track(mean, variance);
    }
    Tensor factors = Tensors.inDtypeOf(centred, factors(variance));
    // One factor for a summand is one for each of its copies: one pass less over the features.
    Tensor result =
        affine != null && isTraining()
            ? affine.rescaled(centred, factors.index_select(0, summandOfCopy))
            : scaled(centred, spread(factors));
    return input.dim() == 2 ? result : result.reshape(Tensors.shape(input));
  }

  /** {@code [summands]} from the sum over all samples of each coordinate, or copy. */
  private Tensor means(Tensor sums, Tensor places) {
    Tensor wide = Tensors.wide(shares);
    return wide.new_zeros(wide.size(0))
        .index_add(0, places, Tensors.inDtypeOf(wide, sums))
        .mul(wide);
  }

  private Tensor factors(Tensor variance) {
    return Tensors.wide(variance).add(new Scalar(options.eps())).rsqrt();
  }

  private Tensor scaled(Tensor centred, Tensor factors) {
    Tensor result = centred.mul(Tensors.inDtypeOf(centred, factors));
    return affine == null ? result : affine.forward(result);
  }

  @Override
  public Optional<SpectralForm> spectralForm() {
    SpectralCopies copies = new SpectralCopies(in(), shares);
    Tensor summands = copies.arranged(summandOfCopy);
    Tensor starts = copies.arranged(summandStarts);
    return Optional.of(
        CopywiseForm.of(copies, WORK, features -> inside(copies, features, summands, starts))
            .with("summands", summands)
            .with("starts", starts)
            .where(this::isDiagonal));
  }

  /** There the mean concerns the trivial copies only, and a summand's variance is its copies'. */
  private Spectrum inside(
      SpectralCopies copies, Spectrum features, Tensor summands, Tensor starts) {
    Tensor mean = runningMean;
    Tensor variance = runningVariance;
    if (!isTraining() && mean != null && variance != null) {
      Tensor shift = fixed.coordinates(mean).neg();
      Spectrum shifted = copies.basis().addInvariant(features, shift);
      return scaled(copies, shifted, variance.index_select(0, starts));
    }
    long samples = JointBatch.samples(features.samples());
    requireSamples(samples);
    Tensor own =
        copies
            .basis()
            .invariantMean(features)
            .map(invariant -> Tensors.inDtypeOf(shares, invariant))
            .map(invariant -> JointBatch.mean(invariant, features.samples()))
            .orElseGet(() -> shares.new_zeros(fixed.count()));
    Spectrum centred = copies.basis().addInvariant(features, own.neg());
    Tensor squares = JointBatch.sum(copies.squaresOfBatch(centred));
    Tensor batchVariance = means(squares, summands).div(new Scalar(samples - 1.0));
    if (isTraining()) {
      track(fixed.vector(own), batchVariance);
    }
    return scaled(copies, centred, batchVariance.index_select(0, summands));
  }

  private Spectrum scaled(SpectralCopies copies, Spectrum centred, Tensor variance) {
    Tensor factors = factors(variance);
    if (affine == null) {
      return copies.scaled(centred, factors);
    }
    Tensor scales = factors.mul(copies.arranged(affine.parts().scales()));
    return affine.parts().shifted(copies, copies.scaled(centred, scales));
  }

  /**
   * Whether what is subtracted and divided by acts on every copy by itself: always for statistics
   * of this layer, not for any that a state dict may bring.
   */
  private boolean isDiagonal() {
    Tensor mean = runningMean;
    Tensor variance = runningVariance;
    if (isTraining() || mean == null || variance == null) {
      return true;
    }
    Checked known = checked;
    if (known == null || known.mean != mean._version() || known.variance != variance._version()) {
      try (PointerScope scope = new PointerScope();
          NoGradGuard guard = new NoGradGuard()) {
        Tensor projected = fixed.vector(fixed.coordinates(mean));
        boolean holds =
            isClose(projected, mean) && isClose(spread(means(variance, summandOf)), variance);
        known = new Checked(mean._version(), variance._version(), holds);
        checked = known;
      }
    }
    return known.isDiagonal;
  }

  private static boolean isClose(Tensor projected, Tensor own) {
    double rounding =
        switch (Dtype.of(own)) {
          case FLOAT64 -> 1e-12;
          case FLOAT32 -> 1e-6;
          case BFLOAT16, FLOAT16 -> 1e-2;
        };
    double largest = Math.max(1, own.abs().max().item().toDouble());
    return projected.sub(own).abs().max().item().toDouble() <= rounding * largest;
  }

  @Override
  protected void stateChanged() {
    checked = null;
  }

  /** The number of its summand at each coordinate. */
  private Tensor spread(Tensor perSummand) {
    return perSummand.index_select(0, summandOf);
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
      ownMean.lerp_(Tensors.inDtypeOf(ownMean, mean.detach()), weight);
      ownVariance.lerp_(Tensors.inDtypeOf(ownVariance, spread(variance.detach())), weight);
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
  public String toString() {
    return "EquivariantBatchNorm1d(" + in() + ")";
  }
}
