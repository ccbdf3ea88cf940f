package dev.noether.nn;

import static dev.noether.algebra.Checks.require;

import dev.noether.hom.Execution;
import dev.noether.hom.GroupHomomorphismBasis;
import dev.noether.hom.Initialization;
import dev.noether.rep.IsotypicDecomposition;
import dev.noether.rep.Representation;
import dev.noether.torch.Dtype;
import dev.noether.torch.Scopes;
import dev.noether.torch.Tensors;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalLong;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.jspecify.annotations.Nullable;

/**
 * A convolution over time whose channels transform: every tap of the kernel commutes with the
 * group.
 *
 * <p>Inputs are {@code [batch, in.size, time]} or {@code [in.size, time]}. The layer trains, for
 * each tap, the coefficients of a map in Hom_G(in, out), and an invariant bias that starts at zero.
 * In evaluation without gradients the kernel is kept.
 */
public abstract sealed class EquivariantConvolution extends Layer
    implements EquivariantLayer, PlainLayer permits EquivariantConv1d, EquivariantConvTranspose1d {
  private final GroupHomomorphismBasis basis;
  private final ConvolutionOptions geometry;
  private final LinearOptions options;
  private final Tensor coefficients;
  private final @Nullable Tensor biasCoefficients;
  private final @Nullable Tensor fixed;
  private final EvaluationCache kernels = new EvaluationCache();
  private final EvaluationCache biases = new EvaluationCache();

  EquivariantConvolution(
      Representation in, Representation out, ConvolutionOptions geometry, LinearOptions options) {
    require(
        options.execution() != Execution.SPECTRAL,
        "a convolution expands its kernel: choose the execution AUTO or DENSE, not SPECTRAL");
    Dtype dtype = options.dtype();
    this.geometry = geometry;
    this.options = options;
    basis = GroupHomomorphismBasis.of(in, out, options.expansion(), dtype);
    coefficients =
        registerParameter(
            "weight_dof",
            basis.initialize(options.initialization(), options.seed(), geometry.kernelSize()));
    registerBasis("homo_basis", basis);
    int invariants = InvariantBias.trivialColumns(out).length;
    if (options.bias() && invariants > 0) {
      biasCoefficients =
          registerParameter("bias_dof", Tensors.of(dtype, new double[invariants], invariants));
      fixed = registerBuffer("fixed", InvariantBias.fixedVectors(out, dtype), false);
      registerDerived(
          "Qout", () -> Tensors.of(Dtype.FLOAT64, IsotypicDecomposition.of(out).changeOfBasis()));
    } else {
      biasCoefficients = null;
      fixed = null;
    }
  }

  @Override
  public final Representation in() {
    return basis.in();
  }

  @Override
  public final Representation out() {
    return basis.out();
  }

  /**
   * The channels.
   *
   * @return -2
   */
  @Override
  public final int featureAxis() {
    return -2;
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
    return coefficients;
  }

  /**
   * The dense kernel, in the layout of PyTorch's plain layer.
   *
   * @return {@code [out.size, in.size, kernel size]}, or with in and out exchanged where the
   *     convolution is transposed
   */
  public final Tensor weight() {
    return kernels.get(isTraining(), coefficients, () -> Scopes.compute(this::expand));
  }

  private Tensor expand() {
    return arrange(basis.expand(coefficients)).contiguous();
  }

  /** Taps {@code [kernel size, out.size, in.size]} in the layout that LibTorch takes. */
  abstract Tensor arrange(Tensor taps);

  /**
   * The dense invariant bias.
   *
   * @return {@code [out.size]}, or null where there is none
   */
  public final @Nullable Tensor bias() {
    Tensor free = biasCoefficients;
    Tensor columns = fixed;
    return free == null || columns == null
        ? null
        : biases.get(isTraining(), free, () -> Scopes.compute(() -> columns.mv(free)));
  }

  /**
   * Draws the coefficients anew and sets the bias to zero.
   *
   * @param scheme how
   * @param seed the seed of a generator of its own; empty draws from LibTorch's
   */
  public final void reset(Initialization scheme, OptionalLong seed) {
    try (NoGradGuard guard = new NoGradGuard()) {
      coefficients.copy_(basis.initialize(scheme, seed, geometry.kernelSize()));
      if (biasCoefficients != null) {
        biasCoefficients.zero_();
      }
    }
  }

  /**
   * Convolves.
   *
   * @param input {@code [batch, in.size, time]} or {@code [in.size, time]}
   * @return the same with out.size and the time that PyTorch's plain layer gives
   * @throws IllegalArgumentException if the shape, the dtype or the device do not fit, or the
   *     kernel reaches over more time than there is
   */
  @Override
  public final Tensor forward(Tensor input) {
    long[] shape = Tensors.shape(input);
    require(
        (shape.length == 2 || shape.length == 3) && shape[shape.length - 2] == in().size(),
        "input must be [batch, in.size() = %d, time] (%s), got %s",
        in().size(),
        in(),
        Arrays.toString(shape));
    Tensors.requireInput(input, shape[shape.length - 1], "time", this, coefficients);
    requireTime(shape[shape.length - 1]);
    return Scopes.compute(
        () -> {
          Tensor dense = bias();
          return convolve(
              input, weight(), dense == null ? new TensorOptional() : new TensorOptional(dense));
        });
  }

  abstract void requireTime(long time);

  abstract Tensor convolve(Tensor input, Tensor weight, TensorOptional bias);

  @Override
  protected final void stateChanged() {
    kernels.clear();
    biases.clear();
  }

  @Override
  public final <V> V plain(PlainGraph<V> graph, V x) {
    return graph.convolution(
        x, weight(), bias(), geometry, this instanceof EquivariantConvTranspose1d);
  }

  @Override
  public final Optional<Architecture> architecture() {
    return Optional.of(
        Architecture.of(this).with("in", in()).with("out", out()).with(geometry).with(options));
  }

  @Override
  public final String toString() {
    return getClass().getSimpleName()
        + "("
        + in()
        + " -> "
        + out()
        + ", kernel "
        + geometry.kernelSize()
        + ")";
  }
}
