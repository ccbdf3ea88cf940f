package dev.noether.nn;

import static dev.noether.algebra.Checks.require;

import dev.noether.hom.ExecutionPlan;
import dev.noether.hom.GroupHomomorphismBasis;
import dev.noether.hom.Initialization;
import dev.noether.hom.SpectralMap;
import dev.noether.rep.Representation;
import java.util.Optional;
import java.util.OptionalLong;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A linear layer that commutes with a group: W(rho_in(g) x) = rho_out(g) W(x), with an invariant
 * bias.
 *
 * <p>It trains the coefficients of W in a basis of Hom_G(in, out) and never leaves that space.
 * Small layers expand W, in training at every forward; in evaluation without gradients it is kept,
 * and the forward is the plain dense layer's. Wide layers never form W and do less work than a
 * dense layer. {@link #plan} tells which, and why.
 *
 * <pre>{@code
 * Representation rho = Representation.parse("Icosahedral: 2 x regular");
 * EquivariantLinear layer = new EquivariantLinear(rho, rho.times(2));
 * Tensor y = layer.forward(x); // [..., 120] to [..., 240]
 * }</pre>
 */
public final class EquivariantLinear extends Layer implements EquivariantLayer, PlainLayer {
  private final LinearOptions options;
  private final HomWeight weight;

  /**
   * A layer between two representations.
   *
   * @param in the representation of the input
   * @param out the representation of the output
   * @param options bias, expansion, initialization, seed and dtype
   * @throws IllegalArgumentException if the groups differ or Hom_G(in, out) is empty
   */
  public EquivariantLinear(Representation in, Representation out, LinearOptions options) {
    this.options = options;
    GroupHomomorphismBasis basis =
        GroupHomomorphismBasis.of(in, out, options.expansion(), options.dtype());
    SpectralMap spectral = SpectralMap.of(basis, options.dtype());
    Tensor coefficients =
        registerParameter("weight_dof", basis.initialize(options.initialization(), options.seed()));
    registerBasis("homo_basis", basis);
    spectral.buffers().forEach((name, b) -> registerBuffer("spectral." + name, b, false));
    InvariantBias bias =
        options.bias()
            ? registerChild("bias_module", new InvariantBias(out, options.dtype()))
            : null;
    weight = new HomWeight(basis, spectral, coefficients, bias, options.execution());
  }

  /**
   * A layer with the default options.
   *
   * @param in the representation of the input
   * @param out the representation of the output
   * @throws IllegalArgumentException if the groups differ or Hom_G(in, out) is empty
   */
  public EquivariantLinear(Representation in, Representation out) {
    this(in, out, LinearOptions.defaults());
  }

  @Override
  public Representation in() {
    return basis().in();
  }

  @Override
  public Representation out() {
    return basis().out();
  }

  /**
   * The basis of equivariant maps.
   *
   * @return the basis
   */
  public GroupHomomorphismBasis basis() {
    return weight.basis();
  }

  /**
   * The coefficients that train.
   *
   * @return {@code [basis.dim]}
   */
  public Tensor coefficients() {
    return weight.coefficients();
  }

  /**
   * How the layer was made.
   *
   * @return the options
   */
  public LinearOptions options() {
    return options;
  }

  /**
   * The dense equivariant weight.
   *
   * @return {@code [out.size, in.size]}
   */
  public Tensor weight() {
    return weight.dense(isTraining());
  }

  /**
   * The dense invariant bias.
   *
   * @return {@code [out.size]}, or null where there is none
   */
  public @Nullable Tensor bias() {
    return weight.bias();
  }

  /**
   * How a batch is applied under {@link dev.noether.hom.Execution#AUTO}, and why.
   *
   * @param samples the samples in a batch
   * @return the plan in the layer's present mode
   */
  public ExecutionPlan plan(long samples) {
    require(samples >= 1, "a batch has at least one sample, got %d", samples);
    return weight.plan(samples, isTraining());
  }

  /**
   * Draws the coefficients anew and sets the bias to zero.
   *
   * @param scheme how
   * @param seed the seed of a generator of its own; empty draws from LibTorch's
   */
  public void reset(Initialization scheme, OptionalLong seed) {
    try (NoGradGuard guard = new NoGradGuard()) {
      weight.reset(scheme, seed);
    }
  }

  @Override
  public Tensor forward(Tensor input) {
    return weight.apply(input, isTraining());
  }

  @Override
  SpectralStage spectralStage() {
    return weight;
  }

  @Override
  protected void stateChanged() {
    weight.clear();
  }

  @Override
  public <V> V plain(PlainGraph<V> graph, V x) {
    return graph.linear(x, weight(), bias());
  }

  @Override
  public Optional<Architecture> architecture() {
    return Optional.of(Architecture.of(this).with("in", in()).with("out", out()).with(options));
  }

  @Override
  public String toString() {
    return "EquivariantLinear(" + in() + " -> " + out() + ")";
  }
}
