package dev.noether.models;

import static dev.noether.algebra.Checks.require;

import dev.noether.nn.BasisUse;
import dev.noether.nn.EquivariantFunction;
import dev.noether.nn.LayerType;
import dev.noether.nn.conv.EquivariantConv1d;
import dev.noether.nn.conv.EquivariantConvTranspose1d;
import dev.noether.nn.linear.DenseOptions;
import dev.noether.nn.linear.MapOptions;
import dev.noether.nn.norm.EquivariantRmsNorm;
import dev.noether.plain.Axes;
import dev.noether.plain.ConvolutionOptions;
import dev.noether.plain.PlainGraph;
import dev.noether.rep.Representation;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A conditional U-Net over time that commutes with a group: for every element, f(g x, step, g
 * conditions) = g f(x, step, conditions).
 *
 * <p>Levels are copies of the regular representation; signal and conditions may be any
 * representations. Local conditions are a signal of their own, added in the first and in the last
 * level.
 *
 * <pre>{@code
 * Representation actions = Representation.parse("C2: 3 x irrep(1) + trivial");
 * Representation observation = Representation.parse("C2: regular");
 * EquivariantConditionalUnet1d network =
 *     new EquivariantConditionalUnet1d(actions, observation, UnetOptions.equivariant(64, 128));
 * Tensor noise = network.forward(x, step, UnetConditions.of(seen)); // [batch, 4, 16]
 * }</pre>
 *
 * <p>The way up has a level for every level, as the plain network; a network of one level has none,
 * as in the Python package, whose networks of more levels give half the length. Its blocks tell
 * conditions apart by invariants: see {@link EquivariantConditionalResidualBlock1d}.
 *
 * <p>Names in the state dict: {@code diffusion_step_encoder.1.*}, {@code local_cond_encoder.0.*},
 * {@code down_modules.0.0.*}, {@code down_modules.0.2.*}, {@code mid_modules.0.*}, {@code
 * up_modules.0.0.*}, {@code final_conv.0.*}, {@code final_conv.1.norm.*}, {@code final_conv.3.*}
 * and so on.
 */
public final class EquivariantConditionalUnet1d extends Unet1d {
  /** How an architecture describes it. */
  public static final LayerType<EquivariantConditionalUnet1d> TYPE =
      LayerType.of(EquivariantConditionalUnet1d.class, layer -> List.of(new BasisUse.Unstored()))
          .representation("in", layer -> layer.in)
          .optional("local_cond", layer -> Optional.ofNullable(layer.local))
          .optional("global_cond", layer -> Optional.ofNullable(layer.global))
          .settings(UnetOptions.EQUIVARIANT, Unet1d::options)
          .settings(MapOptions.SETTINGS, layer -> layer.maps)
          .setting("signed_conditions", layer -> layer.invariants.isSigned(), true)
          .builds(
              s ->
                  new EquivariantConditionalUnet1d(
                      s.representation("in"),
                      s.optional("global_cond").orElse(null),
                      s.optional("local_cond").orElse(null),
                      UnetOptions.of(s),
                      MapOptions.of(s),
                      s.flag("signed_conditions")));

  private static final int EXAMPLE = 4;
  private static final double EXAMPLE_STEP = 0.7;

  private final Representation in;
  private final @Nullable Representation global;
  private final @Nullable Representation local;
  private final MapOptions maps;
  private final CopyInvariants invariants;
  private final UnetLevels levels;
  private final EquivariantConv1d end;
  private final Optional<EquivariantRmsNorm> norm;
  private final EquivariantConv1d last;

  /**
   * A network with conditions.
   *
   * @param in how the channels of the signal transform, in and out
   * @param global how global conditions transform; null for none
   * @param local how local conditions transform at each step of time; null for none
   * @param options levels, embedding, kernels, activation, norms
   * @param maps bias, expansion, initialization, seed and dtype of the equivariant maps
   * @throws IllegalArgumentException if the groups differ, or groups of norms are asked for
   */
  public EquivariantConditionalUnet1d(
      Representation in,
      @Nullable Representation global,
      @Nullable Representation local,
      UnetOptions options,
      MapOptions maps) {
    this(in, global, local, options, maps, true);
  }

  /**
   * A network with global conditions, with biases, in float32.
   *
   * @param in how the channels of the signal transform, in and out
   * @param global how global conditions transform; null for none
   * @param options levels, embedding, kernels, activation, norms
   * @throws IllegalArgumentException as the other constructor
   */
  public EquivariantConditionalUnet1d(
      Representation in, @Nullable Representation global, UnetOptions options) {
    this(in, global, null, options, MapOptions.defaults());
  }

  /**
   * A network without conditions, with biases, in float32.
   *
   * @param in how the channels of the signal transform, in and out
   * @param options levels, embedding, kernels, activation, norms
   * @throws IllegalArgumentException as the other constructor
   */
  public EquivariantConditionalUnet1d(Representation in, UnetOptions options) {
    this(in, null, options);
  }

