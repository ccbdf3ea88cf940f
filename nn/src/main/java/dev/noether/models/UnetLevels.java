package dev.noether.models;

import dev.noether.plain.PlainGraph;
import dev.noether.plain.PlainLayer;
import dev.noether.torch.Tensors;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The formula of conditional U-Nets, plain or equivariant: levels that halve time, two blocks at
 * the bottom, and levels that double it again and see what the first ones gave.
 *
 * @param down the levels on the way down, first to last
 * @param mid the blocks at the bottom
 * @param up the levels on the way up, the deepest first
 * @param local the blocks of a signal of conditions: what they give is added in the first level on
 *     the way down and in the last one on the way up; none where there is no such signal
 * @param channelAxis where channels are, 1 or 2 of three axes
 */
record UnetLevels(
    List<Level> down, List<Named> mid, List<Level> up, List<Named> local, int channelAxis) {
  /** A block with its name in the network. */
  record Named(String name, ConditionalBlock1d block) {
    Tensor apply(Tensor x, Tensor told) {
      return block.block(x, told);
    }

    <V> V plain(PlainGraph<V> graph, V x, V told) {
      return block.plainBlock(graph.at(name), x, told);
    }
  }

  /** Two blocks, then another length of time where there is one. */
  record Level(Named first, Named second, @Nullable Resampling resampling) {
    <V> V resampled(PlainGraph<V> graph, V x) {
      return resampling == null ? x : resampling.plain(graph, x);
    }
  }

  /** Makes time longer or shorter, {@code [batch, channels, time]}. */
  interface Resampling {
    Tensor apply(Tensor x);

    <V> V plain(PlainGraph<V> graph, V x);
  }

  /** A convolution with stride, with its name in the network. */
  record Strided(String name, UnaryOperator<Tensor> function, PlainLayer form)
      implements Resampling {
    @Override
    public Tensor apply(Tensor x) {
      return function.apply(x);
    }

    @Override
    public <V> V plain(PlainGraph<V> graph, V x) {
      return form.plain(graph.at(name), x);
    }
  }

  /** What differs between networks; W is a width, as a number or as a representation. */
  interface Parts<W> {
    ConditionalBlock1d block(String name, W in, W out);

    Resampling down(String name, W width);

    Resampling up(String name, W width);

    W join(W first, W second);
  }

  /**
   * All levels.
   *
   * @param widths of the input of each level, and of the output of the last
   * @param top the width at the end
   * @param local the width of a signal of conditions; null where there is none
   * @param ups how many levels there are on the way up
   */
  static <W> UnetLevels of(
      List<W> widths, W top, @Nullable W local, int ups, int channelAxis, Parts<W> parts) {
    int n = widths.size() - 1;
    List<Named> signals = new ArrayList<>();
    for (int i = 0; local != null && i < 2; i++) {
      signals.add(named(parts, "local_cond_encoder." + i, local, widths.get(1)));
    }
    List<Level> down = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      String name = "down_modules." + i + ".";
      W width = widths.get(i + 1);
      down.add(
          new Level(
              named(parts, name + 0, widths.get(i), width),
              named(parts, name + 1, width, width),
              i < n - 1 ? parts.down(name + 2, width) : null));
    }
    W current = widths.get(n);
    List<Named> mid =
        List.of(
            named(parts, "mid_modules.0", current, current),
            named(parts, "mid_modules.1", current, current));
    List<Level> up = new ArrayList<>();
    for (int j = 0; j < ups; j++) {
      String name = "up_modules." + j + ".";
      int level = n - 1 - j;
      W width = level == 0 ? top : widths.get(level);
      up.add(
          new Level(
              named(parts, name + 0, parts.join(current, widths.get(level + 1)), width),
              named(parts, name + 1, width, width),
              level > 0 ? parts.up(name + 2, width) : null));
      current = width;
    }
    return new UnetLevels(down, mid, up, signals, channelAxis);
  }

  private static <W> Named named(Parts<W> parts, String name, W in, W out) {
    return new Named(name, parts.block(name, in, out));
  }

  Tensor forward(Tensor sample, Tensor told, @Nullable Tensor signal) {
    Deque<Tensor> skips = new ArrayDeque<>();
    Tensor x = sample;
    for (int i = 0; i < down.size(); i++) {
      Level level = down.get(i);
      x = level.first.apply(x, told);
      x = i == 0 ? withSignal(0, x, told, signal) : x;
      x = level.second.apply(x, told);
      skips.push(x);
      x = resampled(level, x);
    }
    for (Named block : mid) {
      x = block.apply(x, told);
    }
    for (int j = 0; j < up.size(); j++) {
      Level level = up.get(j);
      x = level.first.apply(Tensors.concatenate(channelAxis, x, skips.pop()), told);
      x = j == up.size() - 1 ? withSignal(1, x, told, signal) : x;
      x = resampled(level, level.second.apply(x, told));
    }
    return x;
  }

  private Tensor withSignal(int place, Tensor x, Tensor told, @Nullable Tensor signal) {
    return signal == null || local.isEmpty() ? x : x.add(local.get(place).apply(signal, told));
  }

  private Tensor resampled(Level level, Tensor x) {
    if (level.resampling == null) {
      return x;
    }
    return channelAxis == 1
        ? level.resampling.apply(x)
        : level.resampling.apply(x.transpose(1, 2)).transpose(1, 2);
  }

  <V> V plain(PlainGraph<V> graph, V sample, V told, @Nullable V signal) {
    Deque<V> skips = new ArrayDeque<>();
    V x = sample;
    for (int i = 0; i < down.size(); i++) {
      Level level = down.get(i);
      x = level.first.plain(graph, x, told);
      x = i == 0 ? plainWithSignal(graph, 0, x, told, signal) : x;
      x = level.second.plain(graph, x, told);
      skips.push(x);
      x = level.resampled(graph, x);
    }
    for (Named block : mid) {
      x = block.plain(graph, x, told);
    }
    for (int j = 0; j < up.size(); j++) {
      Level level = up.get(j);
      x = level.first.plain(graph, joined(graph, x, skips.pop()), told);
      x = j == up.size() - 1 ? plainWithSignal(graph, 1, x, told, signal) : x;
      x = level.resampled(graph, level.second.plain(graph, x, told));
    }
    return x;
  }

  private <V> V plainWithSignal(PlainGraph<V> graph, int place, V x, V told, @Nullable V signal) {
    return signal == null || local.isEmpty()
        ? x
        : graph.add(x, local.get(place).plain(graph, signal, told));
  }

  /** Channels one after the other. */
  static <V> V joined(PlainGraph<V> graph, V first, V second) {
    V both = graph.concatenate(graph.permute(first, 1, 0), graph.permute(second, 1, 0));
    return graph.permute(both, 1, 0);
  }
}
