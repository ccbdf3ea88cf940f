package dev.noether.nn.norm;

import static dev.noether.algebra.Checks.require;

import dev.noether.nn.Layer;
import dev.noether.nn.LayerType;
import dev.noether.nn.Parameter;
import dev.noether.plain.Axes;
import dev.noether.plain.PlainGraph;
import dev.noether.plain.PlainLayer;
import dev.noether.plain.Port;
import dev.noether.torch.Dtype;
import dev.noether.torch.LibTorch;
import dev.noether.torch.Tensors;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/**
 * The plain norm over groups of channels and all of time, as PyTorch's {@code GroupNorm}: subtracts
 * the mean of a group, divides by its standard deviation, scales and shifts every channel.
 *
 * <p>Names in the state dict: {@code weight} (ones at first) and {@code bias} (zeros). Scales and
 * shifts break a symmetry of the channels: {@link EquivariantRmsNorm} does not.
 */
public final class GroupNorm extends Layer implements PlainLayer {
  /** How an architecture describes it. */
  public static final LayerType<GroupNorm> TYPE =
      LayerType.independentOfBases(GroupNorm.class)
          .setting("num_groups", layer -> layer.groups)
          .setting("num_channels", layer -> layer.channels)
          .setting("eps", layer -> layer.eps, 1e-5)
          .builds(
              s ->
                  new GroupNorm(
                      s.whole("num_groups"), s.whole("num_channels"), s.number("eps"), s.dtype()));

  private final int groups;
  private final int channels;
  private final double eps;
  private final Parameter weight;
  private final Parameter bias;

  /**
   * A layer.
   *
   * @param groups how many groups the channels form, each of neighbours
   * @param channels the channels
   * @param eps what is added to the variance, above 0; 1e-5 is PyTorch's
   * @param dtype the dtype of the layer
   * @throws IllegalArgumentException if the groups do not divide the channels, or eps is not above
   *     0
   */
  public GroupNorm(int groups, int channels, double eps, Dtype dtype) {
    require(
        groups >= 1 && channels >= 1 && channels % groups == 0,
        "groups must divide the channels, got %d groups of %d channels",
        groups,
        channels);
    LibTorch.load();
    this.groups = groups;
    this.channels = channels;
    this.eps = NormOptions.requireEps(eps);
    double[] ones = new double[channels];
    Arrays.fill(ones, 1);
    weight = registerWithoutDecay("weight", Tensors.of(dtype, ones, channels));
    bias = registerParameter("bias", Tensors.of(dtype, new double[channels], channels));
  }

  /**
   * A layer with eps 1e-5, in float32, as PyTorch's.
   *
   * @param groups how many groups the channels form
   * @param channels the channels
   * @throws IllegalArgumentException if the groups do not divide the channels
   */
  public GroupNorm(int groups, int channels) {
    this(groups, channels, 1e-5, Dtype.FLOAT32);
  }

  /**
   * Applies the layer.
   *
   * @param input {@code [batch, channels, time]}
   * @return a tensor of the same shape
   * @throws IllegalArgumentException if the channels, the dtype or the device do not fit
   */
  public Tensor forward(Tensor input) {
    require(
        input.dim() == 3 && input.size(1) == channels,
        "input must be [batch, %d, time] (%s), got %s",
        channels,
        this,
        Arrays.toString(Tensors.shape(input)));
    Tensors.requireInput(input, input.size(2), "time", this, weight.original());
    return computed(
        input,
        () ->
            torch.group_norm(
                input,
                groups,
                new TensorOptional(weight.value()),
                new TensorOptional(bias.value()),
                eps,
                false));
  }

  @Override
  public List<Port> inputs() {
    return List.of(new Port("input", Axes.CHANNELS, channels));
  }

  @Override
  public Port output() {
    return new Port("output", Axes.CHANNELS, channels);
  }

  @Override
  public <V> V plain(PlainGraph<V> graph, V x) {
    V grouped = graph.split(graph.join(x, 2, PlainGraph.REST), groups, PlainGraph.REST);
    V centred = graph.add(grouped, graph.multiply(graph.mean(grouped), graph.number(-1)));
    V variance = graph.mean(graph.multiply(centred, centred));
    V scaled = graph.multiply(centred, graph.rsqrt(graph.add(variance, graph.number(eps))));
    V signal = graph.split(graph.join(scaled, 2, PlainGraph.REST), channels, PlainGraph.REST);
    V weighted = graph.multiply(signal, graph.constant("weight", weight.value().unsqueeze(1)));
    return graph.add(weighted, graph.constant("bias", bias.value().unsqueeze(1)));
  }

  @Override
  public String toString() {
    return "GroupNorm(" + groups + ", " + channels + ")";
  }
}
