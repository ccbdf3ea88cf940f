package dev.noether.nn.conv;

import static dev.noether.algebra.Checks.require;

import dev.noether.nn.Layer;
import dev.noether.nn.LayerType;
import dev.noether.nn.Parameter;
import dev.noether.nn.linear.DenseOptions;
import dev.noether.plain.Axes;
import dev.noether.plain.ConvolutionOptions;
import dev.noether.plain.Forward;
import dev.noether.plain.PlainGraph;
import dev.noether.plain.PlainLayer;
import dev.noether.plain.Port;
import dev.noether.torch.Dtype;
import dev.noether.torch.Scopes;
import dev.noether.torch.Seeds;
import dev.noether.torch.Tensors;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.GeneratorOptional;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A plain convolution over time, with PyTorch's initialization and names: {@code weight} and {@code
 * bias}.
 *
 * <p>Inputs are {@code [batch, channels, time]} or {@code [channels, time]}.
 */
public abstract sealed class Convolution extends Layer implements Forward, PlainLayer
    permits Conv1d, ConvTranspose1d {
  private final int inChannels;
  private final int outChannels;
  private final ConvolutionOptions geometry;
  private final Parameter weight;
  private final @Nullable Parameter bias;

  Convolution(
      int inChannels,
      int outChannels,
      ConvolutionOptions geometry,
      DenseOptions options,
      long... shape) {
    require(
        inChannels >= 1 && outChannels >= 1,
        "channels must be at least 1, got in %d and out %d",
        inChannels,
        outChannels);
    this.inChannels = inChannels;
    this.outChannels = outChannels;
    this.geometry = geometry;
    double bound = 1 / Math.sqrt((double) shape[1] * shape[2]); // PyTorch's fan, transposed or not
    GeneratorOptional generator = Seeds.generator(options.seed());
    Dtype dtype = options.dtype();
    weight = registerParameter("weight", Seeds.uniform(dtype, bound, generator, shape));
    bias =
        options.bias()
            ? registerParameter("bias", Seeds.uniform(dtype, bound, generator, outChannels))
            : null;
  }

  /**
   * The channels of the input.
   *
   * @return their number
   */
  public final int inChannels() {
    return inChannels;
  }

  /**
   * The channels of the output.
   *
   * @return their number
   */
  public final int outChannels() {
    return outChannels;
  }

  /**
   * The kernel's geometry.
   *
   * @return the options
   */
  public final ConvolutionOptions geometry() {
    return geometry;
  }

  /**
   * Whether a bias is added.
   *
   * @return true if there is a bias
   */
  public final boolean hasBias() {
    return bias != null;
  }

  /**
   * The kernel, through its parametrization.
   *
   * @return {@code [outChannels, inChannels, kernel size]}, or with in and out exchanged where the
   *     convolution is transposed
   */
  public final Tensor weight() {
    return Scopes.compute(() -> weight.value().alias());
  }

  /**
   * The bias, through its parametrization.
   *
   * @return {@code [outChannels]}, or null without a bias
   */
  public final @Nullable Tensor bias() {
    return bias == null ? null : Scopes.compute(() -> bias.value().alias());
  }

  /**
   * Applies the layer.
   *
   * @param input {@code [batch, inChannels, time]} or {@code [inChannels, time]}
   * @return the same with outChannels and another time
   * @throws IllegalArgumentException if the channels, the dtype or the device do not fit, or time
   *     is too short
   */
  @Override
  public final Tensor forward(Tensor input) {
    long[] shape = Tensors.shape(input);
    if ((shape.length != 2 && shape.length != 3) || shape[shape.length - 2] != inChannels) {
      require(
          false,
          "input must be [batch, inChannels() = %d, time] (%s), got %s",
          inChannels,
          this,
          Arrays.toString(shape));
    }
    Tensors.requireInput(input, shape[shape.length - 1], "time", this, weight.original());
    return computed(
        input,
        () ->
            Geometry.convolve(
                input,
                weight.value(),
                bias == null ? null : bias.value(),
                geometry,
                isTransposed()));
  }

  abstract boolean isTransposed();

  /** What both kinds tell of themselves. */
  static <L extends Convolution> LayerType.Builder<L> type(Class<L> kind) {
    return LayerType.independentOfBases(kind)
        .setting("in_channels", Convolution::inChannels)
        .setting("out_channels", Convolution::outChannels)
        .setting("bias", Convolution::hasBias, true)
        .settings(Geometry.SETTINGS, Convolution::geometry);
  }

  @Override
  public final List<Port> inputs() {
    return List.of(new Port("input", Axes.CHANNELS, inChannels));
  }

  @Override
  public final Port output() {
    return new Port("output", Axes.CHANNELS, outChannels);
  }

  @Override
  public final <V> V plain(PlainGraph<V> graph, V x) {
    return graph.convolution(x, weight(), bias(), geometry, isTransposed());
  }

  @Override
  public final String toString() {
    return Geometry.words(this, inChannels + ", " + outChannels, geometry);
  }
}
