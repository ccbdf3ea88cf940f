package dev.noether.models;

import dev.noether.plain.Activation;
import dev.noether.plain.ConvolutionOptions;
import dev.noether.plain.PlainGraph;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** How a block of a convolutional encoder makes time shorter. */
public enum Downsample {
  /** A convolution with stride 2: h steps become (h + 1) / 2. */
  STRIDE,
  /** A convolution with stride 1, then the larger of each two steps: h steps become h / 2. */
  POOLING;

  /** Kernel 3, padding 1. */
  ConvolutionOptions geometry() {
    return ConvolutionOptions.kernel(3).withPadding(1).withStride(this == STRIDE ? 2 : 1);
  }

  /** How many steps are left of so many. */
  int after(int steps) {
    return this == STRIDE ? (steps + 1) / 2 : steps / 2;
  }

  Tensor pool(Tensor x) {
    return this == STRIDE
        ? x
        : torch.max_pool1d(
            x, new long[] {2}, new long[] {2}, new long[] {0}, new long[] {1}, false);
  }

  /** max(a, b) = b + relu(a - b), on even and odd steps. */
  <V> V pool(PlainGraph<V> graph, V x, int steps) {
    if (this == STRIDE) {
      return x;
    }
    V even = graph.select(x, LongStream.range(0, steps / 2).map(i -> 2 * i).toArray());
    V odd = graph.select(x, LongStream.range(0, steps / 2).map(i -> 2 * i + 1).toArray());
    V difference = graph.add(even, graph.multiply(odd, graph.number(-1)));
    return graph.add(odd, graph.apply(Activation.RELU, difference));
  }
}
