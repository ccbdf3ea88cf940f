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

  /** Doubles the length. */
  static final ConvolutionOptions UP = ConvolutionOptions.kernel(4).withStride(2).withPadding(1);

  /** The larger of each two steps, of an even length. */
  static final UnetLevels.Resampling HALVING =
      new UnetLevels.Resampling() {
        @Override
        public Tensor apply(Tensor x) {
          return POOLING.pool(x);
        }

        @Override
        public <V> V plain(PlainGraph<V> graph, V x) {
          V pairs = graph.split(x, PlainGraph.REST, 2);
          V larger = larger(graph, graph.narrow(pairs, 0, 1), graph.narrow(pairs, 1, 1));
          return graph.join(larger, 2, PlainGraph.REST);
        }
      };

  /** Each step twice. */
  static final UnetLevels.Resampling DOUBLING =
      new UnetLevels.Resampling() {
        @Override
        public Tensor apply(Tensor x) {
          return torch.upsample_nearest1d(x, 2 * x.size(2));
        }

        @Override
        public <V> V plain(PlainGraph<V> graph, V x) {
          V column = graph.split(x, PlainGraph.REST, 1);
          return graph.join(graph.concatenate(column, column), 2, PlainGraph.REST);
        }
      };

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

  /** On even and odd steps. */
  <V> V pool(PlainGraph<V> graph, V x, int steps) {
    if (this == STRIDE) {
      return x;
    }
    V even = graph.select(x, LongStream.range(0, steps / 2).map(i -> 2 * i).toArray());
    V odd = graph.select(x, LongStream.range(0, steps / 2).map(i -> 2 * i + 1).toArray());
    return larger(graph, even, odd);
  }

  /** max(a, b) = b + relu(a - b). */
  private static <V> V larger(PlainGraph<V> graph, V a, V b) {
    V difference = graph.add(a, graph.multiply(b, graph.number(-1)));
    return graph.add(b, graph.apply(Activation.RELU, difference));
  }
}
