package dev.noether.nn.conv;

import dev.noether.algebra.Matrix;
import dev.noether.grid.Exactness;
import dev.noether.grid.GridLayer;
import dev.noether.kernel.Field;
import dev.noether.kernel.FieldType;
import dev.noether.kernel.KernelExpansion;
import dev.noether.kernel.KernelPair;
import dev.noether.nn.BasisUse;
import dev.noether.nn.EquivariantLayer;
import dev.noether.nn.LayerType;
import dev.noether.nn.Parameter;
import dev.noether.plain.ConvolutionOptions;
import dev.noether.plain.DenseConvolution;
import dev.noether.plain.PlainGraph;
import dev.noether.plain.PlainLayer;
import dev.noether.torch.Dtype;
import dev.noether.torch.Scopes;
import dev.noether.torch.Seeds;
import dev.noether.torch.Tensors;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * A convolution between fields over the plane or space that commutes with the group and with
 * translations: k(g p) = rho_out(g) k(p) rho_in(g)^-1 for its kernel k (Cesa, Lang and Weiler, ICLR
 * 2022).
 *
 * <p>The layer trains {@code weights}, the coefficients of the kernel in a basis of all such
 * kernels ({@link KernelExpansion}), and {@code bias}, one number for each invariant vector of the
 * output (none where there is none), which starts at zero. Weights start normally distributed so
 * that variances are kept. In training the dense kernel is computed at every call, in evaluation
 * without gradients it is kept; the rest is LibTorch's convolution, whose options all work. Few and
 * small images are trained without the dense kernel where that is less work.
 *
 * <p>Names are escnn's, so that weights move both ways.
 */
