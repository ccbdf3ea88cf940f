package dev.noether.nn;

import dev.noether.rep.Representation;
import dev.noether.torch.Tensors;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;

/** Which summand of a direct sum each coordinate belongs to. */
final class SummandIndices {
  private SummandIndices() {}

  static int[] sizes(Representation representation) {
    return representation.summands().stream().mapToInt(Representation::size).toArray();
  }

  static Tensor of(Representation representation) {
    List<Representation> summands = representation.summands();
    long[] indices =
        IntStream.range(0, summands.size())
            .flatMap(i -> IntStream.generate(() -> i).limit(summands.get(i).size()))
            .asLongStream()
            .toArray();
    return Tensors.of(indices, indices.length);
  }
}
