package dev.noether.nn.linear;

import static dev.noether.algebra.Checks.require;
import static dev.noether.algebra.Checks.requirePresent;

import dev.noether.nn.BasisUse;
import dev.noether.nn.EquivariantFunction;
import dev.noether.nn.Layer;
import dev.noether.nn.LayerType;
import dev.noether.plain.Axes;
import dev.noether.plain.NamedInputs;
import dev.noether.plain.PlainCopies;
import dev.noether.plain.PlainGraph;
import dev.noether.plain.PlainLayer;
import dev.noether.plain.Port;
import dev.noether.rep.Representation;
import dev.noether.spectral.Coordinates;
import dev.noether.spectral.CopiesInARow;
import dev.noether.torch.Dtype;
import dev.noether.torch.Scopes;
import dev.noether.torch.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Feature-wise linear modulation: scales every copy of every irrep and adds an invariant bias, both
 * given at every call, one set for each sample or for samples that share it: y = Q diag(s) Q^T x +
 * b.
 *
 * <p>Scales and bias are invariant features, often of another network. See Perez et al.,
 * <em>FiLM</em> (2018).
 *
 * <p>Inputs by name: {@code x}, {@code scale_dof}, and with a bias {@code bias_dof}.
 */
public final class EquivariantFilm extends Layer implements NamedInputs, PlainLayer {
  /** How an architecture describes it. */
  public static final LayerType<EquivariantFilm> TYPE =
      LayerType.of(
              EquivariantFilm.class,
              layer -> List.of(new BasisUse.Copies(layer.representation, true)))
          .representation("in", EquivariantFilm::in)
          .settings(AffineOptions.SETTINGS, layer -> layer.options)
          .builds(s -> new EquivariantFilm(s.representation("in"), AffineOptions.of(s)));

  private static final int EXAMPLE = 4;

  private final Representation representation;
  private final AffineOptions options;
  private final CopiesInARow copies;
  private final @Nullable FixedVectors fixed;
  private final @Nullable FixedVectors inIrreps;

  /**
   * A layer without parameters.
   *
   * @param representation how the features transform
   * @param options whether a bias is given, and the dtype
   */
  public EquivariantFilm(Representation representation, AffineOptions options) {
    this.representation =
        requirePresent(representation, "a FiLM layer needs a representation, got null");
    copies = new CopiesInARow(representation, options.dtype());
    registerBuffers("copies.", copies.buffers());
    registerDerived("Q", () -> Tensors.of(Dtype.FLOAT64, representation.changeOfBasis()));
    registerDerived(
        "Q_inv", () -> Tensors.of(Dtype.FLOAT64, representation.changeOfBasis().transpose()));
    registerFixed("irrep_indices", Coordinates.copies(representation));
    int invariant = representation.copies(representation.group().trivialIrrep()).size();
    this.options = invariant > 0 ? options : options.withoutBias();
    if (this.options.bias()) {
      registerDerived("trivial_subspace_mask", () -> InvariantBias.mask(representation));
      fixed = new FixedVectors(representation, options.dtype());
      registerBuffers("", fixed.buffers());
      inIrreps = FixedVectors.inIrreps(representation, options.dtype());
      registerBuffers("irreps.", inIrreps.buffers());
    } else {
      fixed = null;
      inIrreps = null;
    }
  }

  /**
   * A layer with a bias, in float32.
   *
   * @param representation how the features transform
   */
  public EquivariantFilm(Representation representation) {
    this(representation, AffineOptions.defaults());
  }

