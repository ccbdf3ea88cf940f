package dev.noether.nn.conv;

import static dev.noether.algebra.Checks.require;

import dev.noether.hom.BasisExpansion;
import dev.noether.hom.GroupHomomorphismBasis;
import dev.noether.hom.Initialization;
import dev.noether.nn.BasisUse;
import dev.noether.nn.EquivariantLayer;
import dev.noether.nn.LayerType;
import dev.noether.nn.Parameter;
import dev.noether.nn.linear.FixedVectors;
import dev.noether.nn.linear.MapOptions;
import dev.noether.plain.Axes;
import dev.noether.plain.ConvolutionOptions;
import dev.noether.plain.PlainGraph;
import dev.noether.plain.PlainLayer;
import dev.noether.rep.IsotypicDecomposition;
import dev.noether.rep.Representation;
import dev.noether.spectral.Execution;
import dev.noether.torch.Dtype;
import dev.noether.torch.Scopes;
import dev.noether.torch.Tensors;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A convolution over time whose channels transform: every tap of the kernel commutes with the
 * group.
 *
 * <p>Inputs are {@code [batch, in.size, time]} or {@code [in.size, time]}. The layer trains, for
 * each tap, the coefficients of a map in Hom_G(in, out), and an invariant bias that starts at zero.
 * In evaluation without gradients the kernel is kept.
 */
