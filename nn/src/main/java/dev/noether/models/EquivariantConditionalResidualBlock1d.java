package dev.noether.models;

import static dev.noether.algebra.Checks.require;

import dev.noether.nn.BasisUse;
import dev.noether.nn.EquivariantFunction;
import dev.noether.nn.LayerType;
import dev.noether.nn.activation.PointwiseNonlinearity;
import dev.noether.nn.conv.EquivariantConv1d;
import dev.noether.nn.linear.AffineOptions;
import dev.noether.nn.linear.DenseOptions;
import dev.noether.nn.linear.EquivariantFilm;
import dev.noether.nn.linear.Linear;
import dev.noether.nn.linear.MapOptions;
import dev.noether.nn.norm.EquivariantRmsNorm;
import dev.noether.plain.Activation;
import dev.noether.plain.Axes;
import dev.noether.plain.ConvolutionOptions;
import dev.noether.plain.PlainGraph;
import dev.noether.rep.Representation;
import dev.noether.torch.Dtype;
import dev.noether.torch.Tensors;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A residual block of a conditional U-Net that commutes with a group: convolutions over time
 * between representations, norms by the root mean square, activations, and conditions that scale
 * every copy of every irrep and shift the invariants.
 *
 * <p>Of the conditions it sees invariants: trivial features as they are, and the lengths of the
 * copies of other irreps. The Python package takes lengths of trivial features too; a state dict of
 * its own keeps that rule.
 *
 * <p>Names in the state dict: {@code conv1.*}, {@code norm1.norm.*}, {@code conv2.*}, {@code
 * norm2.norm.*}, {@code affine.*}, {@code cond_encoder.1.*}, {@code residual_conv.*}.
 */
public final class EquivariantConditionalResidualBlock1d extends ConditionalBlock1d {
  /** How an architecture describes it. */
  public static final LayerType<EquivariantConditionalResidualBlock1d> TYPE =
      LayerType.of(
              EquivariantConditionalResidualBlock1d.class,
              layer -> List.of(new BasisUse.Unstored()))
          .representation("in", layer -> layer.in)
          .representation("out", layer -> layer.out)
          .representation("cond", layer -> layer.invariants.representation())
          .settings(UnetOptions.EQUIVARIANT_BLOCK, layer -> layer.options)
          .settings(MapOptions.SETTINGS, layer -> layer.maps)
          .setting("signed_conditions", layer -> layer.invariants.isSigned(), true)
          .builds(
              s ->
                  new EquivariantConditionalResidualBlock1d(
                      s.representation("in"),
                      s.representation("out"),
                      s.representation("cond"),
                      UnetOptions.block(s),
                      MapOptions.of(s),
                      s.flag("signed_conditions")));

  private static final int EXAMPLE = 4;

  private final Representation in;
  private final Representation out;
  private final UnetOptions options;
  private final MapOptions maps;
  private final List<EquivariantConv1d> convolutions = new ArrayList<>();
  private final List<EquivariantRmsNorm> norms = new ArrayList<>();
  private final CopyInvariants invariants;
  private final EquivariantFilm film;
  private final Linear encoder;
  private final Optional<EquivariantConv1d> residual;

  /**
   * A block.
   *
   * @param in how the channels of the input transform
   * @param out how the channels of the output transform: a representation that the activation does
   *     not break, as copies of the regular one
   * @param conditions how the conditions transform
   * @param options kernel, activation, norms, and whether conditions scale; the rest is a network's
   * @param maps bias, expansion, initialization, seed and dtype of the equivariant maps
   * @throws IllegalArgumentException if the groups differ, the activation breaks the symmetry of
   *     the output, or there is no equivariant map between in and out
   */
  public EquivariantConditionalResidualBlock1d(
      Representation in,
      Representation out,
      Representation conditions,
      UnetOptions options,
      MapOptions maps) {
    this(in, out, conditions, options, maps, true);
  }

  private EquivariantConditionalResidualBlock1d(
      Representation in,
      Representation out,
      Representation conditions,
      UnetOptions options,
      MapOptions maps,
      boolean signed) {
    this(in, out, new CopyInvariants(conditions, signed, maps.dtype()), options, maps);
    registerBuffers("invariants.", invariants.buffers());
    invariants.registerRule(this::registerMark);
  }

