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
import dev.noether.torch.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
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
          .representation("in", EquivariantTimeCnn::in)
          .representation("out", EquivariantTimeCnn::out)
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
  private final List<EquivariantConv1d> convolutions = new ArrayList<>();
  private final List<EquivariantRmsNorm> norms = new ArrayList<>();
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
    Representation regular = Representation.regular(in.finiteGroup());
    Representation channels = in;
    for (int units : options.hiddenChannels()) {
      int block = convolutions.size();
      Representation next = EquivariantMlp.widened(regular, units);
      EquivariantConv1d convolution =
          new EquivariantConv1d(
              channels, next, options.downsample().geometry(), maps.forPart(block));
      convolutions.add(registerChild(name(block, 0), convolution));
      if (options.normalize()) {
        EquivariantRmsNorm norm = new EquivariantRmsNorm(next, 1e-6, maps.dtype());
        norms.add(registerChild(name(block, 1) + ".norm", norm));
      }
      channels = next;
    }
    Representation flat = channels.times(options.stepsLeft());
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
    MapOptions own = maps.forPart(convolutions.size());
    boolean isInvariant =
        out.multiplicities().keySet().equals(Set.of(out.group().trivialIrrep().id()));
    if (isInvariant) {
      InvariantMlp invariant = new InvariantMlp(features, out.size(), options.head(), own);
      return new Head(invariant, invariant);
    }
    EquivariantMlp equivariant = new EquivariantMlp(features, out, options.head(), own);
    return new Head(equivariant, equivariant);
  }

  private String name(int block, int module) {
    return "feature_layers." + (block * options.modulesOfBlock() + module);
  }

  /**
   * How the channels of the signal transform.
   *
   * @return the representation
   */
  public Representation in() {
    return in;
  }

  /**
   * How outputs transform.
   *
   * @return the representation
   */
  public Representation out() {
    return out;
  }

  /** Refuses what is no batch of signals of the right length. */
  static void requireSignal(Tensor input, int channels, int horizon, Layer layer) {
    long[] shape = Tensors.shape(input);
    require(
        shape.length == 3 && shape[1] == channels && shape[2] == horizon,
        "input must be [batch, %d, %d], channels and horizon of %s, got %s",
        channels,
        horizon,
        layer,
        Arrays.toString(shape));
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
    requireSignal(input, in.size(), options.horizon(), this);
    return Scopes.compute(
        () -> {
          Tensor current = input;
          for (int i = 0; i < convolutions.size(); i++) {
            current = convolutions.get(i).forward(current);
            if (options.normalize()) {
              current = norms.get(i).forward(current.transpose(1, 2)).transpose(1, 2);
            }
            current = options.downsample().pool(options.activation(i).apply(current));
          }
          Tensor flat = current.transpose(1, 2).flatten(1, 2);
          return head.layer.forward(
              options.appendLastFrame()
                  ? Tensors.concatenate(-1, flat, input.select(2, options.horizon() - 1L))
                  : flat);
        });
  }

  @Override
  public Optional<EquivariantFunction> equivariance() {
    Tensor example =
        EquivariantFunction.random(
            namedParameters().values().stream().findFirst(), 4, in.size(), options.horizon());
    return Optional.of(
        new EquivariantFunction(
            List.of(new EquivariantFunction.Input(in, Axes.CHANNELS, example)),
            out,
            Axes.FEATURES,
            inputs -> forward(inputs.get(0))));
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
    V current = x;
    for (int i = 0; i < convolutions.size(); i++) {
      current = convolutions.get(i).plain(graph.at(name(i, 0)), current);
      if (options.normalize()) {
        V channelsLast = graph.permute(current, 1, 0);
        V normed = norms.get(i).plain(graph.at(name(i, 1) + ".norm"), channelsLast);
        current = graph.permute(normed, 1, 0);
      }
      V activated = graph.apply(options.activation(i), current);
      current = options.downsample().pool(graph, activated, options.stepsBefore(i));
    }
    V flat = graph.join(graph.permute(current, 1, 0), 2, flatSize());
    if (options.appendLastFrame()) {
      V last = graph.join(graph.narrow(x, options.horizon() - 1L, 1), 2, in.size());
      flat = graph.concatenate(flat, last);
    }
    return head.plain.plain(graph.at("head"), flat);
  }

  private long flatSize() {
    return head.layer.in().size() - (options.appendLastFrame() ? in.size() : 0L);
  }

  @Override
  public String toString() {
    return "EquivariantTimeCnn("
        + in
        + " x "
        + options.horizon()
        + " -> "
        + options.hiddenChannels()
        + " -> "
        + out
        + ")";
  }
}
