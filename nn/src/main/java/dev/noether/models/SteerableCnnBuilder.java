package dev.noether.models;

import static dev.noether.algebra.Checks.require;

import dev.noether.group.CompactGroup;
import dev.noether.group.Irrep;
import dev.noether.kernel.Field;
import dev.noether.kernel.FieldType;
import dev.noether.kernel.Space;
import dev.noether.nn.EquivariantLayer;
import dev.noether.nn.EquivariantSequential;
import dev.noether.nn.Residual;
import dev.noether.nn.activation.FieldDropout;
import dev.noether.nn.activation.FieldGate;
import dev.noether.nn.activation.PointwiseNonlinearity;
import dev.noether.nn.conv.SteerableConv2d;
import dev.noether.nn.conv.SteerableConv3d;
import dev.noether.nn.conv.SteerableOptions;
import dev.noether.nn.linear.Branches;
import dev.noether.nn.linear.DenseOptions;
import dev.noether.nn.linear.Disentangle;
import dev.noether.nn.linear.Restricted;
import dev.noether.nn.norm.BatchStatisticsOptions;
import dev.noether.nn.norm.InnerBatchNorm;
import dev.noether.nn.pooling.GaussianPooling;
import dev.noether.nn.pooling.GroupPooling;
import dev.noether.nn.pooling.Mask;
import dev.noether.nn.pooling.NormPooling;
import dev.noether.plain.Activation;
import dev.noether.rep.Representation;
import dev.noether.rep.SignedPermutations;
import dev.noether.torch.Dtype;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.stream.IntStream;

/**
 * Builds a {@link SteerableCnn}: a mask, blocks of a convolution, a batch norm and a nonlinearity,
 * poolings between them, and a head.
 *
 * <p>The fields of a block are regular ones where the group is finite, with a pointwise
 * nonlinearity; where it is compact the irreps of harmonics up to a frequency, multiplied by gates.
 * Convolutions are padded so that they keep the size.
 */
public final class SteerableCnnBuilder {
  private static final double BLUR = 0.66;

  private final List<EquivariantLayer> layers = new ArrayList<>();
  private final int size;
  private FieldType current;
  private Activation activation = Activation.RELU;
  private int frequency = 2;
  private double margin = 1;
  private OptionalLong seed = OptionalLong.empty();
  private Dtype dtype = Dtype.FLOAT32;
  private int drawn;

  SteerableCnnBuilder(Space space, int size) {
    require(size >= 1, "the side of inputs must be at least 1, got %d", size);
    this.size = size;
    current = space.type(space.trivialField(), 1);
  }

  private void requireFirst(String what) {
    require(layers.isEmpty(), "%s is told before the first block", what);
  }

  /**
   * The fields of inputs: one trivial field, such as a grey value, where this is not told.
   *
   * @param type the fields, as three trivial ones for colours
   * @return this builder
   * @throws IllegalArgumentException if they live on another space, or a block came before
   */
  public SteerableCnnBuilder input(FieldType type) {
    requireFirst("the input");
    current.requireSameSpace(type);
    current = type;
    return this;
  }

  /**
   * The pointwise nonlinearity of regular fields; ReLU where this is not told.
   *
   * @param function the function
   * @return this builder
   */
  public SteerableCnnBuilder with(Activation function) {
    activation = function;
    return this;
  }

  /**
   * The highest frequency of the fields of a compact group; 2 where this is not told.
   *
   * @param highest at least 0
   * @return this builder
   * @throws IllegalArgumentException if it is negative
   */
  public SteerableCnnBuilder frequencies(int highest) {
    require(highest >= 0, "the highest frequency must be at least 0, got %d", highest);
    frequency = highest;
    return this;
  }

  /**
   * How much smaller the mask of the input is than the image; 1 percent where this is not told.
   *
   * @param percent of the radius, from 0 to 100
   * @return this builder
   */
  public SteerableCnnBuilder margin(double percent) {
    requireFirst("the margin of the mask");
    margin = percent;
    return this;
  }

  /**
   * Where first weights come from; LibTorch's generator where this is not told.
   *
   * @param value a seed
   * @return this builder
   */
  public SteerableCnnBuilder seed(long value) {
    requireFirst("the seed");
    seed = OptionalLong.of(value);
    return this;
  }

  /**
   * The dtype; float32 where this is not told.
   *
   * @param other the dtype
   * @return this builder
   */
  public SteerableCnnBuilder with(Dtype other) {
    requireFirst("the dtype");
    dtype = other;
    return this;
  }

  private void add(EquivariantLayer layer) {
    if (layers.isEmpty()) {
      layers.add(new Mask(current, size, margin, 2, dtype));
    }
    layers.add(layer);
    current = layer.outFields().orElse(current);
  }

  private EquivariantLayer convolution(FieldType out, int kernel, int stride, boolean bias) {
    SteerableOptions own =
        SteerableOptions.kernel(kernel).withPadding(kernel / 2).withStride(stride).with(dtype);
    SteerableOptions options = bias ? own : own.withoutBias();
    SteerableOptions seeded =
        seed.isPresent() ? options.withSeed(seed.getAsLong() + drawn++) : options;
    return current.space().dimension() == 2
        ? new SteerableConv2d(current, out, seeded)
        : new SteerableConv3d(current, out, seeded);
  }

  private InnerBatchNorm norm(FieldType type) {
    return new InnerBatchNorm(type, BatchStatisticsOptions.defaults().with(dtype));
  }

