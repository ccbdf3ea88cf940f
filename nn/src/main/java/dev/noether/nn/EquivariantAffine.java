package dev.noether.nn;

import static dev.noether.algebra.Checks.require;
import static dev.noether.algebra.Checks.requirePresent;

import dev.noether.hom.CostModel.CopyWork;
import dev.noether.hom.Spectrum;
import dev.noether.rep.Representation;
import dev.noether.torch.Dtype;
import dev.noether.torch.Scopes;
import dev.noether.torch.Tensors;
import java.util.Arrays;
import java.util.Optional;
import org.bytedeco.pytorch.GradMode;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Scales every copy of every irrep by a number and adds an invariant bias: y = Q diag(s) Q^T x + b.
 *
 * <p>A {@linkplain #learnable learnable} layer owns the scales and the bias; a {@linkplain #film
 * FiLM} layer is given them at every call, one set for every sample.
 */
public final class EquivariantAffine extends Layer implements EquivariantLayer, PlainLayer {
  private static final CopyWork WORK = new CopyWork(1.5, 1);

  private final Representation representation;
  private final Tensor irrepIndices;
  private final boolean withBias;
  private final int biases;
  private final @Nullable Tensor fixed;
  private final @Nullable Tensor scales;
  private final @Nullable InvariantBias bias;
  private final IrrepCopies copies;
  private final @Nullable CopyScaling scaling;
  private final EvaluationCache cache = new EvaluationCache();

  private EquivariantAffine(
      Representation representation,
      boolean learnable,
      boolean wantsBias,
      boolean withMaps,
      Dtype dtype) {
    this.representation = representation;
    copies = new IrrepCopies(representation, dtype);
    copies.buffers().forEach((name, b) -> registerBuffer(name, b, false));
    registerDerived("Q", () -> Tensors.of(Dtype.FLOAT64, representation.changeOfBasis()));
    registerDerived(
        "Q_inv", () -> Tensors.of(Dtype.FLOAT64, representation.changeOfBasis().transpose()));
    irrepIndices = registerFixed("irrep_indices", Coordinates.copies(representation));
    long[] trivial = InvariantBias.trivialColumns(representation);
    withBias = wantsBias && trivial.length > 0;
    biases = withBias ? trivial.length : 0;
    scaling = withMaps ? new CopyScaling(representation, dtype) : null;
    if (scaling != null) {
      scaling.buffers().forEach((name, b) -> registerBuffer(name, b, false));
    }
    if (learnable) {
      double[] ones = new double[scaleCount()];
      Arrays.fill(ones, 1);
      scales = registerParameter("scale_dof", Tensors.of(dtype, ones, ones.length));
      bias =
          withBias ? registerChild("bias_module", new InvariantBias(representation, dtype)) : null;
      if (bias != null) {
        bias.coefficients().ifPresent(free -> registerAlias("bias_dof", free));
      }
      fixed = null;
      return;
    }
    scales = null;
    bias = null;
    if (withBias) {
      registerFixed("trivial_subspace_mask", InvariantBias.mask(trivial, representation.size()));
      fixed = registerBuffer("fixed", InvariantBias.fixedVectors(representation, dtype), false);
    } else {
      fixed = null;
    }
  }

  /**
   * A layer that owns its scales, ones at first, and its bias, zero at first.
   *
   * @param representation how the features transform
   * @param options bias and dtype; the rest does not concern this layer
   * @return the layer
   */
  public static EquivariantAffine learnable(Representation representation, LinearOptions options) {
    return new EquivariantAffine(representation, true, options.bias(), true, options.dtype());
  }

  /** Scales and bias for a layer that applies them itself. */
  static EquivariantAffine parametersOnly(Representation representation, LinearOptions options) {
    return new EquivariantAffine(representation, true, options.bias(), false, options.dtype());
  }