  /** A block of a network, which shares what it tells its blocks of the conditions. */
  EquivariantConditionalResidualBlock1d(
      Representation in,
      Representation out,
      CopyInvariants invariants,
      UnetOptions options,
      MapOptions maps) {
    require(
        in.group().equals(out.group()) && in.group().equals(invariants.representation().group()),
        "in, out and the conditions must be representations of one group, got %s, %s and %s",
        in,
        out,
        invariants.representation());
    new PointwiseNonlinearity(out, options.activation()); // refuses what would break the symmetry
    require(
        options.groups() == 1,
        "norms over groups of channels break the symmetry: groups must be 1 in an equivariant "
            + "network, got %d",
        options.groups());
    this.in = in;
    this.out = out;
    this.options = options;
    this.maps = maps;
    this.invariants = invariants;
    Dtype dtype = maps.dtype();
    Representation width = in;
    for (int i = 0; i < 2; i++) {
      EquivariantConv1d convolution =
          new EquivariantConv1d(
              width, out, ConditionalResidualBlock1d.kernel(options), maps.forPart(i));
      convolutions.add(registerChild("conv" + (i + 1), convolution));
      if (options.normalize()) {
        EquivariantRmsNorm norm = new EquivariantRmsNorm(out, UnetOptions.EQUIVARIANT_EPS, dtype);
        norms.add(registerChild("norm" + (i + 1) + ".norm", norm));
      }
      width = out;
    }
    film = registerChild("affine", new EquivariantFilm(out, new AffineOptions(true, dtype)));
    int numbers = (options.predictScale() ? film.scaleCount() : 0) + film.biasCount();
    require(
        numbers > 0, "conditions that shift only need invariants to shift, and %s holds none", out);
    encoder =
        registerChild(
            "cond_encoder.1",
            new Linear(
                invariants.count(),
                numbers,
                new DenseOptions(true, maps.forPart(2).seed(), dtype)));
    residual =
        in.equals(out)
            ? Optional.empty()
            : Optional.of(
                registerChild(
                    "residual_conv",
                    new EquivariantConv1d(in, out, ConvolutionOptions.kernel(1), maps.forPart(3))));
  }

  /**
   * How the channels of the input transform.
   *
   * @return the representation
   */
  public Representation in() {
    return maps.restricted(in);
  }

  /**
   * How the channels of the output transform.
   *
   * @return the representation
   */
  public Representation out() {
    return maps.restricted(out);
  }

  @Override
  int inSize() {
    return in.size();
  }

  @Override
  int outSize() {
    return out.size();
  }

  @Override
  int conditionSize() {
    return invariants.representation().size();
  }

  @Override
  Tensor weight() {
    return convolutions.get(0).coefficients();
  }

  @Override
  int channelAxis() {
    return 2;
  }

  @Override
  Told told() {
    return invariants;
  }

  @Override
  Tensor convolved(int number, Tensor x) {
    Tensor y = convolutions.get(number).forward(x.transpose(1, 2)).transpose(1, 2);
    return options.activation().apply(options.normalize() ? norms.get(number).forward(y) : y);
  }

  @Override
  <V> V plainConvolved(PlainGraph<V> graph, int number, V x) {
    V y = convolutions.get(number).plain(graph.at("conv" + (number + 1)), x);
    if (options.normalize()) {
      PlainGraph<V> inside = graph.at("norm" + (number + 1) + ".norm");
      y = graph.permute(norms.get(number).plain(inside, graph.permute(y, 1, 0)), 1, 0);
    }
    return graph.apply(options.activation(), y);
  }

  /** Where the scales end and the bias begins among the numbers that modulate. */
  private int scales() {
    return options.predictScale() ? film.scaleCount() : 0;
  }

  @Override
  Tensor modulated(Tensor x, Tensor told) {
    Tensor numbers = Activation.MISH.apply(encoder.forward(told)).unsqueeze(1);
    if (scales() == 0) {
      return film.shift(x, numbers);
    }
    if (film.biasCount() == 0) {
      return film.forward(x, numbers);
    }
    List<Tensor> parts = Tensors.split(numbers, -1, scales(), film.biasCount());
    return film.forward(x, parts.get(0), parts.get(1));
  }

  @Override
  <V> V plainModulated(PlainGraph<V> graph, V x, V told) {
    V numbers = graph.apply(Activation.MISH, encoder.plain(graph.at("cond_encoder.1"), told));
    V row = graph.split(numbers, 1, encoder.outFeatures());
    int biases = film.biasCount();
    @Nullable V scale = scales() == 0 ? null : graph.narrow(row, 0, scales());
    @Nullable V bias = biases == 0 ? null : graph.narrow(row, scales(), biases);
    return graph.permute(film.plain(graph.at("affine"), graph.permute(x, 1, 0), scale, bias), 1, 0);
  }

  @Override
  Tensor skipped(Tensor x) {
    return residual.map(c -> c.forward(x.transpose(1, 2)).transpose(1, 2)).orElse(x);
  }

  @Override
  <V> V plainSkipped(PlainGraph<V> graph, V x) {
    return residual.map(c -> c.plain(graph.at("residual_conv"), x)).orElse(x);
  }

  /** With four samples. */
  @Override
  public Optional<EquivariantFunction> equivariance() {
    Optional<Tensor> like = Optional.of(weight());
    Representation cond = invariants.representation();
    return Optional.of(
        maps.restricted(
            new EquivariantFunction(
                List.of(
                    new EquivariantFunction.Input(
                        in, Axes.CHANNELS, EquivariantFunction.random(like, EXAMPLE, in.size(), 6)),
                    new EquivariantFunction.Input(
                        cond,
                        Axes.FEATURES,
                        EquivariantFunction.random(like, EXAMPLE, cond.size()))),
                out,
                Axes.CHANNELS,
                inputs -> forward(inputs.get(0), inputs.get(1)))));
  }

  @Override
  public String toString() {
    return "EquivariantConditionalResidualBlock1d("
        + in
        + " -> "
        + out
        + ", conditions "
        + invariants.representation()
        + ")";
  }
}