public abstract sealed class EquivariantConvolution extends EquivariantLayer implements PlainLayer
    permits EquivariantConv1d, EquivariantConvTranspose1d {
  private final GroupHomomorphismBasis basis;
  private final ConvolutionOptions geometry;
  private final MapOptions options;
  private final Parameter coefficients;
  private final @Nullable ChannelBias bias;

  /** In LibTorch's layout. */
  private final Laid kernel;

  /** For features with channels last: {@code [kernel size in.size, out.size]}, */
  private final Laid rows;

  /** and {@code [out.size, kernel size, in.size]}. */
  private final Laid image;

  /** The kernel in one order of its axes, which is made out when it is first needed. */
  private final class Laid {
    private final UnaryOperator<Tensor> arrange;
    private final Parameter.Derived tensor;
    private volatile @Nullable UnaryOperator<Tensor> stack;

    /** From the taps, {@code [kernel size, in.size, out.size]}. */
    Laid(UnaryOperator<Tensor> arrange) {
      this.arrange = arrange;
      tensor = coefficients.derived(own -> stack().apply(own));
    }

    private UnaryOperator<Tensor> stack() {
      UnaryOperator<Tensor> known = stack;
      if (known == null) {
        known = basis.stack(geometry.kernelSize(), arrange);
        stack = known;
      }
      return known;
    }

    Tensor get() {
      return tensor.get(isTraining());
    }

    /** After a move the places are others. */
    void clear() {
      stack = null;
    }
  }

  EquivariantConvolution(
      Representation in, Representation out, ConvolutionOptions geometry, MapOptions options) {
    super(options.restricted(in), options.restricted(out), Axes.CHANNELS);
    require(
        options.execution() != Execution.SPECTRAL,
        "a convolution expands its kernel: choose the execution AUTO or DENSE, not SPECTRAL");
    Dtype dtype = options.dtype();
    this.geometry = geometry;
    this.options = options.ofWhole();
    basis = GroupHomomorphismBasis.of(in(), out(), options.expansion(), dtype);
    coefficients =
        registerParameter(
            "weight_dof",
            basis.initialize(options.initialization(), options.seed(), geometry.kernelSize()));
    kernel = new Laid(this::arrange);
    rows = new Laid(taps -> taps.reshape(-1, out().size()));
    image = new Laid(taps -> taps.permute(2, 0, 1));
    registerBuffers("homo_basis.", basis.buffers());
    basis.stateDictEntries().forEach((name, value) -> registerDerived("homo_basis." + name, value));
    if (options.bias() && !out().copies(out().group().trivialIrrep()).isEmpty()) {
      FixedVectors invariants = new FixedVectors(out(), dtype);
      bias = new ChannelBias("bias_dof", invariants, dtype, this::registerParameter);
      registerBuffers("", bias.buffers());
      registerDerived(
          "Qout", () -> Tensors.of(Dtype.FLOAT64, IsotypicDecomposition.of(out()).changeOfBasis()));
    } else {
      bias = null;
    }
  }

  /**
   * The kernel's geometry.
   *
   * @return the options
   */
  public final ConvolutionOptions geometry() {
    return geometry;
  }

  /**
   * The basis of equivariant maps of each tap.
   *
   * @return the basis
   */
  public final GroupHomomorphismBasis basis() {
    return basis;
  }

  /**
   * The coefficients that train.
   *
   * @return {@code [kernel size, basis.dim]}
   */
  public final Tensor coefficients() {
    return coefficients.original();
  }

  /**
   * The dense kernel, in the layout of PyTorch's plain layer.
   *
   * @return {@code [out.size, in.size, kernel size]}, or with in and out exchanged where the
   *     convolution is transposed
   */
  public final Tensor weight() {
    return Scopes.compute(() -> kernel.get().alias());
  }

  /** Taps {@code [kernel size, in.size, out.size]} in the layout that LibTorch takes. */
  abstract Tensor arrange(Tensor taps);

  /**
   * The dense invariant bias.
   *
   * @return {@code [out.size]}, or null where there is none
   */
  public final @Nullable Tensor bias() {
    return bias == null ? null : Scopes.compute(() -> bias.value(isTraining()).alias());
  }

  /**
   * Draws the coefficients anew and sets the bias to zero.
   *
   * @param scheme how
   * @param seed the seed of a generator of its own; empty draws from LibTorch's
   */
  public final void reset(Initialization scheme, OptionalLong seed) {
    try (NoGradGuard guard = new NoGradGuard()) {
      coefficients.set(basis.initialize(scheme, seed, geometry.kernelSize()));
      if (bias != null) {
        bias.zero();
      }
    }
  }

  /** Convolves {@code [batch, in.size, time]} or {@code [in.size, time]}. */
  @Override
  protected final Tensor compute(Tensor input) {
    @Nullable Tensor shift = bias == null ? null : bias.value(isTraining());
    if (isTransposed() || !Geometry.hasChannelsLast(input)) {
      return Geometry.convolve(input, kernel.get(), shift, geometry, isTransposed());
    }
    return Geometry.paysAsRows(geometry, input, out().size())
        ? Geometry.convolveRows(input.transpose(1, 2), rows.get(), shift, geometry).transpose(1, 2)
        : Geometry.convolveLast(input, image.get(), shift, geometry);
  }

  /** Long enough for any kernel. */
  @Override
  protected final long exampleTime() {
    return super.exampleTime() + 2 * (geometry.span() + geometry.padding()) * geometry.stride();
  }

  final List<BasisUse> bases() {
    List<BasisUse> uses = new ArrayList<>();
    uses.add(new BasisUse.Coefficients("weight_dof", "homo_basis.", basis));
    uses.add(new BasisUse.InvariantVector("bias_dof", "Qout", "spectral_trivial_mask", out()));
    if (options.expansion() == BasisExpansion.PER_SUMMAND) {
      uses.add(new BasisUse.Unstored());
    }
    return uses;
  }

  /** What both kinds tell of themselves. */
  static <L extends EquivariantConvolution> LayerType.Builder<L> type(Class<L> kind) {
    return LayerType.of(kind, EquivariantConvolution::bases)
        .representation("in", EquivariantConvolution::in)
        .representation("out", EquivariantConvolution::out)
        .settings(Geometry.SETTINGS, EquivariantConvolution::geometry)
        .settings(MapOptions.SETTINGS, layer -> layer.mapOptions());
  }

  final MapOptions mapOptions() {
    return options;
  }

  abstract boolean isTransposed();

  @Override
  protected final void stateChanged() {
    kernel.clear();
    rows.clear();
    image.clear();
  }

  @Override
  public final <V> V plain(PlainGraph<V> graph, V x) {
    return graph.convolution(x, weight(), bias(), geometry, isTransposed());
  }

  @Override
  public final String toString() {
    return Geometry.words(this, in() + " -> " + out(), geometry);
  }
}
