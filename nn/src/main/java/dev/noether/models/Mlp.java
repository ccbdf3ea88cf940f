package dev.noether.models;

import dev.noether.nn.Layer;
import dev.noether.nn.LayerType;
import dev.noether.nn.linear.DenseOptions;
import dev.noether.plain.Axes;
import dev.noether.plain.Forward;
import dev.noether.plain.PlainGraph;
import dev.noether.plain.PlainLayer;
import dev.noether.plain.Port;
import dev.noether.rep.Representation;
import dev.noether.torch.Scopes;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * The plain multilayer perceptron, with PyTorch's initialization: the twin of {@link
 * EquivariantMlp}.
 *
 * <p>Names in the state dict: {@code net.0.weight}, {@code net.0.bias}, {@code net.2.weight} and so
 * on, one number for each linear layer, batch norm, activation and dropout.
 */
public final class Mlp extends Layer implements Forward, PlainLayer {
  /** How an architecture describes it. */
  public static final LayerType<Mlp> TYPE =
      LayerType.independentOfBases(Mlp.class)
          .setting("in_dim", layer -> layer.net.in())
          .setting("out_dim", layer -> layer.net.out())
          .settings(MlpOptions.SETTINGS, layer -> layer.net.options())
          .setting("bias", layer -> layer.net.hasBias(), true)
          .builds(
              s ->
                  new Mlp(
                      s.whole("in_dim"), s.whole("out_dim"), MlpOptions.of(s), DenseOptions.of(s)));

  private final DenseStack net;

  /**
   * A network.
   *
   * @param in the size of the last axis of the input
   * @param out the size of the last axis of the output
   * @param options hidden layers, activations, dropout, batch norm
   * @param dense bias, seed and dtype
   * @throws IllegalArgumentException if a size is below 1
   */
  public Mlp(int in, int out, MlpOptions options, DenseOptions dense) {
    net = new DenseStack(in, out, options, dense);
    net.numbered().forEach((number, layer) -> registerChild("net." + number, layer));
  }

  /**
   * A network with biases, in float32.
   *
   * @param in the size of the last axis of the input
   * @param out the size of the last axis of the output
   * @param options hidden layers, activations, dropout, batch norm
   * @throws IllegalArgumentException if a size is below 1
   */
  public Mlp(int in, int out, MlpOptions options) {
    this(in, out, options, DenseOptions.defaults());
  }

  /**
   * Constrains every linear layer to equivariant weights and an invariant bias, from now on: the
   * network is equivariant, its parameters are the dense ones that it had, and each is projected
   * where it is read. {@link Symmetrize} makes a network of coefficients instead.
   *
   * @param in how inputs transform
   * @param hidden how the features of each hidden layer transform; the group must permute them
   * @param out how outputs transform
   * @throws IllegalArgumentException if sizes or groups do not fit, there is a batch norm, the
   *     activation breaks the symmetry, or the network is constrained already
   */
  public void impose(Representation in, List<Representation> hidden, Representation out) {
    net.impose(in, hidden, out);
  }

  /**
   * Applies the network.
   *
   * @param input {@code [..., in]}; {@code [batch, in]} with a batch norm
   * @return {@code [..., out]}
   * @throws IllegalArgumentException if the last axis, the dtype or the device do not fit
   */
  @Override
  public Tensor forward(Tensor input) {
    return Scopes.compute(() -> net.forward(input));
  }

  @Override
  public List<Port> inputs() {
    return List.of(new Port("input", Axes.FEATURES, net.in()));
  }

  @Override
  public Port output() {
    return new Port("output", Axes.FEATURES, net.out());
  }

  @Override
  public <V> V plain(PlainGraph<V> graph, V x) {
    return net.plain(graph.at("net"), x);
  }

  @Override
  public String toString() {
    return "Mlp(" + net.in() + " -> " + net.options().hiddenUnits() + " -> " + net.out() + ")";
  }
}
