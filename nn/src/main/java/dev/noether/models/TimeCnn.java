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
import dev.noether.torch.Tensors;
import java.util.ArrayList;
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
  private final List<Conv1d> convolutions = new ArrayList<>();
  private final List<RmsNorm> norms = new ArrayList<>();
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
    int channels = in;
    for (int next : options.hiddenChannels()) {
      int block = convolutions.size();
      Conv1d convolution =
          new Conv1d(channels, next, options.downsample().geometry(), dense.forPart(block));
      convolutions.add(registerChild(name(block, 0), convolution));
      if (options.normalize()) {
        RmsNorm norm = new RmsNorm(next, 1e-6, dense.dtype());
        norms.add(registerChild(name(block, 1) + ".norm", norm));
      }
      channels = next;
    }
    int features = channels * options.stepsLeft() + (options.appendLastFrame() ? in : 0);
    head = new DenseStack(features, out, options.head(), dense.forPart(convolutions.size()));
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

  private String name(int block, int module) {
    return "feature_extractor." + (block * options.modulesOfBlock() + module);
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
    EquivariantTimeCnn.requireSignal(input, inDim, options.horizon(), this);
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
          Tensor flat = current.flatten(1, 2);
          return head.forward(
              options.appendLastFrame()
                  ? Tensors.concatenate(-1, flat, input.select(2, options.horizon() - 1L))
                  : flat);
        });
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
    int channels = options.hiddenChannels().get(convolutions.size() - 1);
    V flat = graph.join(current, 2, (long) channels * options.stepsLeft());
    if (options.appendLastFrame()) {
      V last = graph.join(graph.narrow(x, options.horizon() - 1L, 1), 2, inDim);
      flat = graph.concatenate(flat, last);
    }
    return head.plain(graph.at("head"), flat);
  }

  @Override
  public String toString() {
    return "TimeCnn("
        + inDim
        + " x "
        + options.horizon()
        + " -> "
        + options.hiddenChannels()
        + " -> "
        + head.out()
        + ")";
  }
}
