package dev.noether.models;

import static dev.noether.algebra.Checks.require;

import dev.noether.nn.LayerType;
import dev.noether.nn.conv.Conv1d;
import dev.noether.nn.conv.ConvTranspose1d;
import dev.noether.nn.linear.DenseOptions;
import dev.noether.nn.norm.GroupNorm;
import dev.noether.plain.Axes;
import dev.noether.plain.ConvolutionOptions;
import dev.noether.plain.PlainGraph;
import dev.noether.torch.Tensors;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The plain conditional U-Net over time, with PyTorch's initialization: the twin of {@link
 * EquivariantConditionalUnet1d}. Local conditions are further channels of the signal.
 *
 * <pre>{@code
 * ConditionalUnet1d network = new ConditionalUnet1d(7, UnetOptions.plain(64, 128));
 * Tensor noise = network.forward(actions, step); // [batch, 7, 16] to [batch, 7, 16]
 * }</pre>
 *
 * <p>Names in the state dict: {@code diffusion_step_encoder.1.*}, {@code down_modules.0.0.*},
 * {@code down_modules.0.2.conv.*}, {@code mid_modules.0.*}, {@code up_modules.0.0.*}, {@code
 * final_conv.0.block.0.*}, {@code final_conv.1.*} and so on; those of blocks at {@link
 * ConditionalResidualBlock1d}.
 */
public final class ConditionalUnet1d extends Unet1d {
  /** How an architecture describes it. */
  public static final LayerType<ConditionalUnet1d> TYPE =
      LayerType.independentOfBases(ConditionalUnet1d.class)
          .setting("input_dim", layer -> layer.size)
          .setting("local_cond_dim", layer -> layer.local, 0)
          .setting("global_cond_dim", layer -> layer.global, 0)
          .settings(UnetOptions.PLAIN, Unet1d::options)
          .setting("bias", layer -> layer.last.hasBias(), true)
          .builds(
              s ->
                  new ConditionalUnet1d(
                      s.whole("input_dim"),
                      s.whole("global_cond_dim"),
                      s.whole("local_cond_dim"),
                      UnetOptions.of(s),
                      DenseOptions.of(s)));

  /** Parts of a block draw from seeds so far apart. */
  static final int SEEDS = 8;

  private final int size;
  private final int global;
  private final int local;
  private final UnetLevels levels;
  private final Conv1d end;
  private final Optional<GroupNorm> norm;
  private final Conv1d last;

  /**
   * A network with conditions.
   *
   * @param size the channels of the signal
   * @param global the size of global conditions, 0 for none
   * @param local the size of local conditions, 0 for none
   * @param options levels, embedding, kernels, activation, norms
   * @param dense bias, seed and dtype
   * @throws IllegalArgumentException if a size is out of range, or the groups of the norms do not
   *     divide the channels of a level or of the input
   */
  public ConditionalUnet1d(
      int size, int global, int local, UnetOptions options, DenseOptions dense) {
    super(options, dense);
    require(size >= 1, "the signal has at least one channel, got %d", size);
    this.size = size;
    this.global = requireSize("global", global);
    this.local = requireSize("local", local);
    List<Integer> widths = new ArrayList<>(List.of(size + local));
    widths.addAll(options.downDims());
    requireGroups(options, widths);
    Maker maker = new Maker(options, dense);
    levels = UnetLevels.of(widths, widths.get(0), null, widths.size() - 1, 1, maker);
    int width = widths.get(0);
    end =
        registerChild(
            "final_conv.0.block.0",
            new Conv1d(width, width, ConditionalResidualBlock1d.kernel(options), maker.next()));
    norm =
        options.normalize()
            ? Optional.of(
                registerChild(
                    "final_conv.0.block.1",
                    new GroupNorm(options.groups(), width, UnetOptions.PLAIN_EPS, dense.dtype())))
            : Optional.empty();
    last =
        registerChild(
            "final_conv.1", new Conv1d(width, size, ConvolutionOptions.kernel(1), maker.next()));
  }