  /**
   * A layer that is given scales and bias at every call (feature-wise linear modulation).
   *
   * @param representation how the features transform
   * @param options bias and dtype; the rest does not concern this layer
   * @return the layer
   */
  public static EquivariantAffine film(Representation representation, LinearOptions options) {
    return new EquivariantAffine(representation, false, options.bias(), false, options.dtype());
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
   * The number of scales: one for every copy of an irrep, in the order of the representation.
   *
   * @return the length of the last axis of a scale tensor
   */
  public int scaleCount() {
    return representation.irreps().size();
  }

  /** Whether scales and bias come at every call. */
  boolean isFilm() {
    return scales == null;
  }

  /** The scales of a learnable layer. */
  Tensor scales() {
    return requirePresent(scales, "a FiLM layer has no scales of its own: %s", this);
  }

  /** The bias of a learnable layer as a vector; null where it has none. */
  @Nullable Tensor bias() {
    return bias == null ? null : bias.bias();
  }

  /**
   * The number of free bias numbers: one for every trivial irrep, none without a bias.
   *
   * @return the length of the last axis of a bias tensor
   */
  public int biasCount() {
    return biases;
  }

  /**
   * Applies the learnable layer.
   *
   * @param input {@code [..., in.size]}
   * @return {@code [..., in.size]}
   * @throws IllegalArgumentException if the input does not fit, or this is a FiLM layer
   */
  @Override
  public Tensor forward(Tensor input) {
    Tensor own =
        requirePresent(
            scales,
            "a FiLM layer needs its scale%s at every call: forward(input, scale%s)",
            withBias ? " and bias" : "",
            withBias ? ", bias" : "");
    Tensors.requireInput(input, representation.size(), "in.size()", representation, own);
    return Scopes.compute(() -> scaled(input, own, true));
  }

  /** The learnable layer with each copy's scale multiplied by a number, {@code [scaleCount]}. */
  Tensor rescaled(Tensor input, Tensor factors) {
    return Scopes.compute(() -> scaled(input, scales().mul(factors), false));
  }

  private Tensor scaled(Tensor input, Tensor scale, boolean own) {
    CopyScaling maps = scaling;
    Tensor shift = bias();
    boolean kept = own && !isTraining() && !(GradMode.is_enabled() && scale.requires_grad());
    if (maps != null && maps.pays(input.numel() / representation.size(), kept)) {
      Tensor flat =
          own
              ? cache.get(isTraining(), scale, () -> Scopes.compute(() -> maps.expand(scale)))
              : maps.expand(scale);
      return maps.apply(input, flat, shift);
    }
    Tensor factors = scale.index_select(0, irrepIndices);
    Tensor output = copies.back(copies.spectrum(input).mul(factors));
    return shift == null ? output : output.add(shift);
  }

  /**
   * Applies the FiLM layer with its own scales and bias for every sample.
   *
   * @param input {@code [..., in.size]}
   * @param scale {@code [..., scaleCount]}, leading axes as the input's
   * @param biasCoefficients {@code [..., biasCount]}, leading axes as the input's
   * @return {@code [..., in.size]}
   * @throws IllegalArgumentException if a tensor does not fit, or this layer is learnable or has no
   *     bias
   */
  public Tensor forward(Tensor input, Tensor scale, Tensor biasCoefficients) {
    Tensor directions = requirePresent(fixed, "this layer takes no bias at the call: %s", this);
    requireModulation(input, scale, scaleCount(), "scale");
    requireModulation(input, biasCoefficients, biases, "bias");
    return Scopes.compute(
        () -> modulate(input, scale).add(biasCoefficients.matmul(directions.t())));
  }

  /**
   * Applies the FiLM layer without a bias.
   *
   * @param input {@code [..., in.size]}
   * @param scale {@code [..., scaleCount]}, leading axes as the input's
   * @return {@code [..., in.size]}
   * @throws IllegalArgumentException if a tensor does not fit, or this layer is learnable or has a
   *     bias
   */
  public Tensor forward(Tensor input, Tensor scale) {
    require(!withBias, "this FiLM layer has a bias: forward(input, scale, bias)");
    requireModulation(input, scale, scaleCount(), "scale");
    return Scopes.compute(() -> modulate(input, scale));
  }

  private Tensor modulate(Tensor input, Tensor scale) {
    return copies.back(copies.scaled(copies.spectrum(input), scale));
  }

  private void requireModulation(Tensor input, Tensor given, int count, String what) {
    require(scales == null, "a learnable layer has its own scale and bias: forward(input)");
    Tensors.requireInput(input, representation.size(), "in.size()", representation, copies.like());
    long[] expected = Tensors.shape(input);
    expected[expected.length - 1] = count;
    require(
        Arrays.equals(Tensors.shape(given), expected),
        "%s must be %s, the input's leading axes and %d numbers, got %s",
        what,
        Arrays.toString(expected),
        count,
        Arrays.toString(Tensors.shape(given)));
    Tensors.requireInput(given, count, what, representation, copies.like());
  }

  /** Q diag(s) Q^T as one matrix. */
  private Tensor dense(Tensor own) {
    return Scopes.compute(
        () -> {
          Tensor q = Tensors.of(Dtype.FLOAT64, representation.changeOfBasis());
          Tensor basis = q.to(own.device(), own.scalar_type());
          return basis.mul(own.index_select(0, irrepIndices)).matmul(basis.t());
        });
  }

  @Override
  @Nullable SpectralStage spectralStage() {
    if (scales == null) {
      return null;
    }
    IsotypicCopies isotypic = new IsotypicCopies(representation, scales);
    return IsotypicStage.of(
        isotypic,
        WORK,
        features -> shifted(isotypic, isotypic.scaled(features, isotypic.arranged(scales))));
  }

  /** The bias of the learnable layer added to features in the isotypic basis. */
  Spectrum shifted(IsotypicCopies isotypic, Spectrum features) {
    return bias == null ? features : bias.addTo(features, isotypic.basis());
  }

  @Override
  protected void stateChanged() {
    cache.clear();
  }

  @Override
  public <V> V plain(PlainGraph<V> graph, V x) {
    Tensor own = scales();
    Tensor shift = bias();
    if (!copies.isInIrrepBasis()) {
      return graph.linear(x, dense(own), shift);
    }
    V scaled = graph.multiply(x, graph.constant("weight", own.index_select(0, irrepIndices)));
    return shift == null ? scaled : graph.add(scaled, graph.constant("bias", shift));
  }

  @Override
  public Optional<Architecture> architecture() {
    return Optional.of(
        Architecture.of(this)
            .with("in", representation)
            .with("learnable", scales != null)
            .with("bias", withBias));
  }

  @Override
  public String toString() {
    return "EquivariantAffine(" + representation + ")";
  }
}
