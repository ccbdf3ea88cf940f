package dev.noether.hom;

import dev.noether.torch.Buffers;
import dev.noether.torch.Scopes;
import dev.noether.torch.Tensors;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Where the entries of a dense map stand among the numbers of its slots, one 32-bit place for each.
 *
 * <p>Between many equal summands every pair of summands has the same places but for an offset. Of
 * large maps only those of the first pair are kept, and the others made when they are needed.
 */
final class Places {
  /** Smaller maps keep all places: making them takes longer than such a map's product. */
  private static final long FEWEST_ENTRIES = 1L << 13;

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

  /** All of them, as they are. */
  static Places whole(Buffers buffers, String name, int[] places) {
    return new Places(keep(buffers, name, Tensors.ofIndices(places)), null, null);
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

  /** How many indices are kept of a map: all, or those of a pair and the offsets. */
  static long kept(Summands in, Summands out, List<SummandPair> pairs) {
    long entries = (long) in.representation().size() * out.representation().size();
    if (!repeats(in, out, pairs)) {
      return entries;
    }
    return entries / in.count() / out.count()
        + (in.count() == 1 ? 0 : in.count())
        + (out.count() == 1 ? 0 : out.count());
  }

  /** Whether a map is large, between equal summands, and no entry vanishes. */
  static boolean repeats(Summands in, Summands out, List<SummandPair> pairs) {
    long entries = (long) in.representation().size() * out.representation().size();
    long pair = entries / in.count() / out.count();
    return entries >= FEWEST_ENTRIES
        && entries >= FEWEST_PAIRS * pair
        && pair <= LARGEST_PAIR
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
    Tensor strip = across == null ? first : first.add(across);
    return down == null ? strip.view(-1) : strip.view(1, -1).add(down).view(-1);
  }

  /** A tensor on the places' device. */
  Tensor like() {
    return first;
  }
}