  /**
   * A network with global conditions, with biases, in float32.
   *
   * @param size the channels of the signal
   * @param global the size of global conditions, 0 for none
   * @param options levels, embedding, kernels, activation, norms
   * @throws IllegalArgumentException as the other constructor
   */
  public ConditionalUnet1d(int size, int global, UnetOptions options) {
    this(size, global, 0, options, DenseOptions.defaults());
  }

  /**
   * A network without conditions, with biases, in float32.
   *
   * @param size the channels of the signal
   * @param options levels, embedding, kernels, activation, norms
   * @throws IllegalArgumentException as the other constructor
   */
  public ConditionalUnet1d(int size, UnetOptions options) {
    this(size, 0, options);
  }

  private static void requireGroups(UnetOptions options, List<Integer> widths) {
    require(
        !options.normalize() || widths.stream().allMatch(width -> width % options.groups() == 0),
        "groups must divide the channels of every level and of the input with its local conditions, "
            + "got %d groups and channels %s",
        options.groups(),
        widths);
  }

  /** Makes the parts, each with seeds of its own. */
  private final class Maker implements UnetLevels.Parts<Integer> {
    private final UnetOptions options;
    private final DenseOptions dense;
    private int made;

    Maker(UnetOptions options, DenseOptions dense) {
      this.options = options;
      this.dense = dense;
    }

    DenseOptions next() {
      return dense.forPart(++made * SEEDS);
    }

    @Override
    public ConditionalBlock1d block(String name, Integer in, Integer out) {
      return registerChild(
          name,
          new ConditionalResidualBlock1d(in, out, global + options.stepDim(), options, next()));
    }

    @Override
    public UnetLevels.Resampling down(String name, Integer width) {
      if (options.downsample() == Downsample.POOLING) {
        return Downsample.HALVING;
      }
      Conv1d convolution = new Conv1d(width, width, options.downsample().geometry(), next());
      registerChild(name + ".conv", convolution);
      return new UnetLevels.Strided(name + ".conv", convolution::forward, convolution);
    }

    @Override
    public UnetLevels.Resampling up(String name, Integer width) {
      if (options.downsample() == Downsample.POOLING) {
        return Downsample.DOUBLING;
      }
      ConvTranspose1d convolution = new ConvTranspose1d(width, width, Downsample.UP, next());
      registerChild(name + ".conv", convolution);
      return new UnetLevels.Strided(name + ".conv", convolution::forward, convolution);
    }

    @Override
    public Integer join(Integer first, Integer second) {
      return first + second;
    }
  }

  @Override
  int size() {
    return size;
  }

  @Override
  int globalSize() {
    return global;
  }

  @Override
  int localSize() {
    return local;
  }

  @Override
  Axes localAxes() {
    return Axes.FEATURES;
  }

  @Override
  UnetLevels levels() {
    return levels;
  }

  @Override
  Told told() {
    return Told.AS_THEY_ARE;
  }

  @Override
  Tensor entered(Tensor sample, @Nullable Tensor signal) {
    return signal == null ? sample : Tensors.concatenate(1, sample, signal);
  }

  /** The same conditions at every step of time: they are added to zeros of the signal's length. */
  @Override
  <V> V plainEntered(PlainGraph<V> graph, V sample, @Nullable V conditions) {
    if (conditions == null) {
      return sample;
    }
    V channel = graph.permute(graph.narrow(graph.permute(sample, 1, 0), 0, 1), 1, 0);
    V zeros = graph.multiply(channel, graph.number(0));
    return UnetLevels.joined(graph, sample, graph.add(graph.split(conditions, local, 1), zeros));
  }

  @Override
  Tensor left(Tensor x) {
    Tensor y = end.forward(x);
    Tensor normed = norm.isPresent() ? norm.get().forward(y) : y;
    return last.forward(options().activation().apply(normed));
  }

  @Override
  <V> V plainLeft(PlainGraph<V> graph, V x) {
    V y = end.plain(graph.at("final_conv.0.block.0"), x);
    V normed = norm.isPresent() ? norm.get().plain(graph.at("final_conv.0.block.1"), y) : y;
    return last.plain(graph.at("final_conv.1"), graph.apply(options().activation(), normed));
  }

  @Override
  public String toString() {
    return "ConditionalUnet1d(" + size + ", " + options().words() + ")";
  }
}
