package dev.noether.nn.norm;

import static dev.noether.algebra.Checks.require;

import dev.noether.grid.FieldGroups;
import dev.noether.grid.FieldInvariants;
import dev.noether.kernel.FieldType;
import dev.noether.nn.BasisUse;
import dev.noether.nn.EquivariantLayer;
import dev.noether.nn.LayerType;
import dev.noether.nn.Parameter;
import dev.noether.plain.PlainGraph;
import dev.noether.plain.PlainLayer;
import dev.noether.torch.Buffers;
import dev.noether.torch.Dtype;
import dev.noether.torch.JointBatch;
import dev.noether.torch.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.T_TensorTensor_T;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/**
 * Batch norm of fields over the plane or space: subtracts from every field its mean over batch and
 * grid, divides by its standard deviation over batch, grid and its channels, then scales and
 * shifts.
 *
 * <p>The mean is the invariant one: the projection of the mean onto the field's invariant vectors,
 * none for an irrep that is not trivial. Its variance is one number for all channels of the field.
 * Both commute with the group for any field. Where the group permutes the channels among each other
 * it is escnn's {@code InnerBatchNorm}: one mean, variance, weight and bias for every field, biased
 * variance to normalise, unbiased in the running average.
 *
 * <p>Names in the state dict, for each size S of fields: {@code indices_S}, {@code
 * batch_norm_[S].weight}, {@code .bias}, {@code .running_mean}, {@code .running_var}, {@code
 * .num_batches_tracked}. Where a field has several invariant vectors, {@code bias} and {@code
 * running_mean} are {@code [vectors, fields]}, in units of vectors as long as that of ones.
 */
public final class InnerBatchNorm extends EquivariantLayer implements PlainLayer {
  /** How an architecture describes it. */
  public static final LayerType<InnerBatchNorm> TYPE =
      LayerType.of(InnerBatchNorm.class, layer -> List.of(new BasisUse.Unstored()))
          .fields("in", layer -> layer.type)
          .settings(BatchStatisticsOptions.SETTINGS, layer -> layer.options)
          .builds(s -> new InnerBatchNorm(s.fields("in"), BatchStatisticsOptions.of(s)));

  private final FieldType type;
  private final BatchStatisticsOptions options;
  private final FieldGroups<Integer> groups;
  private final List<Tensor> invariants;
  private final Tensor sizes;
  private final Tensor zeros;
  private final Tensor ones;
  private final List<Parameter> weights = new ArrayList<>();
  private final List<Parameter> biases = new ArrayList<>();
  private final List<Running> running = new ArrayList<>();

  /** What evaluation uses, for the fields of one size. */
  private record Running(Tensor mean, Tensor variance, Tensor batches) {}

  /**
   * Of every field: the coefficients of its mean, one vector for each invariant, and its variance.
   */
  private record Statistics(List<Tensor> means, Tensor variance) {}

  /**
   * A layer whose weights and running variances are one, and biases and running means zero at
   * first.
   *
   * @param type the fields
   * @param options eps, momentum, affine, running statistics and dtype
   */
  public InnerBatchNorm(FieldType type, BatchStatisticsOptions options) {
    super(type, type);
    this.type = type;
    this.options = options;
    groups = FieldGroups.bySize(type);
    registerBuffers("groups.", groups.buffers());
    Buffers vectors = new Buffers();
    invariants = new ArrayList<>();
    List<Tensor> own = FieldInvariants.of(type, options.dtype());
    for (int j = 0; j < own.size(); j++) {
      int number = j;
      invariants.add(
          vectors.add(
              "invariants." + j,
              own.get(j),
              () -> FieldInvariants.of(type, Dtype.FLOAT64).get(number)));
    }
    registerBuffers("", vectors);
    double[] numbers = type.fields().stream().mapToDouble(field -> field.size()).toArray();
    sizes = registerBuffer("sizes", Tensors.of(options.dtype(), numbers, numbers.length), false);
    zeros = registerBuffer("zeros", filled(0, type.size()), false);
    ones = registerBuffer("ones", filled(1, type.size()), false);
    groups.groups().forEach(this::register);
  }

  /**
   * A layer with PyTorch's options.
   *
   * @param type the fields
   */
  public InnerBatchNorm(FieldType type) {
    this(type, BatchStatisticsOptions.defaults());
  }

  private void register(FieldGroups.Group<Integer> group) {
    String name = "batch_norm_[" + group.key() + "].";
    int count = group.count();
    long most =
        group.fields().stream()
            .mapToInt(f -> type.fields().get(f).invariants().columns())
            .max()
            .orElse(0);
    long[] ofMeans = most <= 1 ? new long[] {count} : new long[] {most, count};
    registerDerived("indices_" + group.key(), () -> FieldGroups.compact(group.channels()));
    if (options.affine()) {
      weights.add(registerWithoutDecay(name + "weight", filled(1, count)));
      biases.add(registerParameter(name + "bias", filled(0, ofMeans)));
    }
    if (options.tracksRunningStatistics()) {
      running.add(
          new Running(
              registerBuffer(name + "running_mean", filled(0, ofMeans), true),
              registerBuffer(name + "running_var", filled(1, count), true),
              registerBuffer(name + "num_batches_tracked", Tensors.of(new long[1]), true)));
    }
  }

  private Tensor filled(double value, long... shape) {
    double[] values = new double[(int) Arrays.stream(shape).reduce(1, (a, b) -> a * b)];
    Arrays.fill(values, value);
    return Tensors.of(options.dtype(), values, shape);
  }

