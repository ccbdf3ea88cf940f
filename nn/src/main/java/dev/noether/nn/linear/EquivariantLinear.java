package dev.noether.nn.linear;

import static dev.noether.algebra.Checks.require;

import dev.noether.hom.BasisExpansion;
import dev.noether.hom.GroupHomomorphismBasis;
import dev.noether.hom.Initialization;
import dev.noether.nn.BasisUse;
import dev.noether.nn.EquivariantLayer;
import dev.noether.nn.LayerType;
import dev.noether.nn.Parameter;
import dev.noether.plain.PlainGraph;
import dev.noether.plain.PlainLayer;
import dev.noether.rep.HomSpace;
import dev.noether.rep.Representation;
import dev.noether.spectral.Execution;
import dev.noether.spectral.MapPlan;
import dev.noether.spectral.SpectralForm;
import dev.noether.spectral.SpectralLayer;
import dev.noether.torch.Scopes;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A linear layer that commutes with a group: y = W x + b with W in Hom_G(in, out) and b invariant.
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
public final class EquivariantLinear extends EquivariantLayer implements PlainLayer, SpectralLayer {
  /** How an architecture describes it. */
  public static final LayerType<EquivariantLinear> TYPE =
      LayerType.of(EquivariantLinear.class, EquivariantLinear::bases)
          .representation("in", EquivariantLinear::in)
          .representation("out", EquivariantLinear::out)
          .settings(MapOptions.SETTINGS, EquivariantLinear::options)
          .builds(
              s ->
                  new EquivariantLinear(
                      s.representation("in"), s.representation("out"), MapOptions.of(s)));

  private final MapOptions options;
  private final EquivariantMap map;

  /**
   * A layer between two representations.
   *
   * @param in the representation of the input
   * @param out the representation of the output
   * @param options bias, expansion, execution, initialization, seed and dtype
   * @throws IllegalArgumentException if the groups differ or Hom_G(in, out) is empty
   */
  public EquivariantLinear(Representation in, Representation out, MapOptions options) {
    super(options.restricted(in), options.restricted(out));
    this.options = options.ofWhole();
    GroupHomomorphismBasis basis =
        GroupHomomorphismBasis.of(in(), out(), options.expansion(), options.dtype());
    Parameter coefficients =
        registerParameter("weight_dof", basis.initialize(options.initialization(), options.seed()));
    registerBuffers("homo_basis.", basis.buffers());
    basis.stateDictEntries().forEach((name, value) -> registerDerived("homo_basis." + name, value));
    InvariantBias bias =
        options.bias()
            ? registerChild("bias_module", new InvariantBias(out(), options.dtype()))
            : null;
    map = new EquivariantMap(basis, coefficients, bias, options.execution());
    registerBuffers("spectral.", map.spectralBuffers());
  }

  /**
   * A layer with the default options.
   *
   * @param in the representation of the input
   * @param out the representation of the output
   * @throws IllegalArgumentException if the groups differ or Hom_G(in, out) is empty
   */
  public EquivariantLinear(Representation in, Representation out) {
    this(in, out, MapOptions.defaults());
  }

  /**
   * The memory of a layer without a bias that has applied its map in both ways, before anything is
   * allocated. What the isotypic way needs is made when it is first taken.
   *
   * @param in the representation of the input
   * @param out the representation of the output
   * @param options expansion and dtype count
   * @return the bytes of its parameter and of the fixed tensors of both ways
   * @throws IllegalArgumentException if the groups differ
   */
  public static long predictedBytes(Representation in, Representation out, MapOptions options) {
    return MapPlan.predictedBytes(
        options.restricted(in), options.restricted(out), options.expansion(), options.dtype());
  }

  /**
   * The same as {@link #plan(long)} of a layer, which is not built: for representations of any
   * size.
   *
   * @param in the representation of the input
   * @param out the representation of the output
   * @param options the subgroup counts; the coefficients are in the isotypic order
   * @param samples the samples in a batch
   * @param training whether gradients are computed
   * @return the plan
   * @throws IllegalArgumentException if the groups differ, or there are no samples
   */
  public static MapPlan plan(
      Representation in, Representation out, MapOptions options, long samples, boolean training) {
    requireSamples(samples);
    return MapPlan.of(
        HomSpace.between(options.restricted(in), options.restricted(out)), samples, training);
  }

  private static void requireSamples(long samples) {
    require(samples >= 1, "a batch has at least one sample, got %d", samples);
  }

  @Override
  protected Tensor compute(Tensor input) {
    return map.apply(input, isTraining());
  }

  /**
   * The layer after scales, as those of a norm before it. In evaluation without gradients they are
   * part of the kept weight.
   *
   * @param input {@code [..., in.size]}, before the scales
   * @param scales a layer without bias on the same features
   * @return this layer of {@code scales.forward(input)}, up to rounding
   * @throws IllegalArgumentException if the features, the dtype or the device do not fit
   */
  public Tensor forward(Tensor input, EquivariantAffine scales) {
    requireInput(input, in(), axes());
    return Scopes.compute(() -> map.apply(input, isTraining(), scales));
  }

  private List<BasisUse> bases() {
    BasisUse coefficients = new BasisUse.Coefficients("weight_dof", "homo_basis.", basis());
    return options.expansion() == BasisExpansion.PER_SUMMAND
        ? List.of(coefficients, new BasisUse.Unstored())
        : List.of(coefficients);
  }

  /**
   * The basis of equivariant maps.
   *
   * @return the basis
   */
  public GroupHomomorphismBasis basis() {
    return map.basis();
  }

  /**
   * The coefficients that train.
   *
   * @return {@code [basis.dim]}
   */
  public Tensor coefficients() {
    return map.coefficients();
  }

  /**
   * How the layer was made.
   *
   * @return the options
   */
  public MapOptions options() {
    return options;
  }

  /**
   * The dense equivariant weight.
   *
   * @return {@code [out.size, in.size]}
   */
  public Tensor weight() {
    return map.dense(isTraining());
  }

  /**
   * The dense invariant bias.
   *
   * @return {@code [out.size]}, or null where there is none
   */
  public @Nullable Tensor bias() {
    return map.bias();
  }

  /**
   * How a batch is applied under {@link Execution#AUTO}, and why.
   *
   * @param samples the samples in a batch
   * @return the plan in the layer's present mode
   */
  public MapPlan plan(long samples) {
    requireSamples(samples);
    return map.plan(samples, isTraining());
  }

  /**
   * Draws the coefficients anew and sets the bias to zero.
   *
   * @param scheme how
   * @param seed the seed of a generator of its own; empty draws from LibTorch's
   */
  public void reset(Initialization scheme, OptionalLong seed) {
    try (NoGradGuard guard = new NoGradGuard()) {
      map.reset(scheme, seed);
    }
  }

  @Override
  public Optional<SpectralForm> spectralForm() {
    return Optional.of(map);
  }

  @Override
  public <V> V plain(PlainGraph<V> graph, V x) {
    return graph.equivariant(x, in(), out(), weight(), bias());
  }

  @Override
  protected String planned(long samples) {
    return map.words(samples, isTraining());
  }

  @Override
  public String toString() {
    return "EquivariantLinear(" + in() + " -> " + out() + ")";
  }
}