public abstract class SteerableConvolution extends EquivariantLayer
    implements PlainLayer, GridLayer {
  private final SteerableOptions options;
  private final ConvolutionOptions geometry;
  private final KernelExpansion expansion;
  private final SteerableKernel kernel;
  private final Parameter weights;
  private final @Nullable ChannelBias bias;
  private final Parameter.Derived dense;
  private final @Nullable FewPositions few;
  private final Parameter.Derived maps;

  SteerableConvolution(FieldType in, FieldType out, SteerableOptions options, int dimension) {
    super(in, out);
    this.options = options;
    this.geometry = options.geometry();
    SteerableGeometry.require(this, dimension, geometry, options.exact());
    expansion =
        options.expansion(
            isTransposed() ? in : SteerableGeometry.oneGroup(in, geometry.groups(), "in"),
            isTransposed() ? SteerableGeometry.oneGroup(out, geometry.groups(), "out") : out,
            options.filter());
    SteerableGeometry.oneGroup(isTransposed() ? in : out, geometry.groups(), "fields");
    Dtype dtype = options.dtype();
    kernel = new SteerableKernel(expansion, dtype);
    weights = registerParameter("weights", draw(options.seed()));
    registerBuffers("kernel.", kernel.buffers());
    dense = weights.derived(own -> arranged(kernel.expand(own)));
    Optional<PairExpansion> only = geometry.groups() == 1 ? kernel.only() : Optional.empty();
    maps = weights.derived(own -> only.orElseThrow().features(own));
    few = only.map(pair -> few(pair.profiles(), dimension)).orElse(null);
    if (few != null) {
      weights.whenDropped(few::clear);
    }
    Matrix invariants = invariants(out);
    if (options.bias() && invariants.columns() > 0) {
      bias = new ChannelBias("bias", invariants, dtype, this::registerParameter);
      registerBuffers("", bias.buffers());
      registerDerived("bias_expansion", () -> Tensors.of(Dtype.FLOAT64, invariants));
    } else {
      bias = null;
    }
    registerStateOfPairs();
  }

  private FewPositions few(Tensor profiles, int dimension) {
    boolean turned = isTransposed();
    return new FewPositions(
        profiles,
        in().size(),
        out().size(),
        geometry,
        dimension,
        turned,
        size -> SteerableGeometry.outputSize(options.geometry(), size, turned));
  }

  /** The columns on which the group does nothing, field after field. */
  private static Matrix invariants(FieldType type) {
    return Matrix.blockDiagonal(type.fields().stream().map(Field::invariants).toList());
  }

  /** What Python's state dicts hold besides the weights. */
  private void registerStateOfPairs() {
    for (KernelPair pair : expansion.pairs()) {
      String name = pair.names().replace('.', '^');
      registerDerived(
          pair.basisName(),
          () ->
              Tensors.of(
                  Dtype.FLOAT64,
                  pair.basis().dense(),
                  pair.basis().dim(),
                  pair.basis().basis().out().size(),
                  pair.basis().basis().in().size(),
                  pair.basis().points().count()));
      ChannelPairs channels = ChannelPairs.of(pair);
      if (!channels.isAdjacent()) {
        registerDerived("_basisexpansion.in_indices_" + name, channels::in);
        registerDerived("_basisexpansion.out_indices_" + name, channels::out);
      }
    }
  }

  private Tensor draw(OptionalLong seed) {
    return Scopes.compute(
        () -> {
          double[] deviations = expansion.initialDeviations();
          Tensor numbers =
              torch
                  .zeros(deviations.length)
                  .to(options.dtype().scalarType())
                  .normal_(0, 1, Seeds.generator(seed));
          return numbers.mul(Tensors.of(options.dtype(), deviations, deviations.length));
        });
  }

  /**
   * Draws the weights anew and sets the bias to zero.
   *
   * @param seed the seed of a generator of its own; empty draws from LibTorch's
   */
  public final void reset(OptionalLong seed) {
    try (NoGradGuard guard = new NoGradGuard()) {
      weights.set(draw(seed));
      if (bias != null) {
        bias.zero();
      }
    }
  }

  /**
   * The fields of inputs.
   *
   * @return their type
   */
  public final FieldType inType() {
    return inFields().orElseThrow();
  }

  /**
   * The fields of outputs.
   *
   * @return their type
   */
  public final FieldType outType() {
    return outFields().orElseThrow();
  }

  /**
   * How the layer was made.
   *
   * @return the options
   */
  public final SteerableOptions options() {
    return options;
  }

  /**
   * The basis of kernels, and how weights are arranged.
   *
   * @return the expansion; with groups, of the channels that mix
   */
  public final KernelExpansion expansion() {
    return expansion;
  }

  /**
   * What is kept to expand the weights.
   *
   * @return bytes in the layer's dtype
   */
  public final long basisBytes() {
    return kernel.buffers().bytes();
  }

  /**
   * The weights that train.
   *
   * @return {@code [expansion.weights]}
   */
  public final Tensor weights() {
    return weights.original();
  }

  /**
   * The dense kernel, in the layout of PyTorch's plain layer.
   *
   * @return {@code [out.size, in.size / groups, [k,] k, k]}, or {@code [in.size, out.size / groups,
   *     [k,] k, k]} where the convolution is transposed
   */
  public final Tensor weight() {
    return Scopes.compute(() -> dense.get(isTraining()).alias());
  }

  private Tensor arranged(Tensor rows) {
    long[] shape = new long[2 + expansion.points().dimension()];
    Arrays.fill(shape, geometry.kernelSize());
    shape[0] = rows.size(0);
    shape[1] = rows.size(1);
    Tensor cells = rows.view(shape);
    return isTransposed() ? cells.transpose(0, 1).contiguous() : cells;
  }

  /**
   * The dense invariant bias.
   *
   * @return {@code [out.size]}, or null where there is none
   */
  public final @Nullable Tensor bias() {
    return bias == null ? null : Scopes.compute(() -> bias.value(isTraining()).alias());
  }

  @Override
  protected final Tensor compute(Tensor input) {
    SteerableGeometry.requireSize(this, input, isTransposed());
    @Nullable Tensor shift = bias == null ? null : bias.value(isTraining());
    if (few != null && trainsWithoutDense(input)) {
      return few.apply(input, maps.get(true), shift);
    }
    return DenseConvolution.apply(input, dense.get(isTraining()), shift, geometry, isTransposed());
  }

  /** Whether such an input is convolved without the dense kernel. */
  final boolean trainsWithoutDense(Tensor input) {
    return few != null && isTraining() && few.pays(input);
  }

  @Override
  public final Exactness exactness(long size) {
    return SteerableGeometry.exactness(geometry, size, isTransposed());
  }

  @Override
  public final long outputSize(long size) {
    return SteerableGeometry.outputSize(geometry, size, isTransposed());
  }

  /** Such that both sides are covered alike. */
  @Override
  protected final long exampleTime() {
    return SteerableGeometry.exampleSize(geometry, super.exampleTime(), isTransposed());
  }

  abstract boolean isTransposed();

  /** What all kinds tell of themselves. */
  static <L extends SteerableConvolution> LayerType.Builder<L> type(Class<L> kind) {
    return LayerType.of(kind, SteerableConvolution::bases)
        .fields("in", SteerableConvolution::inType)
        .fields("out", SteerableConvolution::outType)
        .settings(SteerableSettings.OPTIONS, SteerableConvolution::options)
        .setting("left_out", layer -> SteerableSettings.leftOut(layer), "");
  }

  final List<BasisUse> bases() {
    return List.of(
        new BasisUse.Kernels(
            "weights",
            expansion,
            "bias",
            "bias_expansion",
            invariants(outType()),
            List.of("filter", "expanded_bias")));
  }

  @Override
  public final <V> V plain(PlainGraph<V> graph, V x) {
    return graph.convolution(x, weight(), bias(), geometry, isTransposed());
  }

  @Override
  public final String toString() {
    return Geometry.words(this, inType() + " -> " + outType(), geometry);
  }
}