  @Override
  protected Tensor compute(Tensor input) {
    int d = type.space().dimension();
    boolean bare = input.dim() == d + 1;
    Tensor batch = bare ? input.unsqueeze(0) : input;
    Tensor result =
        isTraining() || running.isEmpty()
            ? byBatch(batch, d)
            : normalised(batch, ofRunningAverages());
    return bare ? result.squeeze(0) : result;
  }

  private Tensor byBatch(Tensor batch, int d) {
    long samples = batch.numel() / type.size();
    require(
        JointBatch.samples(samples) >= 2,
        "a variance needs at least 2 places or samples, got %d",
        samples);
    long[] others = IntStream.rangeClosed(0, d + 1).filter(i -> i != 1).asLongStream().toArray();
    T_TensorTensor_T moments = torch.var_mean(Tensors.wide(batch), others, false, false);
    Tensor mean = JointBatch.mean(moments.get1(), samples);
    Tensor spread = moments.get0();
    if (JointBatch.isSpread()) {
      Tensor off = moments.get1().sub(mean);
      spread = JointBatch.mean(spread.add(off.mul(off)), samples);
    }
    List<Tensor> means =
        invariants.stream().map(own -> groups.sums(mean.mul(own)).div(sizes)).toList();
    Tensor centred = mean.sub(onChannels(means));
    Tensor variance = groups.sums(spread.add(centred.mul(centred))).div(sizes);
    Statistics statistics = new Statistics(means, variance);
    if (isTraining()) {
      track(statistics, JointBatch.samples(samples));
    }
    return normalised(batch, statistics);
  }

  /** Every field's mean as a vector, {@code [channels]}. */
  private Tensor onChannels(List<Tensor> coefficients) {
    Tensor sum = zeros;
    for (int j = 0; j < coefficients.size(); j++) {
      sum = sum.add(groups.spread(coefficients.get(j)).mul(invariants.get(j)));
    }
    return sum;
  }

  /** x a + b in one pass: a and b of each channel. */
  private record Change(Tensor scales, Tensor shift) {}

  private Change change(Statistics statistics) {
    Tensor scale = Tensors.wide(statistics.variance).add(new Scalar(options.eps())).rsqrt();
    if (options.affine()) {
      scale = scale.mul(ofFields(weights.stream().map(Parameter::value).toList()));
    }
    Tensor scales = groups.spread(scale);
    Tensor shift = onChannels(statistics.means).mul(scales).neg();
    if (options.affine()) {
      shift = shift.add(onChannels(ofInvariants(biases.stream().map(Parameter::value).toList())));
    }
    return new Change(scales, shift);
  }

  private Tensor normalised(Tensor batch, Statistics statistics) {
    Change change = change(statistics);
    Tensor result =
        torch.batch_norm(
            Tensors.wide(batch),
            new TensorOptional(change.scales),
            new TensorOptional(change.shift),
            new TensorOptional(Tensors.wide(zeros)),
            new TensorOptional(Tensors.wide(ones)),
            false,
            0,
            0,
            false);
    return Tensors.inDtypeOf(batch, result);
  }

  private Statistics ofRunningAverages() {
    return new Statistics(
        ofInvariants(running.stream().map(Running::mean).toList()),
        ofFields(running.stream().map(Running::variance).toList()));
  }

  /** Numbers of the groups in the order of the fields. */
  private Tensor ofFields(List<Tensor> ofGroups) {
    return groups.inOrderOfFields(Tensors.join(0, ofGroups), 0);
  }

  /** For each invariant vector its coefficients in the order of the fields. */
  private List<Tensor> ofInvariants(List<Tensor> ofGroups) {
    return IntStream.range(0, invariants.size())
        .mapToObj(j -> ofFields(ofGroups.stream().map(own -> row(own, j)).toList()))
        .toList();
  }

  private static Tensor row(Tensor ofGroup, int j) {
    return ofGroup.dim() == 1 && j == 0
        ? ofGroup
        : ofGroup.dim() == 2 && j < ofGroup.size(0)
            ? ofGroup.select(0, j)
            : ofGroup.new_zeros(ofGroup.size(-1));
  }

  private void track(Statistics statistics, long samples) {
    if (running.isEmpty()) {
      return;
    }
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      Scalar momentum = new Scalar(options.momentum());
      List<FieldGroups.Group<Integer>> all = groups.groups();
      for (int i = 0; i < all.size(); i++) {
        FieldGroups.Group<Integer> group = all.get(i);
        Running own = running.get(i);
        long[] places = group.fields().stream().mapToLong(Integer::longValue).toArray();
        Tensor picks =
            Tensors.of(places, places.length).to(zeros.device(), own.batches.scalar_type());
        double n = (double) samples * group.size();
        Tensor unbiased = statistics.variance.index_select(0, picks).mul(new Scalar(n / (n - 1)));
        own.variance.lerp_(Tensors.inDtypeOf(own.variance, unbiased), momentum);
        for (int j = 0; j < statistics.means.size(); j++) {
          if (own.mean.dim() == 1 ? j == 0 : j < own.mean.size(0)) {
            Tensor mean = statistics.means.get(j).index_select(0, picks);
            row(own.mean, j).lerp_(Tensors.inDtypeOf(own.mean, mean), momentum);
          }
        }
        own.batches.add_(new Scalar(1L));
      }
    }
  }

  @Override
  public <V> V plain(PlainGraph<V> graph, V x) {
    require(
        !running.isEmpty(),
        "%s has no plain form: it has no running statistics, and uses those of the batch",
        this);
    Change change = change(ofRunningAverages());
    long[] shape = groups.onGrid(type.size());
    V scaled = graph.multiply(x, graph.constant("scale", change.scales.reshape(shape)));
    return graph.add(scaled, graph.constant("shift", change.shift.reshape(shape)));
  }

  @Override
  public String toString() {
    return "InnerBatchNorm(" + type + ")";
  }
}
