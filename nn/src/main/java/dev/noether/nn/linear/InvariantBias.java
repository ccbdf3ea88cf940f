package dev.noether.nn.linear;

import static dev.noether.algebra.Checks.requirePresent;

import dev.noether.algebra.Matrix;
import dev.noether.nn.BasisUse;
import dev.noether.nn.EquivariantLayer;
import dev.noether.nn.LayerType;
import dev.noether.nn.Parameter;
import dev.noether.plain.PlainGraph;
import dev.noether.plain.PlainLayer;
import dev.noether.rep.Representation;
import dev.noether.spectral.CopywiseForm;
import dev.noether.spectral.CostModel.CopyWork;
import dev.noether.spectral.SpectralBasis;
import dev.noether.spectral.SpectralCopies;
import dev.noether.spectral.SpectralForm;
import dev.noether.spectral.SpectralLayer;
import dev.noether.spectral.Spectrum;
import dev.noether.torch.Dtype;
import dev.noether.torch.Scopes;
import dev.noether.torch.Tensors;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * Adds a bias that the group leaves as it is: one free number for every trivial irrep.
 *
 * <p>Where the representation holds no trivial irrep the layer is the identity and has no
 * parameters. The bias starts at zero.
 */
public final class InvariantBias extends EquivariantLayer implements PlainLayer, SpectralLayer {
  /** How an architecture describes it. */
  public static final LayerType<InvariantBias> TYPE =
      LayerType.of(InvariantBias.class, InvariantBias::bases)
          .representation("in", InvariantBias::in)
          .builds(s -> new InvariantBias(s.representation("in"), s.dtype()));

  private static final CopyWork WORK = new CopyWork(0, 0.5);

  private final @Nullable Parameter coefficients;
  private final Parameter.@Nullable Derived dense;

  /**
   * The bias of a representation.
   *
   * @param representation how the features transform
   * @param dtype the dtype of the layer
   */
  public InvariantBias(Representation representation, Dtype dtype) {
    super(representation, representation);
    int[] trivial = trivialColumns(representation);
    if (trivial.length == 0) {
      coefficients = null;
      dense = null;
      return;
    }
    coefficients =
        registerParameter(
            "bias_dof", Tensors.of(dtype, new double[trivial.length], trivial.length));
    FixedVectors fixed = new FixedVectors(representation, dtype);
    dense = coefficients.derived(fixed::vector);
    registerBuffers("", fixed.buffers());
    registerDerived("Qout", () -> Tensors.of(Dtype.FLOAT64, representation.changeOfBasis()));
    registerDerived("spectral_trivial_mask", () -> mask(representation));
  }

  /**
   * A bias in float32.
   *
   * @param representation how the features transform
   */
  public InvariantBias(Representation representation) {
    this(representation, Dtype.FLOAT32);
  }

  /**
   * An orthonormal basis of Fix(rho): the columns of Q that belong to trivial irreps.
   *
   * @param representation rho
   * @return {@code [size, multiplicity of the trivial irrep]}
   */
  public static Matrix fixedVectors(Representation representation) {
    return representation.changeOfBasis().columns(trivialColumns(representation));
  }

  /** The same in the basis of the irreps: a column is one at the coordinate of its copy. */
  static Matrix unitVectors(Representation representation) {
    int[] trivial = trivialColumns(representation);
    double[] entries = new double[Matrix.entries(representation.size(), trivial.length)];
    for (int column = 0; column < trivial.length; column++) {
      entries[trivial[column] * trivial.length + column] = 1;
    }
    return Matrix.of(representation.size(), trivial.length, entries);
  }

  private static int[] trivialColumns(Representation representation) {
    return representation.copies(representation.group().trivialIrrep()).stream()
        .mapToInt(Representation.Copy::start)
        .toArray();
  }

  /** True at the columns of Q that belong to trivial irreps, {@code [size]}. */
  static Tensor mask(Representation representation) {
    double[] mask = new double[representation.size()];
    for (int place : trivialColumns(representation)) {
      mask[place] = 1;
    }
    return Scopes.compute(() -> Tensors.of(Dtype.FLOAT32, mask, mask.length).to(ScalarType.Bool));
  }

  private List<BasisUse> bases() {
    return List.of(new BasisUse.InvariantVector("bias_dof", "Qout", "spectral_trivial_mask", in()));
  }

  /**
   * The free numbers of the bias.
   *
   * @return {@code [multiplicity of the trivial irrep]}, empty where there is none
   */
  public Optional<Tensor> coefficients() {
    return parameter().map(Parameter::original);
  }

  /** The parameter behind {@link #coefficients}. */
  Optional<Parameter> parameter() {
    return Optional.ofNullable(coefficients);
  }

  /**
   * The bias as a vector.
   *
   * @return {@code [size]}, or null where the representation has no invariant vector
   */
  public @Nullable Tensor bias() {
    return coefficients == null ? null : Scopes.compute(() -> expanded().alias());
  }

  /** The same without a handle of its own, for use inside a computation. */
  @Nullable Tensor vector() {
    return coefficients == null ? null : expanded();
  }

  private Tensor expanded() {
    return requirePresent(dense, "%s has no coefficients", this).get(isTraining());
  }

  /** Adds the bias to features in a spectrum, where it is its own coefficients. */
  Spectrum addTo(Spectrum features, SpectralBasis spectral) {
    return coefficients == null ? features : spectral.addInvariant(features, coefficients.value());
  }

  @Override
  protected Tensor compute(Tensor input) {
    return coefficients == null ? input.alias() : torch.add(input, expanded());
  }

  @Override
  public Optional<SpectralForm> spectralForm() {
    if (coefficients == null) {
      return Optional.empty();
    }
    SpectralCopies copies = new SpectralCopies(in(), coefficients.original());
    return Optional.of(CopywiseForm.of(copies, WORK, features -> addTo(features, copies.basis())));
  }

  @Override
  public <V> V plain(PlainGraph<V> graph, V x) {
    Tensor shift = bias();
    return shift == null ? x : graph.add(x, graph.constant("bias", shift));
  }

  @Override
  public String toString() {
    return "InvariantBias(" + in() + ")";
  }
}