  private EquivariantConditionalUnet1d(
      Representation in,
      @Nullable Representation global,
      @Nullable Representation local,
      UnetOptions options,
      MapOptions maps,
      boolean signed) {
    super(options, new DenseOptions(true, maps.seed(), maps.dtype()));
    requireGroup(in, global);
    requireGroup(in, local);
    this.in = in;
    this.global = global;
    this.local = local;
    this.maps = maps;
    Representation step = Representation.trivial(in.group()).times(options.stepDim());
    invariants =
        new CopyInvariants(global == null ? step : global.plus(step), signed, maps.dtype());
    registerBuffers("invariants.", invariants.buffers());
    invariants.registerRule(this::registerMark);
    List<Representation> widths = new ArrayList<>(List.of(in));
    Representation regular = Representation.regular(in.finiteGroup());
    options.downDims().forEach(d -> widths.add(MlpDesign.widened(regular, d)));
    int n = options.downDims().size();
    Maker maker = new Maker();
    Representation top = widths.get(1);
    levels = UnetLevels.of(widths, top, local, n == 1 ? 0 : n, 2, maker);
    end =
        registerChild(
            "final_conv.0",
            new EquivariantConv1d(
                top, top, ConditionalResidualBlock1d.kernel(options), maker.next()));
    norm =
        options.normalize()
            ? Optional.of(
                registerChild(
                    "final_conv.1.norm",
                    new EquivariantRmsNorm(top, UnetOptions.EQUIVARIANT_EPS, maps.dtype())))
            : Optional.empty();
    last =
        registerChild(
            "final_conv.3",
            new EquivariantConv1d(top, in, ConvolutionOptions.kernel(1), maker.next()));
  }

  private static void requireGroup(Representation in, @Nullable Representation conditions) {
    require(
        conditions == null || conditions.group().equals(in.group()),
        "signal and conditions must be representations of one group, got %s and %s",
        in,
        conditions);
  }

  /** Makes the parts, each with seeds of its own. */
  private final class Maker implements UnetLevels.Parts<Representation> {
    private int made;

    MapOptions next() {
      return maps.forPart(++made * ConditionalUnet1d.SEEDS);
    }

    @Override
    public ConditionalBlock1d block(String name, Representation from, Representation to) {
      return registerChild(
          name, new EquivariantConditionalResidualBlock1d(from, to, invariants, options(), next()));
    }

    @Override
    public UnetLevels.Resampling down(String name, Representation width) {
      if (options().downsample() == Downsample.POOLING) {
        return Downsample.HALVING;
      }
      EquivariantConv1d convolution =
          new EquivariantConv1d(width, width, options().downsample().geometry(), next());
      registerChild(name, convolution);
      return new UnetLevels.Strided(name, convolution::forward, convolution);
    }

    @Override
    public UnetLevels.Resampling up(String name, Representation width) {
      if (options().downsample() == Downsample.POOLING) {
        return Downsample.DOUBLING;
      }
      EquivariantConvTranspose1d convolution =
          new EquivariantConvTranspose1d(width, width, Downsample.UP, next());
      registerChild(name, convolution);
      return new UnetLevels.Strided(name, convolution::forward, convolution);
    }

    @Override
    public Representation join(Representation first, Representation second) {
      return first.plus(second);
    }
  }

  /**
   * How the channels of the signal transform, in and out.
   *
   * @return the representation
   */
  public Representation in() {
    return maps.restricted(in);
  }

  @Override
  int size() {
    return in.size();
  }

  @Override
  int globalSize() {
    return global == null ? 0 : global.size();
  }

  @Override
  int localSize() {
    return local == null ? 0 : local.size();
  }

  @Override
  Axes localAxes() {
    return Axes.CHANNELS;
  }

  @Override
  UnetLevels levels() {
    return levels;
  }

  @Override
  Told told() {
    return invariants;
  }

  @Override
  Tensor entered(Tensor sample, @Nullable Tensor signal) {
    return sample;
  }

  @Override
  <V> V plainEntered(PlainGraph<V> graph, V sample, @Nullable V signal) {
    return sample;
  }

  @Override
  Tensor left(Tensor x) {
    Tensor y = end.forward(x.transpose(1, 2)).transpose(1, 2);
    Tensor normed = norm.isPresent() ? norm.get().forward(y) : y;
    Tensor hidden = options().activation().apply(normed);
    return last.forward(hidden.transpose(1, 2)).transpose(1, 2);
  }

  @Override
  <V> V plainLeft(PlainGraph<V> graph, V x) {
    V y = end.plain(graph.at("final_conv.0"), x);
    if (norm.isPresent()) {
      V channelsLast = graph.permute(y, 1, 0);
      y = graph.permute(norm.get().plain(graph.at("final_conv.1.norm"), channelsLast), 1, 0);
    }
    return last.plain(graph.at("final_conv.3"), graph.apply(options().activation(), y));
  }

  /** At a step between whole ones, with four samples. */
  @Override
  public Optional<EquivariantFunction> equivariance() {
    long time = 2L * options().factor();
    List<EquivariantFunction.Input> inputs = new ArrayList<>();
    inputs.add(example(in, Axes.CHANNELS, EXAMPLE, in.size(), time));
    if (global != null) {
      inputs.add(example(global, Axes.FEATURES, EXAMPLE, global.size()));
    }
    if (local != null) {
      inputs.add(example(local, Axes.CHANNELS, EXAMPLE, local.size(), time));
    }
    return Optional.of(
        maps.restricted(
            new EquivariantFunction(
                inputs,
                in,
                Axes.CHANNELS,
                t ->
                    forward(
                        t.get(0),
                        EXAMPLE_STEP,
                        new UnetConditions(
                            global == null ? null : t.get(1),
                            local == null ? null : t.get(t.size() - 1))))));
  }

  private EquivariantFunction.Input example(Representation rho, Axes axes, long... shape) {
    Tensor numbers = EquivariantFunction.random(Optional.of(end.coefficients()), shape);
    return new EquivariantFunction.Input(rho, axes, numbers);
  }

  @Override
  public String toString() {
    return "EquivariantConditionalUnet1d(" + in + ", " + options().words() + ")";
  }
}
