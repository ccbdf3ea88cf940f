package dev.noether.nn;

import static dev.noether.algebra.Checks.requirePresent;

import dev.noether.group.Irrep;
import dev.noether.hom.CostModel.CopyWork;
import dev.noether.hom.SpectralBasis;
import dev.noether.hom.Spectrum;
import dev.noether.rep.Representation;
import dev.noether.torch.Dtype;
import dev.noether.torch.LibTorch;
import dev.noether.torch.Scopes;
import dev.noether.torch.Tensors;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.IntStream;
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
public final class InvariantBias extends Layer implements EquivariantLayer, PlainLayer {
  private static final CopyWork WORK = new CopyWork(0, 0.5);

  private final Representation representation;
  private final EvaluationCache cache = new EvaluationCache();
  private final @Nullable Tensor coefficients;
  private final @Nullable Tensor basis;

  /**
   * The bias of a representation.
   *
   * @param representation how the features transform
   * @param dtype the dtype of the layer
   */
  public InvariantBias(Representation representation, Dtype dtype) {
    LibTorch.load();
    this.representation = representation;
    long[] trivial = trivialColumns(representation);
    if (trivial.length == 0) {
      coefficients = null;
      basis = null;
      return;
    }
    coefficients =
        registerParameter(
            "bias_dof", Tensors.of(dtype, new double[trivial.length], trivial.length));
    basis = registerBuffer("fixed", fixedVectors(representation, dtype), false);
    registerDerived("Qout", () -> Tensors.of(Dtype.FLOAT64, representation.changeOfBasis()));
    registerFixed("spectral_trivial_mask", mask(trivial, representation.size()));
  }

  /** An orthonormal basis of Fix(rho): the columns of Q that belong to trivial irreps. */
  static Tensor fixedVectors(Representation representation, Dtype dtype) {
    long[] trivial = trivialColumns(representation);
    int[] columns = Arrays.stream(trivial).mapToInt(Math::toIntExact).toArray();
    return Tensors.of(dtype, representation.changeOfBasis().columns(columns));
  }

  /** The columns of Q that belong to trivial irreps, in their order in the representation. */
  static long[] trivialColumns(Representation representation) {
    Irrep trivial = representation.group().trivialIrrep();
    IntStream.Builder columns = IntStream.builder();
    int start = 0;
    for (Irrep irrep : representation.irreps()) {
      if (irrep.equals(trivial)) {
        columns.add(start);
      }
      start += irrep.dimension();
    }
    return columns.build().asLongStream().toArray();
  }

  /** A boolean tensor that is true at some places. */
  static Tensor mask(long[] places, int size) {
    double[] mask = new double[size];
    for (long place : places) {
      mask[(int) place] = 1;
    }
    return Scopes.compute(() -> Tensors.of(Dtype.FLOAT32, mask, size).to(ScalarType.Bool));
  }

  @Override
  public Representation in() {
    return representation;
  }

  @Override
  public Representation out() {
    return representation;
  }

  /**
   * The free numbers of the bias.
   *
   * @return {@code [multiplicity of the trivial irrep]}, empty where there is none
   */
  public Optional<Tensor> coefficients() {
    return Optional.ofNullable(coefficients);
  }

  /**
   * The bias as a vector.
   *
   * @return {@code [size]}, or null where the representation has no invariant vector
   */
  public @Nullable Tensor bias() {
    Tensor free = coefficients;
    return free == null ? null : cache.get(isTraining(), free, () -> expand(free));
  }

  /** Adds the bias to features in the isotypic basis, where it is its own coefficients. */
  Spectrum addTo(Spectrum features, SpectralBasis spectral) {
    Tensor free = coefficients;
    return free == null ? features : spectral.addInvariant(features, free);
  }

  private Tensor expand(Tensor free) {
    return requirePresent(basis, "no basis").mv(free);
  }

  @Override
  public Tensor forward(Tensor input) {
    Tensor free = coefficients;
    if (free == null) {
      return input.alias();
    }
    Tensors.requireInput(input, representation.size(), "in.size()", representation, free);
    return Scopes.compute(
        () -> torch.add(input, cache.get(isTraining(), free, () -> expand(free))));
  }

  @Override
  @Nullable SpectralStage spectralStage() {
    if (coefficients == null) {
      return null;
    }
    IsotypicCopies isotypic = new IsotypicCopies(representation, coefficients);
    return IsotypicStage.of(isotypic, WORK, features -> addTo(features, isotypic.basis()));
  }

  @Override
  protected void stateChanged() {
    cache.clear();
  }

  @Override
  public <V> V plain(PlainGraph<V> graph, V x) {
    Tensor shift = bias();
    return shift == null ? x : graph.add(x, graph.constant("bias", shift));
  }

  @Override
  public Optional<Architecture> architecture() {
    return Optional.of(Architecture.of(this).with("in", representation));
  }

  @Override
  public String toString() {
    return "InvariantBias(" + representation + ")";
  }
}
