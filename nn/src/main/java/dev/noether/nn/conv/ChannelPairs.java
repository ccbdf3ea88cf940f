package dev.noether.nn.conv;

import dev.noether.kernel.KernelPair;
import dev.noether.torch.Tensors;
import java.util.Arrays;
import java.util.function.IntToLongFunction;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;

/** The channels of the copies of two fields, every output with every input, as escnn lists them. */
final class ChannelPairs {
  private final long[] inputs;
  private final long[] outputs;
  private final boolean adjacent;

  private ChannelPairs(long[] inputs, long[] outputs, boolean adjacent) {
    this.inputs = inputs;
    this.outputs = outputs;
    this.adjacent = adjacent;
  }

  /** Whether the copies of both fields stand next to each other. */
  boolean isAdjacent() {
    return adjacent;
  }

  static ChannelPairs of(KernelPair pair) {
    int inSize = pair.basis().basis().in().size();
    int outSize = pair.basis().basis().out().size();
    return new ChannelPairs(
        channels(pair.inStarts(), inSize),
        channels(pair.outStarts(), outSize),
        isAdjacent(pair.inStarts(), inSize) && isAdjacent(pair.outStarts(), outSize));
  }

  private static long[] channels(int[] starts, int size) {
    return Arrays.stream(starts)
        .flatMap(start -> IntStream.range(start, start + size))
        .asLongStream()
        .toArray();
  }

  private static boolean isAdjacent(int[] starts, int size) {
    return IntStream.range(1, starts.length).allMatch(i -> starts[i] == starts[i - 1] + size);
  }

  Tensor in() {
    return pairs(i -> inputs[i % inputs.length]);
  }

  Tensor out() {
    return pairs(i -> outputs[i / inputs.length]);
  }

  private Tensor pairs(IntToLongFunction channel) {
    int count = Math.multiplyExact(inputs.length, outputs.length);
    return Tensors.of(IntStream.range(0, count).mapToLong(channel).toArray(), count);
  }
}
