package dev.noether.spectral;

import dev.noether.rep.Representation;
import dev.noether.torch.Tensors;
import java.util.Arrays;
import java.util.function.ToLongFunction;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.Tensor;

/** To which part of a representation each coordinate, or each copy of an irrep, belongs. */
public final class Coordinates {
  private Coordinates() {}

  /**
   * For each coordinate in the irreps' basis the number of its copy of an irrep.
   *
   * @param representation the representation
   * @return {@code [size]}
   */
  public static Tensor copies(Representation representation) {
    return tensor(copyOf(representation));
  }

  /** The same as an array. */
  static long[] copyOf(Representation representation) {
    long[] copies = new long[representation.size()];
    for (int copy = 0; copy < representation.copies().size(); copy++) {
      Representation.Copy own = representation.copies().get(copy);
      Arrays.fill(copies, own.start(), own.end(), copy);
    }
    return copies;
  }

  /**
   * For each coordinate the number of its summand.
   *
   * @param representation the representation
   * @return {@code [size]}
   */
  public static Tensor summands(Representation representation) {
    LongStream.Builder places = LongStream.builder();
    for (Representation.Run run : representation.runs()) {
      for (int i = 0; i < run.size(); i++) {
        places.add(run.place() + i / run.summand().size());
      }
    }
    return tensor(places.build().toArray());
  }

  /**
   * For each copy of an irrep the first coordinate of its summand.
   *
   * @param representation the representation
   * @return {@code [copies]}
   */
  public static Tensor summandStarts(Representation representation) {
    long[] starts =
        representation.runs().stream()
            .flatMapToLong(
                run ->
                    LongStream.range(0, run.count())
                        .map(i -> run.start() + i * run.summand().size()))
            .toArray();
    return ofCopies(representation, copy -> starts[copy.summand()]);
  }

  /**
   * For each copy of an irrep the number of its summand.
   *
   * @param representation the representation
   * @return {@code [copies]}
   */
  public static Tensor summandsOfCopies(Representation representation) {
    return ofCopies(representation, Representation.Copy::summand);
  }

  private static Tensor ofCopies(
      Representation representation, ToLongFunction<Representation.Copy> number) {
    return tensor(representation.copies().stream().mapToLong(number).toArray());
  }

  private static Tensor tensor(long[] values) {
    return Tensors.of(values, values.length);
  }
}