  /** Regular fields, or the irreps that harmonics up to the frequency have. */
  private FieldType fields(int width) {
    require(width >= 1, "a block needs at least one field, got %d", width);
    Space space = current.space();
    if (!(space.group() instanceof CompactGroup group)) {
      return space.type(space.regularField(), width);
    }
    FieldType all = null;
    for (Irrep irrep : Representation.harmonics(group, frequency).irreps()) {
      FieldType own = space.type(Field.of(Representation.irrep(irrep)), width);
      all = all == null ? own : all.plus(own);
    }
    return Objects.requireNonNull(all);
  }

  /**
   * A convolution, a batch norm and a nonlinearity.
   *
   * @param width the number of regular fields, or of fields of each irrep of a compact group
   * @param kernel the cells of a side of the kernel, odd
   * @return this builder
   * @throws IllegalArgumentException if a number is out of its range
   */
  public SteerableCnnBuilder block(int width, int kernel) {
    FieldType fields = fields(width);
    if (isPermuted(fields)) {
      add(convolution(fields, kernel, 1, false));
      add(norm(fields));
      add(new PointwiseNonlinearity(fields.representation(), activation));
      return this;
    }
    FieldType gated = FieldGate.withGates(fields);
    add(convolution(gated, kernel, 1, false));
    add(norm(gated));
    List<Integer> gates = IntStream.range(0, fields.fields().size()).boxed().toList();
    OptionalLong own = seed.isPresent() ? OptionalLong.of(seed.getAsLong() + drawn++) : seed;
    add(new FieldGate(gated, gates, true, own, dtype));
    return this;
  }

  private static boolean isPermuted(FieldType type) {
    return SignedPermutations.of(type.representation())
        .filter(SignedPermutations::isUnsigned)
        .isPresent();
  }

  /**
   * The block of a wide residual network: norm, nonlinearity and convolution twice, beside the
   * input itself, or a convolution of one cell where fields or size change (Zagoruyko and
   * Komodakis, <em>Wide residual networks</em>, 2016).
   *
   * @param width the number of regular fields
   * @param kernel the cells of a side of the kernels, odd
   * @param stride that of the first convolution; 2 halves an odd size exactly
   * @return this builder
   * @throws IllegalArgumentException if a number is out of its range, or the group is compact
   */
  public SteerableCnnBuilder wideBlock(int width, int kernel, int stride) {
    FieldType out = fields(width);
    require(
        isPermuted(current) && isPermuted(out),
        "a wide block is of regular fields, got %s to %s",
        current,
        out);
    FieldType in = current;
    List<EquivariantLayer> inner = new ArrayList<>();
    inner.add(norm(in));
    inner.add(new PointwiseNonlinearity(in.representation(), activation));
    inner.add(convolution(out, kernel, stride, false));
    inner.add(norm(out));
    inner.add(new PointwiseNonlinearity(out.representation(), activation));
    EquivariantLayer shortcut =
        in.equals(out) && stride == 1 ? null : convolution(out, 1, stride, false);
    current = out;
    inner.add(convolution(out, kernel, 1, false));
    current = in;
    EquivariantSequential chain = new EquivariantSequential(inner);
    add(shortcut == null ? new Residual(chain) : Branches.sum(chain, shortcut));
    return this;
  }

  /**
   * Blurs and keeps every second cell.
   *
   * @return this builder
   */
  public SteerableCnnBuilder pool() {
    int padding = GaussianPooling.usualPadding(BLUR);
    add(new GaussianPooling(current, BLUR, 2, padding, dtype));
    return this;
  }

  /**
   * Drops whole fields in training.
   *
   * @param probability at least 0 and below 1
   * @return this builder
   * @throws IllegalArgumentException if the probability is out of range
   */
  public SteerableCnnBuilder dropout(double probability) {
    add(new FieldDropout(current, probability));
    return this;
  }

  /**
   * Goes on with a smaller group: what is far apart in an image need not turn together.
   *
   * @param smaller the plane or space with a group inside the present one
   * @return this builder
   * @throws IllegalArgumentException if there is no layer yet, or the group does not lie in the
   *     present one
   */
  public SteerableCnnBuilder restrict(Space smaller) {
    require(!layers.isEmpty(), "there is no layer to restrict; start with the smaller group");
    EquivariantLayer whole = new Restricted(new EquivariantSequential(layers), smaller);
    layers.clear();
    layers.add(whole);
    current = whole.outFields().orElseThrow();
    add(new Disentangle(current, dtype));
    return this;
  }

  /**
   * Any layer of fields of one's own.
   *
   * @param layer from the present fields
   * @return this builder
   */
  public SteerableCnnBuilder layer(EquivariantLayer layer) {
    add(layer);
    return this;
  }

  /**
   * Ends with invariants, their mean over the grid and plain layers with batch norm and ELU.
   *
   * @param outputs the number of outputs, as of classes
   * @param hidden the sizes of hidden layers, at least one
   * @return the network
   * @throws IllegalArgumentException if there is no layer yet, or a number is below 1
   */
  public SteerableCnn head(int outputs, int... hidden) {
    require(!layers.isEmpty(), "a network needs at least one block before its head");
    add(isPermuted(current) ? new GroupPooling(current) : new NormPooling(current));
    Mlp head =
        new Mlp(
            current.size(),
            outputs,
            MlpOptions.hidden(hidden).with(Activation.ELU).withBatchNorm(),
            new DenseOptions(
                true, seed.isPresent() ? OptionalLong.of(seed.getAsLong() + drawn) : seed, dtype));
    return new SteerableCnn(layers, head, size);
  }
}
