package dev.noether.models;

import dev.noether.nn.EquivariantLayer;
import dev.noether.nn.EquivariantSequential;
import dev.noether.nn.LayerType;
import dev.noether.nn.activation.EquivariantDropout;
import dev.noether.nn.activation.PointwiseNonlinearity;
import dev.noether.nn.linear.EquivariantLinear;
import dev.noether.nn.linear.MapOptions;
import dev.noether.nn.linear.Restricted;
import dev.noether.nn.norm.BatchStatisticsOptions;
import dev.noether.nn.norm.EquivariantBatchNorm1d;
import dev.noether.plain.Activation;
import dev.noether.plain.PlainGraph;
import dev.noether.plain.PlainLayer;
import dev.noether.rep.Representation;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * A multilayer perceptron that commutes with a group: equivariant linear layers with activations
 * between them, on copies of a representation that permutes its coordinates.
 *
 * <pre>{@code
 * Representation rho = Representation.parse("D4: irrep(1,1) + trivial");
 * EquivariantMlp network = new EquivariantMlp(rho, rho, MlpOptions.hidden(64, 64));
 * Tensor y = network.forward(x); // [..., 3] to [..., 3]
 * }</pre>
 *
 * <p>A width that is no multiple of the hidden representation's size is rounded up. Input and
 * output may be any representations. Dropout drops whole copies, so it too commutes with the group.
 *
 * <p>Names in the state dict: {@code net.0.weight_dof}, {@code net.0.bias_module.bias_dof}, {@code
 * net.2.weight_dof} and so on.
 */
public final class EquivariantMlp extends EquivariantLayer implements PlainLayer {
  /** How an architecture describes it. */
  public static final LayerType<EquivariantMlp> TYPE =
      MlpDesign.type(
              LayerType.independentOfBases(EquivariantMlp.class)
                  .representation("in", layer -> layer.whole)
                  .representation("out", layer -> layer.wholeOut),
              layer -> layer.design)
          .builds(
              s -> {
                Representation in = s.representation("in");
                return new EquivariantMlp(in, s.representation("out"), MlpDesign.of(s, in));
              });

  private final Representation whole;
  private final Representation wholeOut;
  private final MlpDesign design;
  private final EquivariantSequential net;

  /**
   * A network with hidden layers of one's own.
   *
   * @param in how inputs transform
   * @param out how outputs transform
   * @param hidden what hidden features are copies of: a representation that the activations do not
   *     break, as the regular one or another permutation of coordinates; odd activations admit
   *     changes of sign
   * @param options hidden layers, activations, dropout, batch norm
   * @param maps bias, expansion, execution, initialization, seed and dtype of the linear layers
   * @throws IllegalArgumentException if the groups differ, an activation breaks the symmetry of the
   *     hidden representation, or there is no equivariant map between two layers
   */
  public EquivariantMlp(
      Representation in,
      Representation out,
      Representation hidden,
      MlpOptions options,
      MapOptions maps) {
    this(in, out, new MlpDesign(hidden, options, maps));
  }

  EquivariantMlp(Representation in, Representation out, MlpDesign design) {
    super(design.maps().restricted(in), design.maps().restricted(out));
    whole = in;
    wholeOut = out;
    this.design = design;
    requireAdmitted(design.hidden(), design.options());
    net = registerChild("net", new EquivariantSequential(chain()));
  }

  /**
   * A network on copies of the regular representation.
   *
   * @param in how inputs transform
   * @param out how outputs transform
   * @param options hidden layers, activations, dropout, batch norm
   * @param maps bias, expansion, execution, initialization, seed and dtype of the linear layers
   * @throws IllegalArgumentException if the groups differ
   */
  public EquivariantMlp(
      Representation in, Representation out, MlpOptions options, MapOptions maps) {
    this(in, out, MlpDesign.regular(in, options, maps));
  }

  /**
   * A network on copies of the regular representation, with biases, in float32.
   *
   * @param in how inputs transform
   * @param out how outputs transform
   * @param options hidden layers, activations, dropout, batch norm
   * @throws IllegalArgumentException if the groups differ
   */
  public EquivariantMlp(Representation in, Representation out, MlpOptions options) {
    this(in, out, options, MapOptions.defaults());
  }

  /** Before anything is computed: the reason in full. */
  private static void requireAdmitted(Representation hidden, MlpOptions options) {
    for (Activation activation : options.activations()) {
      try {
        new PointwiseNonlinearity(hidden, activation);
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException(
            "hidden features cannot be copies of "
                + hidden
                + ": "
                + e.getMessage()
                + "; or take copies of the regular representation",
            e);
      }
    }
  }

  private List<EquivariantLayer> chain() {
    MlpOptions options = design.options();
    MapOptions maps = design.maps();
    List<EquivariantLayer> layers = new ArrayList<>();
    Representation current = whole;
    for (int i = 0; i < options.hiddenUnits().size(); i++) {
      Representation next = design.features(i);
      layers.add(new EquivariantLinear(current, next, maps.forPart(i)));
      if (options.batchNorm()) {
        layers.add(
            kept(
                new EquivariantBatchNorm1d(
                    next, BatchStatisticsOptions.defaults().with(maps.dtype()))));
      }
      layers.add(new PointwiseNonlinearity(maps.restricted(next), options.activation(i)));
      if (options.dropout() > 0) {
        layers.add(kept(new EquivariantDropout(next, options.dropout(), maps.dtype())));
      }
      current = next;
    }
    layers.add(
        new EquivariantLinear(current, wholeOut, maps.forPart(options.hiddenUnits().size())));
    return layers;
  }

  /** A layer over the whole group among maps that commute with a subgroup. */
  private EquivariantLayer kept(EquivariantLayer layer) {
    MapOptions maps = design.maps();
    return maps.subgroup().isEmpty()
        ? layer
        : new Restricted(layer, maps.restricted(layer.in()), maps.restricted(layer.out()));
  }

  /**
   * The layers.
   *
   * @return first to last
   */
  public List<EquivariantLayer> layers() {
    return net.layers();
  }

  @Override
  protected Tensor compute(Tensor input) {
    return net.forward(input);
  }

  @Override
  public <V> V plain(PlainGraph<V> graph, V x) {
    return net.plain(graph.at("net"), x);
  }

  @Override
  public String toString() {
    return design.words(this);
  }
}
