package dev.noether.models;

import static dev.noether.algebra.Checks.require;

import dev.noether.nn.EquivariantLayer;
import dev.noether.nn.EquivariantSequential;
import dev.noether.nn.activation.PointwiseNonlinearity;
import dev.noether.nn.linear.EquivariantLinear;
import dev.noether.nn.linear.InvariantBias;
import dev.noether.nn.linear.MapOptions;
import dev.noether.plain.Activation;
import dev.noether.rep.Representation;
import dev.noether.torch.DenseProduct;
import dev.noether.torch.Dtype;
import dev.noether.torch.Scopes;
import dev.noether.torch.Tensors;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Imposes a symmetry on a trained plain network of linear layers with a pointwise activation
 * between: each weight is replaced by the nearest one that commutes with the group, each bias by
 * the nearest invariant one.
 *
 * <p>Nearest is meant in the Frobenius norm of each layer, given how its hidden features transform:
 * hidden units of an ordinary network stand in no particular order, so a network that was not
 * trained with the symmetry in mind may change much. {@link Symmetrized#change} tells how much its
 * outputs do, on data; training on from there is what makes up for it. The exact alternative, which
 * keeps the network and averages its outputs, is {@link dev.noether.nn.frame.FrameAveraging}.
 *
 * <pre>{@code
 * Symmetrize.Symmetrized found = Symmetrize.nearest(mlp.stateDict(), Activation.TANH, in, out);
 * double change = found.change(samples);
 * }</pre>
 */
public final class Symmetrize {
  private Symmetrize() {}

  /** A linear layer of a state dict. */
  private record Dense(String name, Tensor weight, @Nullable Tensor bias) {
    int in() {
      return Math.toIntExact(weight.size(1));
    }

    int out() {
      return Math.toIntExact(weight.size(0));
    }
  }

  /** The equivariant network, and how far the plain one was from it. */
  public static final class Symmetrized {
    private final EquivariantSequential layer;
    private final Map<String, Double> distances;
    private final List<Dense> plain;
    private final Activation activation;

    private Symmetrized(
        EquivariantSequential layer,
        Map<String, Double> distances,
        List<Dense> plain,
        Activation activation) {
      this.layer = layer;
      this.distances = Collections.unmodifiableMap(distances);
      this.plain = plain;
      this.activation = activation;
    }

    /**
     * The equivariant network.
     *
     * @return a chain of linear layers and activations
     */
    public EquivariantSequential layer() {
      return layer;
    }

    /**
     * How far each weight and bias was moved, as a share of its Frobenius norm.
     *
     * @return by the names in the state dict
     */
    public Map<String, Double> distances() {
      return distances;
    }

    /**
     * How much the outputs change.
     *
     * @param data inputs, {@code [..., in.size]}
     * @return the Frobenius norm of the change over that of the outputs before
     */
    public double change(Tensor data) {
      try (PointerScope scope = new PointerScope();
          NoGradGuard guard = new NoGradGuard()) {
        Tensor before = data;
        for (int i = 0; i < plain.size(); i++) {
          Dense own = plain.get(i);
          before = DenseProduct.apply(before, own.weight, own.bias);
          before = i < plain.size() - 1 ? activation.apply(before) : before;
        }
        return share(layer.forward(data).sub(before), before);
      }
    }
  }

  /**
   * The nearest network whose hidden features are copies of the regular representation.
   *
   * @param state weights {@code [out, in]} and biases by name, as PyTorch's {@code state_dict} has
   *     them: {@code 0.weight}, {@code 0.bias}, {@code 2.weight}, ...
   * @param activation what stands between the layers
   * @param in how inputs transform, under a finite group
   * @param out how outputs transform
   * @return the network and the distances
   * @throws IllegalArgumentException as the other method, or if a hidden width is no multiple of
   *     the group's order
   */
  public static Symmetrized nearest(
      Map<String, Tensor> state, Activation activation, Representation in, Representation out) {
    return nearest(state, activation, in, hidden(state, in), out);
  }

  private static List<Representation> hidden(Map<String, Tensor> state, Representation in) {
    List<Representation> hidden = new ArrayList<>();
    List<Dense> layers = linears(state);
    int order = in.finiteGroup().order();
    for (Dense layer : layers.subList(0, layers.size() - 1)) {
      require(
          layer.out() % order == 0,
          "'%s' has %d outputs, no multiple of the order %d of %s, so its features are no copies of"
              + " the regular representation: tell how they transform",
          layer.name,
          layer.out(),
          order,
          in.group());
      hidden.add(Representation.regular(in.finiteGroup()).times(layer.out() / order));
    }
    return hidden;
  }

  /**
   * The nearest network.
   *
   * @param state weights {@code [out, in]} and biases by name
   * @param activation what stands between the layers
   * @param in how inputs transform
   * @param hidden how the features between the layers transform, which the group must permute
   * @param out how outputs transform
   * @return the network and the distances
   * @throws IllegalArgumentException if there is no linear layer, one does not take what the one
   *     before gives, a representation has another size, the activation breaks its symmetry, or two
   *     representations share no irrep
   */
  public static Symmetrized nearest(
      Map<String, Tensor> state,
      Activation activation,
      Representation in,
      List<Representation> hidden,
      Representation out) {
    List<Dense> plain = linears(state);
    require(
        hidden.size() == plain.size() - 1,
        "%d linear layers have %d hidden features between them, got %d representations",
        plain.size(),
        plain.size() - 1,
        hidden.size());
    List<Representation> spaces = new ArrayList<>(List.of(in));
    spaces.addAll(hidden);
    spaces.add(out);
    List<EquivariantLayer> layers = new ArrayList<>();
    Map<String, Double> distances = new LinkedHashMap<>();
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      for (int i = 0; i < plain.size(); i++) {
        layers.add(nearest(plain.get(i), spaces.get(i), spaces.get(i + 1), distances));
        if (i < plain.size() - 1) {
          layers.add(new PointwiseNonlinearity(spaces.get(i + 1), activation));
        }
      }
    }
    return new Symmetrized(new EquivariantSequential(layers), distances, plain, activation);
  }

  private static EquivariantLinear nearest(
      Dense plain, Representation in, Representation out, Map<String, Double> distances) {
    require(
        plain.in() == in.size() && plain.out() == out.size(),
        "'%s' is [%d, %d], so it maps no %s (size %d) to %s (size %d)",
        plain.name,
        plain.out(),
        plain.in(),
        in,
        in.size(),
        out,
        out.size());
    Dtype dtype = Dtype.of(plain.weight);
    MapOptions options = MapOptions.defaults().with(dtype).withSeed(0);
    EquivariantLinear layer =
        new EquivariantLinear(in, out, plain.bias == null ? options.withoutBias() : options);
    Map<String, Tensor> state = new LinkedHashMap<>(layer.trainedState());
    Tensor weight = plain.weight.detach();
    state.put("weight_dof", layer.basis().coefficients(weight));
    if (plain.bias != null && state.containsKey("bias_module.bias_dof")) {
      Tensor fixed = Tensors.of(dtype, InvariantBias.fixedVectors(out));
      state.put("bias_module.bias_dof", fixed.t().mv(plain.bias.detach()));
    }
    layer.loadTrained(state);
    distances.put(plain.name, share(layer.weight().sub(weight), weight));
    if (plain.bias != null) {
      Tensor own = layer.bias();
      Tensor moved = own == null ? plain.bias : own.sub(plain.bias);
      distances.put(plain.name.replaceAll("weight$", "bias"), share(moved, plain.bias));
    }
    return layer;
  }

  private static double share(Tensor part, Tensor whole) {
    double length = whole.norm().item().toDouble();
    return length == 0 ? 0 : part.norm().item().toDouble() / length;
  }

  /** The linear layers in the order of their names, in which numbers count as numbers. */
  private static List<Dense> linears(Map<String, Tensor> state) {
    List<Dense> layers = new ArrayList<>();
    for (Map.Entry<String, Tensor> entry : state.entrySet()) {
      String name = entry.getKey();
      if (name.endsWith("weight")) {
        Tensor weight = entry.getValue();
        require(
            weight.dim() == 2 && weight.is_floating_point(),
            "'%s' is no weight of a linear layer, [out, in]: only chains of linear layers are"
                + " symmetrized",
            name);
        Optional<Tensor> bias = Optional.ofNullable(state.get(name.replaceAll("weight$", "bias")));
        layers.add(new Dense(name, kept(weight), bias.map(Symmetrize::kept).orElse(null)));
      }
    }
    require(
        !layers.isEmpty(),
        "there is no linear layer: no name ends in 'weight', as in PyTorch's 0.weight; got %s",
        state.keySet());
    layers.sort(Comparator.comparing(layer -> natural(layer.name)));
    for (int i = 1; i < layers.size(); i++) {
      require(
          layers.get(i - 1).out() == layers.get(i).in(),
          "'%s' gives %d features and '%s', the next by name, takes %d",
          layers.get(i - 1).name,
          layers.get(i - 1).out(),
          layers.get(i).name,
          layers.get(i).in());
    }
    return layers;
  }

  private static Tensor kept(Tensor tensor) {
    return Scopes.keep(tensor.detach().cpu().clone());
  }

  private static String natural(String name) {
    StringBuilder padded = new StringBuilder();
    for (String part : name.split("(?<=\\d)(?=\\D)|(?<=\\D)(?=\\d)", -1)) {
      padded.append(part.matches("\\d+") ? "0".repeat(Math.max(0, 12 - part.length())) : "");
      padded.append(part);
    }
    return padded.toString();
  }
}
