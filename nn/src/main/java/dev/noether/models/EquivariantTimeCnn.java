package dev.noether.models;

import static dev.noether.algebra.Checks.require;

import dev.noether.nn.EquivariantFunction;
import dev.noether.nn.EquivariantLayer;
import dev.noether.nn.Layer;
import dev.noether.nn.LayerType;
import dev.noether.nn.conv.EquivariantConv1d;
import dev.noether.nn.linear.MapOptions;
import dev.noether.nn.norm.EquivariantRmsNorm;
import dev.noether.plain.Axes;
import dev.noether.plain.Forward;
import dev.noether.plain.PlainGraph;
import dev.noether.plain.PlainLayer;
import dev.noether.plain.Port;
import dev.noether.rep.Representation;
import dev.noether.torch.Scopes;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;

/**
 * A convolutional encoder of a signal of fixed length that commutes with a group: {@code [batch,
 * in.size, horizon]} to {@code [batch, out.size]}.
 *
 * <p>Convolutions run over copies of the regular representation; all steps that are left, and the
 * signal's last step if asked for, go into an {@link EquivariantMlp}, or an {@link InvariantMlp}
 * where the group leaves every output as it is. Input and output may be any representations.
 *
 * <p>Names in the state dict: {@code feature_layers.0.weight_dof} and so on, {@code
 * feature_layers.1.norm.affine.scale_dof} for norms, {@code head.} and the names of the head.
 */
public final class EquivariantTimeCnn extends Layer implements Forward, PlainLayer {
  /** How an architecture describes it. */
  public static final LayerType<EquivariantTimeCnn> TYPE =
      LayerType.independentOfBases(EquivariantTimeCnn.class)
          .representation("in", layer -> layer.in)
          .representation("out", layer -> layer.out)
          .settings(TimeCnnOptions.SETTINGS, layer -> layer.options)
          .settings(MapOptions.SETTINGS, layer -> layer.maps)
          .builds(
              s ->
                  new EquivariantTimeCnn(
                      s.representation("in"),
                      s.representation("out"),
                      TimeCnnOptions.of(s),
                      MapOptions.of(s)));

  private final Representation in;
  private final Representation out;
  private final TimeCnnOptions options;
  private final MapOptions maps;
  private final TimeCnnBlocks<Representation> blocks;
  private final Head head;

  /** The head as a layer and as ordinary operations. */
  private record Head(EquivariantLayer layer, PlainLayer plain) {}

  /**
   * A network.
   *
   * @param in how the channels of the signal transform
   * @param out how outputs transform
   * @param options convolutions, horizon and head
   * @param maps bias, expansion, execution, initialization, seed and dtype of the equivariant maps
   * @throws IllegalArgumentException if the groups differ
   */
  public EquivariantTimeCnn(
      Representation in, Representation out, TimeCnnOptions options, MapOptions maps) {
    require(
        in.group().equals(out.group()),
        "in and out must be representations of one group, got %s and %s",
        in,
        out);
    this.in = in;
    this.out = out;
    this.options = options;
    this.maps = maps;
    blocks = new TimeCnnBlocks<>(in, in.size(), options, new Kind());
    Representation flat = blocks.channels().times(options.stepsLeft());
    head = head(options.appendLastFrame() ? flat.plus(in) : flat);
    registerChild("head", head.layer);
  }

  /**
   * A network with biases, in float32.
   *
   * @param in how the channels of the signal transform
   * @param out how outputs transform
   * @param options convolutions, horizon and head
   * @throws IllegalArgumentException if the groups differ
   */
  public EquivariantTimeCnn(Representation in, Representation out, TimeCnnOptions options) {
    this(in, out, options, MapOptions.defaults());
  }

  private Head head(Representation features) {
    MapOptions own = maps.forPart(options.hiddenChannels().size());
    boolean isInvariant =
        out.multiplicities().keySet().equals(Set.of(out.group().trivialIrrep().id()));
    if (isInvariant) {
      InvariantMlp invariant = new InvariantMlp(features, out.size(), options.head(), own);
      return new Head(invariant, invariant);
    }
    EquivariantMlp equivariant = new EquivariantMlp(features, out, options.head(), own);
    return new Head(equivariant, equivariant);
  }

  /** Parts that commute with the group, each with seeds of its own. */
  private final class Kind implements TimeCnnBlocks.Kind<Representation> {
    private final EquivariantParts parts =
        new EquivariantParts(EquivariantTimeCnn.this::registerChild);

    @Override
    public String name() {
      return "feature_layers";
    }

    @Override
    public Representation widened(int units) {
      return MlpDesign.widened(Representation.regular(in.finiteGroup()), units);
    }

    @Override
    public Part convolution(String name, Representation from, Representation to, int block) {
      return parts.part(
          name,
          new EquivariantConv1d(from, to, options.downsample().geometry(), maps.forPart(block)));
    }

    @Override
    public Part norm(String name, Representation channels) {
      return parts.part(name, new EquivariantRmsNorm(channels, 1e-6, maps.dtype()));
    }

    @Override
    public boolean stepAfterStep() {
      return true;
    }
  }

  /**
   * How the channels of the signal transform.
   *
   * @return the representation
   */
  public Representation in() {
    return maps.restricted(in);
  }

  /**
   * How outputs transform.
   *
   * @return the representation
   */
  public Representation out() {
    return maps.restricted(out);
  }

  /**
   * Encodes signals.
   *
   * @param input {@code [batch, in.size, horizon]}
   * @return {@code [batch, out.size]}
   * @throws IllegalArgumentException if the shape, the dtype or the device do not fit
   */
  @Override
  public Tensor forward(Tensor input) {
    blocks.requireSignal(input, this);
    return Scopes.compute(() -> head.layer.forward(blocks.forward(input)));
  }

  @Override
  public Optional<EquivariantFunction> equivariance() {
    Tensor example =
        EquivariantFunction.random(
            namedParameters().values().stream().findFirst(), 4, in.size(), options.horizon());
    return Optional.of(
        maps.restricted(
            new EquivariantFunction(
                List.of(new EquivariantFunction.Input(in, Axes.CHANNELS, example)),
                out,
                Axes.FEATURES,
                inputs -> forward(inputs.get(0)))));
  }

  @Override
  public List<Port> inputs() {
    return List.of(new Port("input", Axes.CHANNELS, in.size()));
  }

  @Override
  public Port output() {
    return new Port("output", Axes.FEATURES, out.size());
  }

  @Override
  public <V> V plain(PlainGraph<V> graph, V x) {
    long last = options.appendLastFrame() ? in.size() : 0;
    long features = head.layer.in().size() - last;
    return head.plain.plain(graph.at("head"), blocks.plain(graph, x, features));
  }

  @Override
  public String toString() {
    return "EquivariantTimeCnn(" + options.words(in, out) + ")";
  }
}
