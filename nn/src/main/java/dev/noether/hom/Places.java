package dev.noether.hom;

import dev.noether.torch.Buffers;
import dev.noether.torch.Scopes;
import dev.noether.torch.Tensors;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * Where the entries of a dense map stand among the numbers of its slots.
 *
 * <p>Between many equal summands every pair of summands has the same places but for an offset: only
 * those of the first pair are kept, and the others made when they are needed. Elsewhere many places
 * are kept in 16 bits, where they fit.
 */
final class Places {
  /** From so many on, places that fit into 16 bits are kept in these. */
  private static final int MANY_PLACES = 1 << 12;

  /** Between fewer summands little memory is saved for the time that it takes. */
  private static final long FEWEST_PAIRS = 12;

  /** Of larger summands it is not worth finding out. */
  private static final long LARGEST_PAIR = 1L << 20;

  private final Tensor first;
  private final @Nullable Tensor across;
  private final @Nullable Tensor down;

  private Places(Tensor first, @Nullable Tensor across, @Nullable Tensor down) {
    this.first = first;
    this.across = across;
    this.down = down;
  }

  /** All of them. */
  static Places whole(Buffers buffers, String name, int[] places, boolean narrow) {
    Tensor all = Tensors.ofIndices(places);
    return new Places(keep(buffers, name, narrow ? all.to(ScalarType.Short) : all), null, null);
  }

  /**
   * Those of a repeated pair.
   *
   * @param buffers takes the tensors
   * @param name their name
   * @param places of all entries, row by row
   * @param columns the columns of the map
   * @param down how the summands of the rows repeat
   * @param across how the summands of the columns repeat
   */
  static Places repeated(
      Buffers buffers, String name, int[] places, int columns, Repeat down, Repeat across) {
    int height = places.length / columns / down.count;
    int width = columns / across.count;
    int[] first =
        IntStream.range(0, height * width)
            .map(i -> places[i / width * columns + i % width])
            .toArray();
    return new Places(
        keep(buffers, name + "_first", Tensors.ofIndices(first).view(height, 1, width)),
        across.count == 1
            ? null
            : keep(buffers, name + "_across", across.offsets().view(1, across.count, 1)),
        down.count == 1 ? null : keep(buffers, name + "_down", down.offsets().view(down.count, 1)));
  }

  private static Tensor keep(Buffers buffers, String name, Tensor tensor) {
    return buffers.add(name, Scopes.keep(tensor));
  }

  /**
   * Equal summands in a row.
   *
   * @param count how many
   * @param step from the places of one to those of the next
   */
  record Repeat(int count, int step) {
    Tensor offsets() {
      return Tensors.ofIndices(IntStream.range(0, count).map(i -> i * step).toArray());
    }
  }

  /** The bytes of what is kept of a map: all places, or those of a pair and the offsets. */
  static long bytes(Summands in, Summands out, List<SummandPair> pairs) {
    long entries = (long) in.representation().size() * out.representation().size();
    if (!repeats(in, out, pairs)) {
      return entries * (isNarrow(entries, pairs) ? Short.BYTES : Integer.BYTES);
    }
    long kept =
        entries / in.count() / out.count()
            + (in.count() == 1 ? 0 : in.count())
            + (out.count() == 1 ? 0 : out.count());
    return kept * Integer.BYTES;
  }

  /** Whether there are many places, and all slots, their negatives and a zero fit into 16 bits. */
  static boolean isNarrow(long entries, List<SummandPair> pairs) {
    long slots = 0;
    for (SummandPair pair : pairs) {
      for (SummandPair.Batch batch : pair.batches()) {
        slots += batch.blocks() * pair.pairs() * batch.slots();
      }
    }
    return entries >= MANY_PLACES && 2 * slots < Short.MAX_VALUE;
  }

  /** Whether a map is between many pairs of equal summands, and no entry vanishes. */
  static boolean repeats(Summands in, Summands out, List<SummandPair> pairs) {
    return (long) in.count() * out.count() >= FEWEST_PAIRS && isUniform(in, out, pairs);
  }

  /** Whether all pairs of summands are equal, each one block, and no entry vanishes. */
  static boolean isUniform(Summands in, Summands out, List<SummandPair> pairs) {
    long entries = (long) in.representation().size() * out.representation().size();
    long pair = entries / in.count() / out.count();
    return pair <= LARGEST_PAIR
        && pairs.size() == 1
        && pairs.get(0).batches().size() == 1
        && filled(pairs.get(0).batches().get(0)) == pair;
  }

  /** The entries of a pair that do not vanish. */
  private static long filled(SummandPair.Batch batch) {
    long filled = 0;
    for (SummandPair.Grid grid : batch.grids()) {
      for (Subsummand to : grid.out()) {
        for (Subsummand from : grid.in()) {
          filled += IntStream.of(Slots.of(to, from).slot()).filter(s -> s != Slots.ZERO).count();
        }
      }
    }
    return filled;
  }

  /** All places, row by row in one axis. */
  Tensor all() {
    if (Tensors.scalarType(first) == ScalarType.Short) {
      return first.to(ScalarType.Int);
    }
    Tensor strip = across == null ? first : first.add(across);
    return down == null ? strip.view(-1) : strip.view(1, -1).add(down).view(-1);
  }

  /** A tensor on the places' device. */
  Tensor like() {
    return first;
  }
}
