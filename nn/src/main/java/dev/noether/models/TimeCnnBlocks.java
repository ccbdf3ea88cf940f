package dev.noether.models;

import static dev.noether.algebra.Checks.require;

import dev.noether.nn.Layer;
import dev.noether.plain.PlainGraph;
import dev.noether.torch.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * The blocks of a time CNN, plain or equivariant: a convolution, a norm, an activation and pooling
 * each, and what its head sees of them.
 *
 * @param <S> what channels are: a number of them, or a representation
 */
final class TimeCnnBlocks<S> {
  private final TimeCnnOptions options;
  private final Kind<S> kind;
  private final int size;
  private final List<Part> convolutions = new ArrayList<>();
  private final List<Part> norms = new ArrayList<>();
  private final S channels;

  /** What differs between a plain network and its equivariant twin. */
  interface Kind<S> {
    /** What names in the state dict begin with. */
    String name();

    /** As many channels, or more where they are whole copies. */
    S widened(int units);

    /** A convolution, which becomes a child. */
    Part convolution(String name, S in, S out, int block);

    /** A norm of channels on the last axis, which becomes a child. */
    Part norm(String name, S space);

    /** Whether the head sees step after step, else channel after channel. */
    boolean stepAfterStep();
  }

  /**
   * Makes the parts.
   *
   * @param size the number of channels of the signal
   */
  TimeCnnBlocks(S in, int size, TimeCnnOptions options, Kind<S> kind) {
    this.options = options;
    this.kind = kind;
    this.size = size;
    S current = in;
    for (int units : options.hiddenChannels()) {
      int block = convolutions.size();
      S next = kind.widened(units);
      convolutions.add(kind.convolution(name(block, 0), current, next, block));
      if (options.normalize()) {
        norms.add(kind.norm(name(block, 1) + ".norm", next));
      }
      current = next;
    }
    channels = current;
  }

  private String name(int block, int module) {
    return kind.name() + "." + (block * options.modulesOfBlock() + module);
  }

  /** The channels after the last block. */
  S channels() {
    return channels;
  }

  /** Refuses what is no batch of signals of the right length. */
  void requireSignal(Tensor input, Layer layer) {
    long[] shape = Tensors.shape(input);
    require(
        shape.length == 3 && shape[1] == size && shape[2] == options.horizon(),
        "input must be [batch, %d, %d], channels and horizon of %s, got %s",
        size,
        options.horizon(),
        layer,
        Arrays.toString(shape));
  }

  /** From signals {@code [batch, channels, horizon]} to what the head sees. */
  Tensor forward(Tensor input) {
    // Norms and the head want channels last; convolutions then leave them there.
    Tensor current =
        kind.stepAfterStep() ? input.transpose(1, 2).contiguous().transpose(1, 2) : input;
    for (int i = 0; i < convolutions.size(); i++) {
      current = convolutions.get(i).apply(current);
      if (options.normalize()) {
        current = norms.get(i).apply(current.transpose(1, 2)).transpose(1, 2);
      }
      current = options.downsample().pool(options.activation(i).apply(current));
    }
    Tensor flat = (kind.stepAfterStep() ? current.transpose(1, 2) : current).flatten(1, 2);
    return options.appendLastFrame()
        ? Tensors.concatenate(-1, flat, input.select(2, options.horizon() - 1L))
        : flat;
  }

  /** The same as ordinary operations; features is how many numbers the steps that are left have. */
  <V> V plain(PlainGraph<V> graph, V x, long features) {
    V current = x;
    for (int i = 0; i < convolutions.size(); i++) {
      current = convolutions.get(i).plain(graph, current);
      if (options.normalize()) {
        V channelsLast = graph.permute(current, 1, 0);
        current = graph.permute(norms.get(i).plain(graph, channelsLast), 1, 0);
      }
      V activated = graph.apply(options.activation(i), current);
      current = options.downsample().pool(graph, activated, options.stepsBefore(i));
    }
    V flat = graph.join(kind.stepAfterStep() ? graph.permute(current, 1, 0) : current, 2, features);
    if (!options.appendLastFrame()) {
      return flat;
    }
    V last = graph.join(graph.narrow(x, options.horizon() - 1L, 1), 2, size);
    return graph.concatenate(flat, last);
  }
}
