package dev.noether.models;

import static dev.noether.algebra.Checks.require;

import dev.noether.nn.Layer;
import dev.noether.plain.Axes;
import dev.noether.plain.NamedInputs;
import dev.noether.plain.PlainGraph;
import dev.noether.plain.PlainLayer;
import dev.noether.plain.Port;
import dev.noether.torch.Scopes;
import dev.noether.torch.Tensors;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/**
 * A residual block of a conditional U-Net: y = s(x) + h_2(m(h_1(x), c)), where h_1 and h_2 are a
 * convolution over time, a norm and an activation each, m scales and shifts the channels by what it
 * is told of the conditions c, and s is a convolution of one step, or the identity where channels
 * stay as they are.
 */
public abstract sealed class ConditionalBlock1d extends Layer implements NamedInputs, PlainLayer
    permits ConditionalResidualBlock1d, EquivariantConditionalResidualBlock1d {
  /** For the two kinds. */
  ConditionalBlock1d() {}

  /** The channels of the input. */
  abstract int inSize();

  /** The channels of the output. */
  abstract int outSize();

  /** The conditions. */
  abstract int conditionSize();

  /** A tensor of the block's dtype and device. */
  abstract Tensor weight();

  /** The axis of channels inside a network of such blocks, whose tensors have three: 1 or 2. */
  abstract int channelAxis();

  /** What {@link #block} sees of the conditions. */
  abstract Told told();

  /** h_1 or h_2, of features whose channels are on {@link #channelAxis}. */
  abstract Tensor convolved(int number, Tensor x);

  abstract <V> V plainConvolved(PlainGraph<V> graph, int number, V x);

  /** m(x, c). */
  abstract Tensor modulated(Tensor x, Tensor told);

  abstract <V> V plainModulated(PlainGraph<V> graph, V x, V told);

  /** s(x). */
  abstract Tensor skipped(Tensor x);

  abstract <V> V plainSkipped(PlainGraph<V> graph, V x);

  /** The formula, of features whose channels are on {@link #channelAxis}. */
  final Tensor block(Tensor x, Tensor told) {
    return skipped(x).add(convolved(1, modulated(convolved(0, x), told)));
  }

  final <V> V plainBlock(PlainGraph<V> graph, V x, V told) {
    V inside = plainModulated(graph, plainConvolved(graph, 0, x), told);
    return graph.add(plainSkipped(graph, x), plainConvolved(graph, 1, inside));
  }

  /**
   * Applies the block.
   *
   * @param x {@code [batch, channels, time]}
   * @param conditions {@code [batch, conditions]}
   * @return {@code [batch, channels of the output, time]}
   * @throws IllegalArgumentException if a shape, a dtype or a device does not fit
   */
  public final Tensor forward(Tensor x, Tensor conditions) {
    require(
        x.dim() == 3 && x.size(1) == inSize(),
        "x must be [batch, %d, time], channels of %s, got %s",
        inSize(),
        this,
        Arrays.toString(Tensors.shape(x)));
    Tensors.requireInput(x, x.size(2), "time", this, weight());
    Unet1d.requireCondition("cond", conditions, conditionSize(), x.size(0), weight());
    boolean last = channelAxis() == 2;
    return Scopes.compute(
        () -> {
          Tensor y = block(last ? x.transpose(1, 2) : x, told().apply(conditions));
          return last ? y.transpose(1, 2) : y;
        });
  }

  @Override
  public final List<String> requiredInputs() {
    return List.of("x", "cond");
  }

  @Override
  public final Tensor applyNamed(Map<String, Tensor> inputs) {
    return forward(
        inputs.getOrDefault("x", new Tensor()), inputs.getOrDefault("cond", new Tensor()));
  }

  @Override
  public final List<Port> inputs() {
    return List.of(
        new Port("x", Axes.CHANNELS, inSize()), new Port("cond", Axes.FEATURES, conditionSize()));
  }

  @Override
  public final Port output() {
    return new Port("output", Axes.CHANNELS, outSize());
  }

  @Override
  public final <V> V plain(PlainGraph<V> graph, V x) {
    throw new IllegalArgumentException(this + " takes two inputs, x and cond, got 1");
  }

  @Override
  public final <V> V plain(PlainGraph<V> graph, List<V> inputs) {
    require(inputs.size() == 2, "%s takes two inputs, x and cond, got %d", this, inputs.size());
    return plainBlock(graph, inputs.get(0), told().plain(graph, inputs.get(1)));
  }
}
