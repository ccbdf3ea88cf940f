package dev.noether.models;

import static dev.noether.algebra.Checks.require;

import dev.noether.nn.EquivariantLayer;
import dev.noether.nn.LayerType;
import dev.noether.nn.activation.PointwiseNonlinearity;
import dev.noether.nn.linear.DenseOptions;
import dev.noether.nn.linear.Linear;
import dev.noether.nn.linear.MapOptions;
import dev.noether.nn.pooling.IrrepSubspaceNormPooling;
import dev.noether.plain.PlainGraph;
import dev.noether.plain.PlainLayer;
import dev.noether.rep.Representation;
import dev.noether.torch.Scopes;
import dev.noether.torch.Seeds;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;

/**
 * A multilayer perceptron whose outputs the group leaves as they are: an {@link EquivariantMlp},
 * the lengths of its features' copies, and a plain linear layer.
 *
 * <p>Names in the state dict are the Python package's, which has each tensor twice: {@code
 * emlp_backbone.net.0.weight_dof} is {@code net.0.weight_dof} too, {@code head.weight} is the last
 * of {@code net}.
 */
public final class InvariantMlp extends EquivariantLayer implements PlainLayer {
  /** How an architecture describes it. */
  public static final LayerType<InvariantMlp> TYPE =
      MlpDesign.type(
              LayerType.independentOfBases(InvariantMlp.class)
                  .representation("in", layer -> layer.whole)
                  .setting("out_dim", layer -> layer.out().size()),
              layer -> layer.design)
          .builds(
              s -> {
                Representation in = s.representation("in");
                return new InvariantMlp(in, s.whole("out_dim"), MlpDesign.of(s, in));
              });

  private final Representation whole;
  private final MlpDesign design;
  private final EquivariantMlp backbone;
  private final PointwiseNonlinearity activation;
  private final IrrepSubspaceNormPooling pooling;
  private final Linear head;

  /**
   * A network with hidden layers of one's own.
   *
   * @param in how inputs transform
   * @param outDim the number of outputs, at least 1
   * @param hidden what hidden features are copies of, as in {@link EquivariantMlp}
   * @param options hidden layers, activations, dropout, batch norm
   * @param maps bias, expansion, execution, initialization, seed and dtype of the linear layers
   * @throws IllegalArgumentException as {@link EquivariantMlp}, or if there is no output
   */
  public InvariantMlp(
      Representation in, int outDim, Representation hidden, MlpOptions options, MapOptions maps) {
    this(in, outDim, new MlpDesign(hidden, options, maps));
  }

  private InvariantMlp(Representation in, int outDim, MlpDesign design) {
    super(design.maps().restricted(in), invariant(design.maps().restricted(in), outDim));
    whole = in;
    this.design = design;
    MapOptions maps = design.maps();
    int last = design.options().hiddenUnits().size() - 1;
    Representation features = design.features(last);
    backbone = registerChild("emlp_backbone", new EquivariantMlp(in, features, design));
    activation = new PointwiseNonlinearity(features, design.options().activation(last));
    pooling = new IrrepSubspaceNormPooling(features, maps.dtype());
    head = registerChild("head", head(pooling.out().size(), outDim, maps.forPart(last + 2)));
    int number = 0;
    for (EquivariantLayer layer : backbone.layers()) {
      registerChild("net." + number++, layer);
    }
    registerChild("net." + number++, activation);
    registerChild("net." + number++, pooling);
    registerChild("net." + number, head);
  }

  /**
   * A network on copies of the regular representation.
   *
   * @param in how inputs transform
   * @param outDim the number of outputs, at least 1
   * @param options hidden layers, activations, dropout, batch norm
   * @param maps bias, expansion, execution, initialization, seed and dtype of the linear layers
   * @throws IllegalArgumentException if there is no output
   */
  public InvariantMlp(Representation in, int outDim, MlpOptions options, MapOptions maps) {
    this(in, outDim, MlpDesign.regular(in, options, maps));
  }

  /**
   * A network on copies of the regular representation, with biases, in float32.
   *
   * @param in how inputs transform
   * @param outDim the number of outputs, at least 1
   * @param options hidden layers, activations, dropout, batch norm
   * @throws IllegalArgumentException if there is no output
   */
  public InvariantMlp(Representation in, int outDim, MlpOptions options) {
    this(in, outDim, options, MapOptions.defaults());
  }

  private static Representation invariant(Representation in, int outDim) {
    require(outDim >= 1, "outputs must be at least 1, got %d", outDim);
    return Representation.trivial(requireSpace(in, InvariantMlp.class).group()).times(outDim);
  }

  /** PyTorch's bias; the weight is drawn as those of the equivariant layers. */
  private static Linear head(int in, int out, MapOptions maps) {
    Linear linear = new Linear(in, out, new DenseOptions(maps.bias(), maps.seed(), maps.dtype()));
    try (NoGradGuard guard = new NoGradGuard()) {
      linear.setWeight(
          Scopes.compute(
              () ->
                  maps.initialization()
                      .draw(
                          linear.weight().detach().clone(),
                          in,
                          out,
                          Seeds.generator(Seeds.next(maps.seed(), 1)))));
    }
    return linear;
  }

  @Override
  protected Tensor compute(Tensor input) {
    Tensor features = activation.forward(backbone.forward(input));
    return head.forward(pooling.forward(features));
  }

  @Override
  public <V> V plain(PlainGraph<V> graph, V x) {
    V features = activation.plain(graph, backbone.plain(graph.at("emlp_backbone"), x));
    return head.plain(graph.at("head"), pooling.plain(graph.at("pooling"), features));
  }

  @Override
  public String toString() {
    return design.words(this);
  }
}
