package dev.noether.nn.linear;

import static dev.noether.algebra.Checks.require;

import dev.noether.hom.BasisExpansion;
import dev.noether.nn.Layer;
import dev.noether.nn.LayerType;
import dev.noether.nn.Parameter;
import dev.noether.nn.Parametrization;
import dev.noether.nn.Settings;
import dev.noether.plain.Axes;
import dev.noether.plain.Forward;
import dev.noether.plain.PlainGraph;
import dev.noether.plain.PlainLayer;
import dev.noether.plain.Port;
import dev.noether.rep.Representation;
import dev.noether.torch.DenseProduct;
import dev.noether.torch.Dtype;
import dev.noether.torch.Scopes;
import dev.noether.torch.Seeds;
import dev.noether.torch.Tensors;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.GeneratorOptional;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The plain dense layer y = W x + b, whose weight and bias may pass through parametrizations;
 * {@link #impose} makes it equivariant.
 *
 * <p>Names in the state dict: {@code weight} and {@code bias}, or {@code
 * parametrizations.weight.original} and so on once constrained.
 */
public final class Linear extends Layer implements Forward, PlainLayer {
  /** How an architecture describes it; older files tell the constraint by in, out, expansion. */
  public static final LayerType<Linear> TYPE =
      LayerType.independentOfBases(Linear.class)
          .optional("in", layer -> Optional.empty())
          .optional("out", layer -> Optional.empty())
          .setting("in_features", Linear::inFeatures)
          .setting("out_features", Linear::outFeatures)
          .setting("bias", Linear::hasBias, true)
          .setting(
              "expansion",
              layer -> BasisExpansion.ISOTYPIC_EXPANSION,
              BasisExpansion.ISOTYPIC_EXPANSION)
          .builds(Linear::of);

  private final int inFeatures;
  private final int outFeatures;
  private final Parameter weight;
  private final @Nullable Parameter bias;

  /**
   * A layer with PyTorch's initialization: uniform in +-1/sqrt(inFeatures).
   *
   * @param inFeatures the size of the last axis of the input
   * @param outFeatures the size of the last axis of the output
   * @param options bias, seed and dtype
   * @throws IllegalArgumentException if a size is below 1
   */
  public Linear(int inFeatures, int outFeatures, DenseOptions options) {
    require(
        inFeatures >= 1 && outFeatures >= 1,
        "sizes must be at least 1, got in %d and out %d",
        inFeatures,
        outFeatures);
    this.inFeatures = inFeatures;
    this.outFeatures = outFeatures;
    double bound = 1 / Math.sqrt(inFeatures);
    GeneratorOptional generator = Seeds.generator(options.seed());
    Dtype dtype = options.dtype();
    weight =
        registerParameter(
            "weight", Seeds.uniform(dtype, bound, generator, outFeatures, inFeatures));
    bias =
        options.bias()
            ? registerParameter("bias", Seeds.uniform(dtype, bound, generator, outFeatures))
            : null;
  }

  /**
   * A layer with a bias and the default options.
   *
   * @param inFeatures the size of the last axis of the input
   * @param outFeatures the size of the last axis of the output
   */
  public Linear(int inFeatures, int outFeatures) {
    this(inFeatures, outFeatures, DenseOptions.defaults());
  }

  private static Linear of(Settings settings) {
    Optional<Representation> in = settings.optional("in");
    Optional<Representation> out = settings.optional("out");
    Linear layer =
        new Linear(
            size(settings, "in_features", in),
            size(settings, "out_features", out),
            DenseOptions.of(settings));
    if (in.isPresent() || out.isPresent()) {
      layer.impose(
          settings.representation("in"),
          settings.representation("out"),
          settings.constant(BasisExpansion.class, "expansion"));
    }
    return layer;
  }

  private static int size(Settings settings, String name, Optional<Representation> constraint) {
    return settings.has(name) || constraint.isEmpty()
        ? settings.whole(name)
        : constraint.get().size();
  }

  /**
   * Constrains the layer to equivariant weights and an invariant bias, from now on.
   *
   * @param in the representation of its input
   * @param out the representation of its output
   * @throws IllegalArgumentException if sizes or groups do not fit, Hom_G(in, out) is empty, or the
   *     layer is constrained already
   */
  public void impose(Representation in, Representation out) {
    impose(in, out, BasisExpansion.ISOTYPIC_EXPANSION);
  }

  /**
   * Constrains the layer to equivariant weights and an invariant bias, from now on.
   *
   * @param in the representation of its input
   * @param out the representation of its output
   * @param expansion how the state dict shows the basis
   * @throws IllegalArgumentException if sizes or groups do not fit, Hom_G(in, out) is empty, or the
   *     layer is constrained already
   */
  public void impose(Representation in, Representation out, BasisExpansion expansion) {
    require(
        inFeatures == in.size() && outFeatures == out.size(),
        "the layer must map in.size() = %d (%s) to out.size() = %d (%s), got %s",
        in.size(),
        in,
        out.size(),
        out,
        this);
    Tensor like = weight.original();
    Dtype dtype = Dtype.of(like);
    CommutingConstraint commuting = new CommutingConstraint(in, out, expansion, dtype);
    InvariantConstraint invariant = new InvariantConstraint(out, dtype);
    for (Parametrization constraint : List.of(commuting, invariant)) {
      constraint.to(Tensors.device(like));
    }
    parametrize("weight", commuting);
    if (bias != null) {
      parametrize("bias", invariant);
    }
  }

  /**
   * The size of the last axis of the input.
   *
   * @return the number of input features
   */
  public int inFeatures() {
    return inFeatures;
  }

  /**
   * The size of the last axis of the output.
   *
   * @return the number of output features
   */
  public int outFeatures() {
    return outFeatures;
  }

  /**
   * Whether a bias is added.
   *
   * @return true if there is a bias
   */
  public boolean hasBias() {
    return bias != null;
  }

  /**
   * The weight as the layer uses it, through its parametrization.
   *
   * @return {@code [outFeatures, inFeatures]}
   */
  public Tensor weight() {
    return Scopes.compute(() -> weight.value().alias());
  }

  /**
   * The bias as the layer uses it, through its parametrization.
   *
   * @return {@code [outFeatures]}, or null without a bias
   */
  public @Nullable Tensor bias() {
    return bias == null ? null : Scopes.compute(() -> bias.value().alias());
  }

  /**
   * Sets the weight; a constrained layer then uses its projection.
   *
   * @param value {@code [outFeatures, inFeatures]}, copied
   * @throws IllegalArgumentException if the shape differs
   */
  public void setWeight(Tensor value) {
    weight.set(value);
  }

  /**
   * Applies the layer.
   *
   * @param input {@code [..., inFeatures]}
   * @return {@code [..., outFeatures]}
   * @throws IllegalArgumentException if the last axis, the dtype or the device do not fit
   */
  @Override
  public Tensor forward(Tensor input) {
    Tensors.requireInput(input, inFeatures, "inFeatures()", this, weight.original());
    boolean transposes = isTraining() && weight.isParametrized();
    return computed(
        input,
        () -> {
          @Nullable Tensor shift = bias == null ? null : bias.value();
          return transposes
              ? DenseProduct.applyTransposed(input, weight.transposed(), shift)
              : DenseProduct.apply(input, weight.value(), shift);
        });
  }

  @Override
  public List<Port> inputs() {
    return List.of(new Port("input", Axes.FEATURES, inFeatures));
  }

  @Override
  public Port output() {
    return new Port("output", Axes.FEATURES, outFeatures);
  }

  @Override
  public <V> V plain(PlainGraph<V> graph, V x) {
    return graph.linear(x, weight(), bias());
  }

  @Override
  public String toString() {
    return "Linear(" + inFeatures + ", " + outFeatures + ")";
  }
}
