package dev.noether.nn;

import static dev.noether.algebra.Checks.require;

import dev.noether.torch.Scopes;
import dev.noether.torch.Tensors;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.bytedeco.pytorch.GeneratorOptional;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * The plain dense layer y = x W^T + b, whose weight and bias may pass through parametrizations.
 *
 * <p>Names in the state dict: {@code weight} and {@code bias}, or {@code
 * parametrizations.weight.original} and so on once constrained.
 */
public final class Linear extends Layer implements PlainLayer {
  private final int inFeatures;
  private final int outFeatures;
  private final Tensor weight;
  private final @Nullable Tensor bias;
  private final Map<String, Parametrization> parametrizations = new HashMap<>();

  /**
   * A layer with PyTorch's initialization: uniform in +-1/sqrt(inFeatures).
   *
   * @param inFeatures the size of the last axis of the input
   * @param outFeatures the size of the last axis of the output
   * @param options bias, seed and dtype; the rest does not concern this layer
   * @throws IllegalArgumentException if a size is below 1
   */
  public Linear(int inFeatures, int outFeatures, LinearOptions options) {
    require(
        inFeatures >= 1 && outFeatures >= 1,
        "sizes must be at least 1, got in %d and out %d",
        inFeatures,
        outFeatures);
    this.inFeatures = inFeatures;
    this.outFeatures = outFeatures;
    double bound = 1 / Math.sqrt(inFeatures);
    GeneratorOptional generator = Generators.of(options.seed());
    weight =
        registerParameter("weight", uniform(options, bound, generator, outFeatures, inFeatures));
    bias =
        options.bias()
            ? registerParameter("bias", uniform(options, bound, generator, outFeatures))
            : null;
  }

  /**
   * A layer with a bias and the default options.
   *
   * @param inFeatures the size of the last axis of the input
   * @param outFeatures the size of the last axis of the output
   */
  public Linear(int inFeatures, int outFeatures) {
    this(inFeatures, outFeatures, LinearOptions.defaults());
  }

  private static Tensor uniform(
      LinearOptions options, double bound, GeneratorOptional generator, long... shape) {
    return Scopes.compute(
        () ->
            torch.zeros(shape).to(options.dtype().scalarType()).uniform_(-bound, bound, generator));
  }

  /** Routes a parameter through a constraint from now on. */
  void parametrize(String name, Parametrization parametrization) {
    require(
        !parametrizations.containsKey(name), "'%s' is constrained already; make a new layer", name);
    renameParameter(name, "parametrizations." + name + ".original");
    parametrizations.put(name, registerChild("parametrizations." + name + ".0", parametrization));
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
    return read("weight", weight);
  }

  /**
   * The bias as the layer uses it, through its parametrization.
   *
   * @return {@code [outFeatures]}, or null without a bias
   */
  public @Nullable Tensor bias() {
    return bias == null ? null : read("bias", bias);
  }

  private Tensor read(String name, Tensor original) {
    Parametrization parametrization = parametrizations.get(name);
    return parametrization == null ? original : parametrization.apply(original);
  }

  /**
   * Sets the weight; a constrained layer then uses its projection.
   *
   * @param value {@code [outFeatures, inFeatures]}, copied
   * @throws IllegalArgumentException if the shape differs
   */
  public void setWeight(Tensor value) {
    require(
        java.util.Arrays.equals(Tensors.shape(value), Tensors.shape(weight)),
        "weight must be %s, got %s",
        java.util.Arrays.toString(Tensors.shape(weight)),
        java.util.Arrays.toString(Tensors.shape(value)));
    Parametrization parametrization = parametrizations.get("weight");
    try (NoGradGuard guard = new NoGradGuard()) {
      weight.copy_(parametrization == null ? value : parametrization.rightInverse(value));
    }
  }

  /**
   * Applies the layer.
   *
   * @param input {@code [..., inFeatures]}
   * @return {@code [..., outFeatures]}
   * @throws IllegalArgumentException if the last axis, the dtype or the device do not fit
   */
  public Tensor forward(Tensor input) {
    Tensors.requireInput(input, inFeatures, "inFeatures()", this, weight);
    return Scopes.compute(
        () ->
            isTraining() && parametrizations.get("weight") instanceof CommutingConstraint constraint
                ? Affine.applyTransposed(input, constraint.transposed(weight), bias())
                : Affine.apply(input, weight(), bias()));
  }

  @Override
  public <V> V plain(PlainGraph<V> graph, V x) {
    return graph.linear(x, weight(), bias());
  }

  @Override
  public Optional<Architecture> architecture() {
    Architecture plain =
        Architecture.of(this)
            .with("in_features", inFeatures)
            .with("out_features", outFeatures)
            .with("bias", hasBias());
    return Optional.of(
        parametrizations.get("weight") instanceof CommutingConstraint constraint
            ? plain
                .with("in", constraint.basis().in())
                .with("out", constraint.basis().out())
                .with("expansion", constraint.basis().expansion())
            : plain);
  }

  @Override
  public String toString() {
    return "Linear(" + inFeatures + ", " + outFeatures + ")";
  }

  /** A generator of its own for a seed, LibTorch's where there is none. */
  static final class Generators {
    private Generators() {}

    static GeneratorOptional of(OptionalLong seed) {
      dev.noether.torch.LibTorch.load();
      return seed.isPresent()
          ? new GeneratorOptional(torch.make_generator_cpu(seed.getAsLong()))
          : new GeneratorOptional();
    }
  }
}
