package dev.noether.models;

import static dev.noether.algebra.Checks.require;

import dev.noether.group.CompactGroup;
import dev.noether.group.CompactIrrep;
import dev.noether.group.FiniteGroup;
import dev.noether.group.Irrep;
import dev.noether.nn.EquivariantLayer;
import dev.noether.nn.LayerType;
import dev.noether.nn.activation.GatedNonlinearity;
import dev.noether.nn.bilinear.EquivariantTensorSquare;
import dev.noether.nn.bilinear.Pairing;
import dev.noether.nn.bilinear.TensorProductOptions;
import dev.noether.nn.linear.EquivariantLinear;
import dev.noether.nn.linear.MapOptions;
import dev.noether.plain.PlainGraph;
import dev.noether.plain.PlainLayer;
import dev.noether.rep.Representation;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * A multilayer perceptron that commutes with a group and multiplies features: every hidden layer is
 * an equivariant linear one, to which the products of its features are added, and gates.
 *
 * <p>With y = W x + b a layer gives gate(y + B(y, y) / 10), where B is an {@link
 * EquivariantTensorSquare}. Features may transform by any representation, since gates act on whole
 * irreps. See Finzi, Welling and Wilson, <em>A Practical Method for Constructing Equivariant
 * Multilayer Perceptrons</em> (2021), whose EMLP this is.
 *
 * <pre>{@code
 * Representation hidden = GatedMlp.channels(in.finiteGroup(), 384);
 * GatedMlp network = new GatedMlp(in, out, List.of(hidden, hidden));
 * }</pre>
 *
 * <p>Names in the state dict: {@code linear.0.weight_dof}, {@code bilinear.0.mixing.weight_dof} and
 * so on, {@code head.weight_dof}.
 */
public final class GatedMlp extends EquivariantLayer implements PlainLayer {
  /** How an architecture describes it. */
  public static final LayerType<GatedMlp> TYPE =
      LayerType.independentOfBases(GatedMlp.class)
          .representation("in", layer -> layer.whole)
          .representation("out", layer -> layer.wholeOut)
          .representations("hidden", GatedMlp::hidden)
          .settings(TensorProductOptions.SETTINGS, GatedMlp::options)
          .builds(
              s ->
                  new GatedMlp(
                      s.representation("in"),
                      s.representation("out"),
                      s.representations("hidden"),
                      TensorProductOptions.of(s)));

  private static final double SHARE = 0.1;

  private final Representation whole;
  private final Representation wholeOut;
  private final TensorProductOptions options;
  private final List<Block> blocks = new ArrayList<>();
  private final EquivariantLinear head;

  /** A hidden layer. */
  private record Block(
      EquivariantLinear linear, EquivariantTensorSquare bilinear, GatedNonlinearity gates) {
    Tensor forward(Tensor x) {
      Tensor linearly = linear.forward(x);
      return gates.forward(linearly.add(bilinear.forward(linearly), new Scalar(SHARE)));
    }

    <V> V plain(PlainGraph<V> graph, int number, V x) {
      V linearly = linear.plain(graph.at("linear." + number), x);
      V products = bilinear.plain(graph.at("bilinear." + number), linearly);
      V sum = graph.add(linearly, graph.multiply(products, graph.number(SHARE)));
      return gates.plain(graph.at("gates." + number), sum);
    }
  }

