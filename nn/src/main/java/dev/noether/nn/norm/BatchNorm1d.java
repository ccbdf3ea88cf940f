package dev.noether.nn.norm;

import static dev.noether.algebra.Checks.require;
import static dev.noether.algebra.Checks.requirePresent;

import dev.noether.nn.LayerType;
import dev.noether.nn.Parameter;
import dev.noether.plain.PlainGraph;
import dev.noether.torch.JointBatch;
import dev.noether.torch.Tensors;
import java.util.Arrays;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.T_TensorTensor_T;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * The plain batch norm, as PyTorch's {@code BatchNorm1d}, for {@code [batch, features]} or {@code
 * [batch, features, time]}.
 *
 * <p>Names in the state dict: {@code weight}, {@code bias}, {@code running_mean}, {@code
 * running_var}, {@code num_batches_tracked}.
 */
public final class BatchNorm1d extends PlainNorm {
  /** How an architecture describes it. */
  public static final LayerType<BatchNorm1d> TYPE =
      LayerType.independentOfBases(BatchNorm1d.class)
          .setting("num_features", BatchNorm1d::features)
          .settings(BatchStatisticsOptions.SETTINGS, layer -> layer.options)
          .builds(s -> new BatchNorm1d(s.whole("num_features"), BatchStatisticsOptions.of(s)));

  private final BatchStatisticsOptions options;
  private final @Nullable Parameter weight;
  private final @Nullable Parameter bias;
  private final @Nullable Running running;

  /** What evaluation uses. */
  private record Running(Tensor mean, Tensor variance, Tensor batches) {}

  /**
   * A layer whose scales and running variance are one, and bias and running mean zero at first.
   *
   * @param features the size of the second axis of the input
   * @param options eps, momentum, affine, running statistics and dtype
   * @throws IllegalArgumentException if there are no features
   */
  public BatchNorm1d(int features, BatchStatisticsOptions options) {
    super(features);
    this.options = options;
    weight = options.affine() ? registerWithoutDecay("weight", filled(options.dtype(), 1)) : null;
    bias = options.affine() ? registerParameter("bias", filled(options.dtype(), 0)) : null;
    running =
        options.tracksRunningStatistics()
            ? new Running(
                registerBuffer("running_mean", filled(options.dtype(), 0), true),
                registerBuffer("running_var", filled(options.dtype(), 1), true),
                registerBuffer("num_batches_tracked", Tensors.of(new long[1]), true))
            : null;
  }

  /**
   * A layer with PyTorch's options.
   *
   * @param features the size of the second axis of the input
   * @throws IllegalArgumentException if there are no features
   */
  public BatchNorm1d(int features) {
    this(features, BatchStatisticsOptions.defaults());
  }

  /**
   * Normalises a batch, and in training takes it into the running statistics.
   *
   * @param input {@code [batch, features]} or {@code [batch, features, time]}
   * @return the same shape
   * @throws IllegalArgumentException if the features, the dtype or the device do not fit, or there
   *     are fewer than 2 samples to take statistics of
   */
  @Override
  public Tensor forward(Tensor input) {
    requireFits(input);
    boolean ofBatch = isTraining() || running == null;
    long samples = input.numel() / features();
    require(
        !ofBatch || JointBatch.samples(samples) >= 2,
        "a variance needs at least 2 samples, got %d in a batch",
        samples);
    if (isTraining() && running != null) {
      try (PointerScope scope = new PointerScope();
          NoGradGuard guard = new NoGradGuard()) {
        running.batches.add_(new Scalar(1L));
      }
    }
    if (ofBatch && JointBatch.isSpread()) {
      return computed(input, () -> normalisedJointly(input, samples));
    }
    return computed(
        input,
        () ->
            torch.batch_norm(
                input,
                optional(weight == null ? null : weight.value()),
                optional(bias == null ? null : bias.value()),
                optional(running == null ? null : running.mean),
                optional(running == null ? null : running.variance),
                ofBatch,
                options.momentum(),
                options.eps(),
                true));
  }

  /** With the statistics of all processes' samples; LibTorch's own takes those of one. */
  private Tensor normalisedJointly(Tensor input, long samples) {
    long[] others = input.dim() == 2 ? new long[] {0} : new long[] {0, 2};
    T_TensorTensor_T moments = torch.var_mean(input, others, false, true);
    Tensor mean = JointBatch.mean(moments.get1(), samples);
    Tensor off = moments.get1().sub(mean);
    Tensor variance = JointBatch.mean(moments.get0().add(off.mul(off)), samples);
    if (isTraining() && running != null) {
      track(mean.detach(), variance.detach(), JointBatch.samples(samples));
    }
    Tensor result = input.sub(mean).mul(variance.add(new Scalar(options.eps())).rsqrt());
    long[] onFeatures = input.dim() == 2 ? new long[] {features()} : new long[] {features(), 1};
    if (weight != null) {
      result = result.mul(weight.value().reshape(onFeatures));
    }
    return bias == null ? result : result.add(bias.value().reshape(onFeatures));
  }

  private void track(Tensor mean, Tensor variance, long samples) {
    Running own = requirePresent(running, "%s has no running statistics", this);
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      Scalar momentum = new Scalar(options.momentum());
      Scalar unbiased = new Scalar(samples / (samples - 1.0));
      own.mean.lerp_(mean.reshape(features()), momentum);
      own.variance.lerp_(variance.reshape(features()).mul(unbiased), momentum);
    }
  }

  private void requireFits(Tensor input) {
    long[] shape = Tensors.shape(input);
    require(
        (shape.length == 2 || shape.length == 3) && shape[1] == features(),
        "input must be [batch, features() = %d] or [batch, %d, time] (%s), got %s",
        features(),
        features(),
        this,
        Arrays.toString(shape));
    Tensor like = kind(input);
    Tensors.requireInput(input, shape[shape.length - 1], "features()", this, like);
  }

  private Tensor kind(Tensor input) {
    return weight != null ? weight.original() : running != null ? running.mean : input;
  }

  private static TensorOptional optional(@Nullable Tensor tensor) {
    return tensor == null ? new TensorOptional() : new TensorOptional(tensor);
  }

  /** The plain form takes {@code [batch, features]}. */
  @Override
  public <V> V plain(PlainGraph<V> graph, V x) {
    if (running == null) {
      throw new IllegalArgumentException(this + " has no running statistics, so no plain form");
    }
    try (NoGradGuard guard = new NoGradGuard()) {
      Tensor factor = running.variance.add(new Scalar(options.eps())).rsqrt();
      Tensor scale = weight == null ? factor : factor.mul(weight.value());
      Tensor centre = running.mean.mul(scale).neg();
      Tensor shift = bias == null ? centre : centre.add(bias.value());
      V scaled = graph.multiply(x, graph.constant("factor", scale));
      return graph.add(scaled, graph.constant("shift", shift));
    }
  }
}
