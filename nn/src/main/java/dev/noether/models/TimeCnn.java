package dev.noether.models;

import dev.noether.nn.Layer;
import dev.noether.nn.LayerType;
import dev.noether.nn.conv.Conv1d;
import dev.noether.nn.linear.DenseOptions;
import dev.noether.nn.norm.RmsNorm;
import dev.noether.plain.Axes;
import dev.noether.plain.Forward;
import dev.noether.plain.PlainGraph;
import dev.noether.plain.PlainLayer;
import dev.noether.plain.Port;
import dev.noether.torch.Scopes;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * The plain convolutional encoder of a signal of fixed length, with PyTorch's initialization: the
 * twin of {@link EquivariantTimeCnn}. Blocks of a convolution, a norm, an activation and pooling,
 * then a multilayer perceptron on all steps that are left.
 *
 * <p>Names in the state dict: {@code feature_extractor.0.weight} and so on, {@code
 * feature_extractor.1.norm.weight} for norms, {@code head.0.weight} and so on.
 */
public final class TimeCnn extends Layer implements Forward, PlainLayer {
  /** How an architecture describes it. */
  public static final LayerType<TimeCnn> TYPE =
      LayerType.independentOfBases(TimeCnn.class)
          .setting("in_dim", layer -> layer.inDim)
          .setting("out_dim", layer -> layer.head.out())
          .settings(TimeCnnOptions.SETTINGS, layer -> layer.options)
          .setting("bias", layer -> layer.head.hasBias(), true)
          .builds(
              s ->
                  new TimeCnn(
                      s.whole("in_dim"),
                      s.whole("out_dim"),
                      TimeCnnOptions.of(s),
                      DenseOptions.of(s)));

  private final int inDim;
  private final TimeCnnOptions options;
  private final TimeCnnBlocks<Integer> blocks;
  private final DenseStack head;

  /**
   * A network.
   *
   * @param in the channels of the signal
   * @param out the size of the output
   * @param options convolutions, horizon and head
   * @param dense bias, seed and dtype
   * @throws IllegalArgumentException if a size is below 1
   */
  public TimeCnn(int in, int out, TimeCnnOptions options, DenseOptions dense) {
    this.inDim = in;
    this.options = options;
    blocks = new TimeCnnBlocks<>(in, in, options, new Kind(dense));
    int features = blocks.channels() * options.stepsLeft() + (options.appendLastFrame() ? in : 0);
    head =
        new DenseStack(
            features, out, options.head(), dense.forPart(options.hiddenChannels().size()));
    head.numbered().forEach((number, layer) -> registerChild("head." + number, layer));
  }

  /**
   * A network with biases, in float32.
   *
   * @param in the channels of the signal
   * @param out the size of the output
   * @param options convolutions, horizon and head
   * @throws IllegalArgumentException if a size is below 1
   */
  public TimeCnn(int in, int out, TimeCnnOptions options) {
    this(in, out, options, DenseOptions.defaults());
  }

  /** Plain parts, each with seeds of its own. */
  private final class Kind implements TimeCnnBlocks.Kind<Integer> {
    private final DenseOptions dense;
    private final PlainParts parts = new PlainParts(TimeCnn.this::registerChild);

    Kind(DenseOptions dense) {
      this.dense = dense;
    }

    @Override
    public String name() {
      return "feature_extractor";
    }

    @Override
    public Integer widened(int units) {
      return units;
    }

    @Override
    public Part convolution(String name, Integer in, Integer out, int block) {
      return parts.part(
          name, new Conv1d(in, out, options.downsample().geometry(), dense.forPart(block)));
    }

    @Override
    public Part norm(String name, Integer channels) {
      return parts.part(name, new RmsNorm(channels, 1e-6, dense.dtype()));
    }

    @Override
    public boolean stepAfterStep() {
      return false;
    }
  }

  /**
   * Encodes signals.
   *
   * @param input {@code [batch, in, horizon]}
   * @return {@code [batch, out]}
   * @throws IllegalArgumentException if the shape, the dtype or the device do not fit
   */
  @Override
  public Tensor forward(Tensor input) {
    blocks.requireSignal(input, this);
    return Scopes.compute(() -> head.forward(blocks.forward(input)));
  }

  @Override
  public List<Port> inputs() {
    return List.of(new Port("input", Axes.CHANNELS, inDim));
  }

  @Override
  public Port output() {
    return new Port("output", Axes.FEATURES, head.out());
  }

  @Override
  public <V> V plain(PlainGraph<V> graph, V x) {
    long features = (long) blocks.channels() * options.stepsLeft();
    return head.plain(graph.at("head"), blocks.plain(graph, x, features));
  }

  @Override
  public String toString() {
    return "TimeCnn(" + options.words(inDim, head.out()) + ")";
  }
}
