package dev.noether.nn;

import dev.noether.group.Irrep;
import dev.noether.rep.Representation;
import dev.noether.torch.Tensors;
import java.util.List;
import java.util.function.ToIntFunction;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;

/** To which part of a representation each coordinate belongs. */
final class Coordinates {
  private Coordinates() {}

  /** For each coordinate in the irreps' basis the number of its copy of an irrep. */
  static Tensor copies(Representation representation) {
    return tensor(partOf(representation.irreps(), Irrep::dimension));
  }

  /** For each coordinate the number of its summand. */
  static Tensor summands(Representation representation) {
    return tensor(partOf(representation.summands(), Representation::size));
  }

  /** For each copy of an irrep the first coordinate of its summand. */
  static Tensor summandStarts(Representation representation) {
    long[] starts = new long[representation.irreps().size()];
    int copy = 0;
    long start = 0;
    for (Representation summand : representation.summands()) {
      for (int i = 0; i < summand.irreps().size(); i++) {
        starts[copy++] = start;
      }
      start += summand.size();
    }
    return tensor(starts);
  }

  /** For each copy of an irrep the number of its summand. */
  static Tensor summandsOfCopies(Representation representation) {
    return tensor(partOf(representation.summands(), summand -> summand.irreps().size()));
  }

  /** The sizes of the summands. */
  static int[] summandSizes(Representation representation) {
    return representation.summands().stream().mapToInt(Representation::size).toArray();
  }

  private static <P> long[] partOf(List<P> parts, ToIntFunction<P> size) {
    return IntStream.range(0, parts.size())
        .flatMap(i -> IntStream.generate(() -> i).limit(size.applyAsInt(parts.get(i))))
        .asLongStream()
        .toArray();
  }

  private static Tensor tensor(long[] values) {
    return Tensors.of(values, values.length);
  }
}
