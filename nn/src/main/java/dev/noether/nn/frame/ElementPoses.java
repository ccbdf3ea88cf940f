package dev.noether.nn.frame;

import dev.noether.group.FiniteGroup;
import dev.noether.plain.Activation;
import dev.noether.plain.PlainGraph;
import dev.noether.rep.Representation;
import dev.noether.torch.Buffers;
import dev.noether.torch.Dtype;
import dev.noether.torch.Tensors;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** The elements of a finite group: that of the largest number, or the mean over all such. */
final class ElementPoses implements Poses {
  /** Added to squares, so that nothing is divided by zero. */
  private static final double SMALLEST = 1e-30;

  private final int order;
  private final int sizeIn;
  private final int sizeOut;
  private final Frames toPose;
  private final Frames fromPose;
  private final Buffers buffers = new Buffers();

  ElementPoses(Representation in, Representation out, Dtype dtype) {
    FiniteGroup group = in.finiteGroup();
    order = group.order();
    sizeIn = in.size();
    sizeOut = out.size();
    List<Integer> elements = IntStream.range(0, order).boxed().toList();
    toPose = Frames.turning(in, elements.stream().map(group::inverse).toList(), dtype);
    fromPose = Frames.turning(out, elements, dtype);
    buffers.addAll("to_pose.", toPose.buffers());
    buffers.addAll("from_pose.", fromPose.buffers());
  }

  @Override
  public Buffers buffers() {
    return buffers;
  }

  @Override
  public Chosen choose(Tensor numbers, Tensor like, boolean learns) {
    Tensor weights = Tensors.inDtypeOf(like, weights(numbers, tolerance(like), learns));
    return new Chosen() {
      @Override
      public Tensor enter(Tensor rows) {
        return combined(toPose, rows, weights);
      }

      @Override
      public Tensor leave(Tensor rows) {
        return combined(fromPose, rows, weights);
      }
    };
  }

  /** Of {@code [samples, size]}, turned by every element, the sum with weights. */
  private static Tensor combined(Frames frames, Tensor rows, Tensor weights) {
    return frames.turn(rows).mul(weights.t().unsqueeze(-1)).sum(0);
  }

  /** 1 for the chosen element of each sample; 1 / n for each of n that are chosen together. */
  private static Tensor weights(Tensor numbers, double tolerance, boolean learns) {
    Tensor fixed = numbers.detach();
    Tensor scale = fixed.abs().amax(new long[] {-1}, true);
    Tensor below =
        fixed
            .amax(new long[] {-1}, true)
            .sub(fixed)
            .mul(scale.mul(scale).add(new Scalar(SMALLEST)).rsqrt())
            .mul(new Scalar(1 / tolerance));
    Tensor largest = torch.relu(torch.relu(below.sub(new Scalar(1))).neg().add(new Scalar(1)));
    Tensor chosen = largest.div(largest.sum(new long[] {-1}, true, new ScalarTypeOptional()));
    if (learns) {
      Tensor soft = numbers.softmax(-1);
      chosen = chosen.add(soft.sub(soft.detach()));
    }
    return chosen;
  }

  /** Up to which share of the largest number others count as equal. */
  private static double tolerance(Tensor like) {
    return switch (Dtype.of(like)) {
      case FLOAT64 -> 1e-10;
      case FLOAT32 -> 1e-4;
      default -> 0.03;
    };
  }

  @Override
  public <V> V plain(PlainGraph<V> graph, V numbers, V x, UnaryOperator<V> inner) {
    V weights = graph.split(plainWeights(graph, numbers), order, 1);
    V posed = plainCombined(graph.at("to_pose"), toPose, x, sizeIn, weights);
    return plainCombined(graph.at("from_pose"), fromPose, inner.apply(posed), sizeOut, weights);
  }

  private <V> V plainWeights(PlainGraph<V> graph, V numbers) {
    V minus = graph.number(-1);
    V negative = graph.multiply(numbers, minus);
    V scale = graph.largest(graph.add(relu(graph, numbers), relu(graph, negative)));
    V inverse = graph.rsqrt(graph.add(graph.multiply(scale, scale), graph.number(SMALLEST)));
    V below = graph.multiply(graph.add(graph.largest(numbers), negative), inverse);
    double tolerance = tolerance(toPose.any());
    V beyond =
        relu(
            graph, graph.add(graph.multiply(below, graph.number(1 / tolerance)), graph.number(-1)));
    V largest = relu(graph, graph.add(graph.multiply(beyond, minus), graph.number(1)));
    V root = graph.rsqrt(graph.multiply(graph.mean(largest), graph.number(order)));
    return graph.multiply(largest, graph.multiply(root, root));
  }

  private static <V> V relu(PlainGraph<V> graph, V x) {
    return graph.apply(Activation.RELU, x);
  }

  private <V> V plainCombined(PlainGraph<V> graph, Frames frames, V x, int size, V weights) {
    V turned =
        graph.split(graph.matmul(x, graph.constant("turns", frames.dense(size))), order, size);
    V row = graph.join(graph.multiply(turned, weights), 2, (long) order * size);
    return graph.matmul(row, graph.constant("sum", frames.denseSum(size)));
  }
}
