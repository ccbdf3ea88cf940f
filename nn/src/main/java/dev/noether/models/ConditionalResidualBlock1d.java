package dev.noether.models;

import dev.noether.nn.LayerType;
import dev.noether.nn.conv.Conv1d;
import dev.noether.nn.linear.DenseOptions;
import dev.noether.nn.linear.Linear;
import dev.noether.nn.norm.GroupNorm;
import dev.noether.plain.Activation;
import dev.noether.plain.ConvolutionOptions;
import dev.noether.plain.PlainGraph;
import dev.noether.torch.Tensors;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/**
 * The plain residual block of {@link ConditionalUnet1d}, with PyTorch's initialization: the twin of
 * {@link EquivariantConditionalResidualBlock1d}.
 *
 * <p>Names in the state dict: {@code blocks.0.block.0.*} (convolution), {@code blocks.0.block.1.*}
 * (norm), {@code blocks.1.block.*}, {@code cond_encoder.0.*}, {@code residual_conv.*}.
 */
public final class ConditionalResidualBlock1d extends ConditionalBlock1d {
  /** How an architecture describes it. */
  public static final LayerType<ConditionalResidualBlock1d> TYPE =
      LayerType.independentOfBases(ConditionalResidualBlock1d.class)
          .setting("in_channels", layer -> layer.in)
          .setting("out_channels", layer -> layer.out)
          .setting("cond_dim", layer -> layer.encoder.inFeatures())
          .settings(UnetOptions.BLOCK, layer -> layer.options)
          .setting("bias", layer -> layer.encoder.hasBias(), true)
          .builds(
              s ->
                  new ConditionalResidualBlock1d(
                      s.whole("in_channels"),
                      s.whole("out_channels"),
                      s.whole("cond_dim"),
                      UnetOptions.block(s),
                      DenseOptions.of(s)));

  private final int in;
  private final int out;
  private final UnetOptions options;
  private final List<Conv1d> convolutions = new ArrayList<>();
  private final List<GroupNorm> norms = new ArrayList<>();
  private final Linear encoder;
  private final Optional<Conv1d> residual;

  /**
   * A block.
   *
   * @param in the channels of the input
   * @param out the channels of the output
   * @param conditions the size of the conditions
   * @param options kernel, activation, norms, and whether conditions scale; the rest is a network's
   * @param dense bias, seed and dtype
   * @throws IllegalArgumentException if a size is below 1, or the groups do not divide the channels
   */
  public ConditionalResidualBlock1d(
      int in, int out, int conditions, UnetOptions options, DenseOptions dense) {
    this.in = in;
    this.out = out;
    this.options = options;
    int width = in;
    for (int i = 0; i < 2; i++) {
      Conv1d convolution = new Conv1d(width, out, kernel(options), dense.forPart(i));
      convolutions.add(registerChild("blocks." + i + ".block.0", convolution));
      if (options.normalize()) {
        GroupNorm norm = new GroupNorm(options.groups(), out, UnetOptions.PLAIN_EPS, dense.dtype());
        norms.add(registerChild("blocks." + i + ".block.1", norm));
      }
      width = out;
    }
    int told = options.predictScale() ? 2 * out : out;
    encoder = registerChild("cond_encoder.0", new Linear(conditions, told, dense.forPart(2)));
    residual =
        in == out
            ? Optional.empty()
            : Optional.of(
                registerChild(
                    "residual_conv",
                    new Conv1d(in, out, ConvolutionOptions.kernel(1), dense.forPart(3))));
  }

  /** A kernel that keeps the length. */
  static ConvolutionOptions kernel(UnetOptions options) {
    return ConvolutionOptions.kernel(options.kernelSize()).withPadding(options.kernelSize() / 2);
  }

  @Override
  int inSize() {
    return in;
  }

  @Override
  int outSize() {
    return out;
  }

  @Override
  int conditionSize() {
    return encoder.inFeatures();
  }

  @Override
  Tensor weight() {
    return encoder.weight();
  }

  @Override
  int channelAxis() {
    return 1;
  }

  @Override
  Told told() {
    return Told.AS_THEY_ARE;
  }

  @Override
  Tensor convolved(int number, Tensor x) {
    Tensor y = convolutions.get(number).forward(x);
    return options.activation().apply(options.normalize() ? norms.get(number).forward(y) : y);
  }

  @Override
  <V> V plainConvolved(PlainGraph<V> graph, int number, V x) {
    PlainGraph<V> inside = graph.at("blocks." + number + ".block");
    V y = convolutions.get(number).plain(inside.at("0"), x);
    V normed = options.normalize() ? norms.get(number).plain(inside.at("1"), y) : y;
    return graph.apply(options.activation(), normed);
  }

  @Override
  Tensor modulated(Tensor x, Tensor told) {
    Tensor numbers = Activation.MISH.apply(encoder.forward(told)).unsqueeze(-1);
    if (!options.predictScale()) {
      return x.add(numbers);
    }
    List<Tensor> parts = Tensors.split(numbers, 1, out, out);
    return parts.get(1).addcmul(parts.get(0), x);
  }

  @Override
  <V> V plainModulated(PlainGraph<V> graph, V x, V told) {
    V numbers = graph.apply(Activation.MISH, encoder.plain(graph.at("cond_encoder.0"), told));
    if (!options.predictScale()) {
      return graph.add(x, graph.split(numbers, out, 1));
    }
    V scale = graph.split(graph.narrow(numbers, 0, out), out, 1);
    V shift = graph.split(graph.narrow(numbers, out, out), out, 1);
    return graph.add(graph.multiply(x, scale), shift);
  }

  @Override
  Tensor skipped(Tensor x) {
    return residual.map(convolution -> convolution.forward(x)).orElse(x);
  }

  @Override
  <V> V plainSkipped(PlainGraph<V> graph, V x) {
    return residual.map(c -> c.plain(graph.at("residual_conv"), x)).orElse(x);
  }

  @Override
  public String toString() {
    return "ConditionalResidualBlock1d("
        + in
        + " -> "
        + out
        + ", "
        + conditionSize()
        + " conditions)";
  }
}