  /**
   * How features transform, before and after.
   *
   * @return the representation
   */
  public Representation in() {
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

  /**
   * The number of free bias numbers: one for every trivial irrep, none without a bias.
   *
   * @return the length of the last axis of a bias tensor
   */
  public int biasCount() {
    return fixed == null ? 0 : fixed.count();
  }

  /**
   * Applies the layer with scales and bias.
   *
   * @param input {@code [..., in.size]}
   * @param scale {@code [..., scaleCount]}, leading axes as the input's, or of size 1 where samples
   *     share them
   * @param bias {@code [..., biasCount]}, likewise
   * @return {@code [..., in.size]}
   * @throws IllegalArgumentException if a tensor does not fit, or this layer has no bias
   */
  public Tensor forward(Tensor input, Tensor scale, Tensor bias) {
    requirePresent(fixed, "this layer takes no bias: forward(input, scale), %s", this);
    requireInput(input);
    requireModulation(input, scale, scaleCount(), "scale");
    requireModulation(input, bias, biasCount(), "bias");
    return Scopes.compute(() -> modulate(input, scale, bias));
  }

  /**
   * Applies the layer without scales.
   *
   * @param input {@code [..., in.size]}
   * @param bias {@code [..., biasCount]}, leading axes as the input's, or of size 1 where samples
   *     share it
   * @return {@code [..., in.size]}
   * @throws IllegalArgumentException if a tensor does not fit, or this layer has no bias
   */
  public Tensor shift(Tensor input, Tensor bias) {
    FixedVectors directions = requirePresent(fixed, "this layer takes no bias, %s", this);
    requireInput(input);
    requireModulation(input, bias, biasCount(), "bias");
    return Scopes.compute(() -> input.add(directions.vector(bias)));
  }

  /**
   * Applies the layer without a bias.
   *
   * @param input {@code [..., in.size]}
   * @param scale {@code [..., scaleCount]}, leading axes as the input's, or of size 1 where samples
   *     share them
   * @return {@code [..., in.size]}
   * @throws IllegalArgumentException if a tensor does not fit, or this layer has a bias
   */
  public Tensor forward(Tensor input, Tensor scale) {
    require(fixed == null, "this FiLM layer has a bias: forward(input, scale, bias)");
    requireInput(input);
    requireModulation(input, scale, scaleCount(), "scale");
    return Scopes.compute(() -> modulate(input, scale, null));
  }

  @Override
  public List<String> requiredInputs() {
    return fixed == null ? List.of("x", "scale_dof") : List.of("x", "scale_dof", "bias_dof");
  }

  @Override
  public Tensor applyNamed(Map<String, Tensor> inputs) {
    Tensor x = inputs.getOrDefault("x", new Tensor());
    Tensor scale = inputs.getOrDefault("scale_dof", new Tensor());
    return fixed == null
        ? forward(x, scale)
        : forward(x, scale, inputs.getOrDefault("bias_dof", new Tensor()));
  }

  /** Scales and shifts in the basis of the irreps, where each is one number a coordinate. */
  private Tensor modulate(Tensor input, Tensor scale, @Nullable Tensor bias) {
    Tensor features = copies.enter(input);
    if (bias == null || inIrreps == null) {
      return copies.leave(copies.scaled(features, scale));
    }
    Tensor spread = copies.sums().timesTranspose(scale);
    return copies.leave(inIrreps.vector(bias).addcmul(features, spread));
  }

  /**
   * The layer as ordinary operations.
   *
   * @param <V> a value inside the graph
   * @param graph the graph
   * @param x {@code [..., in.size]}
   * @param scale {@code [..., scaleCount]}; null for none
   * @param bias {@code [..., biasCount]}; null for none
   * @return {@code [..., in.size]}
   */
  public <V> V plain(PlainGraph<V> graph, V x, @Nullable V scale, @Nullable V bias) {
    V scaled = x;
    if (scale != null) {
      PlainCopies<V> plain = new PlainCopies<>(graph, copies);
      scaled = plain.leave(plain.scaled(plain.enter(x), scale));
    }
    if (bias == null || fixed == null) {
      return scaled;
    }
    return graph.add(
        scaled, graph.matmul(bias, graph.constant("fixed", Scopes.compute(fixed::rows))));
  }

  private void requireInput(Tensor input) {
    Tensors.requireInput(input, representation.size(), "in.size()", representation, copies.like());
  }

  private void requireModulation(Tensor input, Tensor given, int count, String what) {
    long[] wanted = Tensors.shapeWithLast(input, count);
    long[] actual = Tensors.shape(given);
    boolean fits = actual.length == wanted.length && actual[wanted.length - 1] == count;
    for (int i = 0; fits && i < wanted.length - 1; i++) {
      fits = actual[i] == wanted[i] || actual[i] == 1;
    }
    require(
        fits,
        "%s must be %s, the input's leading axes (or 1) and %d numbers, got %s",
        what,
        Arrays.toString(wanted),
        count,
        Arrays.toString(actual));
    Tensors.requireInput(given, count, what, representation, copies.like());
  }

  /** With invariant scales and bias of four samples. */
  @Override
  public Optional<EquivariantFunction> equivariance() {
    Representation one = Representation.trivial(representation.group());
    List<EquivariantFunction.Input> inputs = new ArrayList<>();
    inputs.add(example(representation));
    inputs.add(example(one.times(scaleCount())));
    if (fixed != null) {
      inputs.add(example(one.times(biasCount())));
    }
    return Optional.of(
        new EquivariantFunction(
            inputs,
            representation,
            Axes.FEATURES,
            t ->
                fixed == null
                    ? forward(t.get(0), t.get(1))
                    : forward(t.get(0), t.get(1), t.get(2))));
  }

  private EquivariantFunction.Input example(Representation rho) {
    Tensor numbers = EquivariantFunction.random(Optional.of(copies.like()), EXAMPLE, rho.size());
    return new EquivariantFunction.Input(rho, Axes.FEATURES, numbers);
  }

  @Override
  public List<Port> inputs() {
    List<Port> ports = new ArrayList<>();
    ports.add(new Port("input", Axes.FEATURES, representation.size()));
    ports.add(new Port("scale", Axes.FEATURES, scaleCount()));
    if (fixed != null) {
      ports.add(new Port("bias", Axes.FEATURES, biasCount()));
    }
    return ports;
  }

  @Override
  public Port output() {
    return new Port("output", Axes.FEATURES, representation.size());
  }

  /** Always refused: the layer takes scales too. */
  @Override
  public <V> V plain(PlainGraph<V> graph, V x) {
    return plain(graph, List.of(x));
  }

  @Override
  public <V> V plain(PlainGraph<V> graph, List<V> inputs) {
    require(
        inputs.size() == inputs().size(),
        "%s takes %d inputs, got %d",
        this,
        inputs().size(),
        inputs.size());
    return plain(graph, inputs.get(0), inputs.get(1), fixed == null ? null : inputs.get(2));
  }

  @Override
  public String toString() {
    return "EquivariantFilm(" + representation + ")";
  }
}
