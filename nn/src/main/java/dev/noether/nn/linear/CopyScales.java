package dev.noether.nn.linear;

import dev.noether.nn.BasisUse;
import dev.noether.nn.Layer;
import dev.noether.nn.LayerType;
import dev.noether.nn.Parameter;
import dev.noether.rep.Representation;
import dev.noether.spectral.Coordinates;
import dev.noether.spectral.SpectralCopies;
import dev.noether.spectral.Spectrum;
import dev.noether.torch.Dtype;
import dev.noether.torch.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A number for every copy of an irrep, ones at first, and an invariant bias, zero at first: what
 * {@link EquivariantAffine} and norms train. It holds them and does not apply them.
 */
public final class CopyScales extends Layer {
  /** How an architecture describes it. */
  public static final LayerType<CopyScales> TYPE =
      LayerType.of(CopyScales.class, CopyScales::bases)
          .representation("in", CopyScales::representation)
          .settings(AffineOptions.SETTINGS, CopyScales::options)
          .builds(s -> new CopyScales(s.representation("in"), AffineOptions.of(s)));

  private final Representation representation;
  private final AffineOptions options;
  private final Tensor copyOf;
  private final Parameter scales;
  private final @Nullable InvariantBias bias;

  /**
   * The numbers of a representation's copies.
   *
   * @param representation how the features transform
   * @param options bias and dtype
   */
  public CopyScales(Representation representation, AffineOptions options) {
    this.representation = requireSpace(representation, CopyScales.class);
    Dtype dtype = options.dtype();
    registerDerived("Q", () -> Tensors.of(Dtype.FLOAT64, representation.changeOfBasis()));
    registerDerived(
        "Q_inv", () -> Tensors.of(Dtype.FLOAT64, representation.changeOfBasis().transpose()));
    copyOf = registerFixed("irrep_indices", Coordinates.copies(representation));
    double[] ones = new double[representation.irreps().size()];
    Arrays.fill(ones, 1);
    scales = registerParameter("scale_dof", Tensors.of(dtype, ones, ones.length));
    boolean biased =
        options.bias() && !representation.copies(representation.group().trivialIrrep()).isEmpty();
    this.options = biased ? options : options.withoutBias();
    bias = biased ? registerChild("bias_module", new InvariantBias(representation, dtype)) : null;
    if (bias != null) {
      bias.parameter().ifPresent(free -> registerAlias("bias_dof", free));
    }
  }

  List<BasisUse> bases() {
    List<BasisUse> uses = new ArrayList<>();
    if (bias != null) {
      uses.add(new BasisUse.Alias("bias_dof", "bias_module.bias_dof"));
    }
    uses.add(new BasisUse.CopyNumbers("scale_dof", representation));
    return uses;
  }

  /**
   * How the features transform.
   *
   * @return the representation
   */
  public Representation representation() {
    return representation;
  }

  /**
   * How the numbers were made.
   *
   * @return the options; without a bias where the representation has no invariant vector
   */
  public AffineOptions options() {
    return options;
  }

  /**
   * The scales.
   *
   * @return {@code [copies]}, in the order of the representation
   */
  public Tensor scales() {
    return scales.value();
  }

  /** What is made of the scales. */
  Parameter.Derived derived(UnaryOperator<Tensor> derivation) {
    return scales.derived(derivation);
  }

  /**
   * A scale for every coordinate in the irreps' basis.
   *
   * @param perCopy {@code [copies]}
   * @return {@code [size]}
   */
  public Tensor spread(Tensor perCopy) {
    return perCopy.index_select(0, copyOf);
  }

  /**
   * The bias as a vector.
   *
   * @return {@code [size]}, or null where there is none
   */
  public @Nullable Tensor bias() {
    return bias == null ? null : bias.vector();
  }

  /**
   * Features in a spectrum with the bias added.
   *
   * @param copies the copies of the representation
   * @param features the features
   * @return the sum
   */
  public Spectrum shifted(SpectralCopies copies, Spectrum features) {
    return bias == null ? features : bias.addTo(features, copies.basis());
  }

  @Override
  public String toString() {
    return "CopyScales(" + representation + ")";
  }
}