  /**
   * A network.
   *
   * @param in how inputs transform
   * @param out how outputs transform
   * @param hidden how the features of each hidden layer transform, gates left out
   * @param options which products are formed; bias, expansion, execution, initialization, seed and
   *     dtype of the linear layers
   * @throws IllegalArgumentException if the groups differ, there is no hidden layer, or no
   *     equivariant map between two layers
   */
  public GatedMlp(
      Representation in,
      Representation out,
      List<Representation> hidden,
      TensorProductOptions options) {
    super(options.map().restricted(in), options.map().restricted(out));
    whole = in;
    wholeOut = out;
    require(
        !hidden.isEmpty(),
        "a gated MLP needs at least one hidden representation, as GatedMlp.channels(group, 64), got"
            + " none");
    this.options = options;
    Representation current = in;
    for (Representation next : hidden) {
      int number = blocks.size();
      GatedNonlinearity gates = new GatedNonlinearity(next, options.map().dtype());
      MapOptions linear = options.map().forPart(2 * number);
      MapOptions bilinear = options.map().forPart(2 * number + 1).withoutBias();
      blocks.add(
          new Block(
              registerChild("linear." + number, new EquivariantLinear(current, gates.in(), linear)),
              registerChild(
                  "bilinear." + number,
                  new EquivariantTensorSquare(gates.in(), gates.in(), options.with(bilinear))),
              registerChild("gates." + number, gates)));
      current = next;
    }
    MapOptions last = options.map().forPart(2 * hidden.size());
    head = registerChild("head", new EquivariantLinear(current, out, last));
  }

  /**
   * A network with biases, products of aligned copies, and no limit of degrees, in float32.
   *
   * @param in how inputs transform
   * @param out how outputs transform
   * @param hidden how the features of each hidden layer transform, as {@link #channels} gives them
   * @throws IllegalArgumentException if the groups differ, there is no hidden layer, or no
   *     equivariant map between two layers
   */
  public GatedMlp(Representation in, Representation out, List<Representation> hidden) {
    this(
        in,
        out,
        hidden,
        TensorProductOptions.defaults().with(MapOptions.defaults()).with(Pairing.ALIGNED));
  }

  /**
   * Features of every kind: each irrep as often as in copies of the regular representation, in the
   * basis of the irreps, where gates and products change no basis.
   *
   * @param group the group
   * @param width how many features at least; rounded up to a multiple of the group's order
   * @return the representation
   * @throws IllegalArgumentException if the width is below 1
   */
  public static Representation channels(FiniteGroup group, int width) {
    require(width >= 1, "a hidden layer needs a width of at least 1, got %d", width);
    int copies = (width + group.order() - 1) / group.order();
    List<Representation> parts = new ArrayList<>();
    for (Irrep irrep : group.irreps()) {
      parts.add(Representation.irrep(irrep).times(copies * irrep.rows()));
    }
    return Representation.directSum(parts);
  }

  /**
   * Features of every kind up to a frequency: each irrep equally often.
   *
   * @param group the group
   * @param highest the largest frequency, or degree, of an irrep; it must reach those of the
   *     outputs
   * @param width how many features at least
   * @return the representation
   * @throws IllegalArgumentException if the width is below 1 or the frequency below 0
   */
  public static Representation channels(CompactGroup group, int highest, int width) {
    require(width >= 1, "a hidden layer needs a width of at least 1, got %d", width);
    List<CompactIrrep> irreps = group.irreps(highest);
    int each = irreps.stream().mapToInt(CompactIrrep::dimension).sum();
    int copies = (width + each - 1) / each;
    return Representation.directSum(
        irreps.stream().map(irrep -> Representation.irrep(irrep).times(copies)).toList());
  }

  /**
   * How the features of the hidden layers transform.
   *
   * @return a representation for each hidden layer
   */
  public List<Representation> hidden() {
    return blocks.stream().map(block -> block.gates.out()).toList();
  }

  /**
   * How the network was made.
   *
   * @return the options
   */
  public TensorProductOptions options() {
    return options;
  }

  @Override
  protected Tensor compute(Tensor input) {
    Tensor current = input;
    for (Block block : blocks) {
      current = block.forward(current);
    }
    return head.forward(current);
  }

  @Override
  public <V> V plain(PlainGraph<V> graph, V x) {
    V current = x;
    for (int i = 0; i < blocks.size(); i++) {
      current = blocks.get(i).plain(graph, i, current);
    }
    return head.plain(graph.at("head"), current);
  }

  @Override
  public String toString() {
    return "GatedMlp(" + in() + " -> " + hidden() + " -> " + out() + ")";
  }
}
