package dev.noether.hom;

import static dev.noether.algebra.Checks.require;

import dev.noether.torch.Buffers;
import dev.noether.torch.Dtype;
import dev.noether.torch.Scopes;
import dev.noether.torch.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * Maps between direct sums, block by block: coefficients give the numbers of the slots, and one
 * gather lays them out as the dense map.
 *
 * <p>Between permutation representations a slot is an orbit, so that expanding costs little more
 * than a copy, and projecting is a sum over each orbit. Its coefficients are in the order of {@link
 * CoefficientOrder#ofBlocks}.
 */
final class SlotRealization implements Realization {
  /** The most entries of a map whose slots are kept: places are 32-bit, with signs and a zero. */
  private static final long MOST_ENTRIES = 1L << 29;

  /** From so many entries on, places are kept only where bases would need as much memory. */
  private static final long MANY_ENTRIES = 1L << 22;

  private final long rows;
  private final long columns;
  private final List<SlotTable> tables = new ArrayList<>();
  private final long slots;
  private final boolean signed;
  private final boolean vanishing;
  private final Places gather;
  private final @Nullable Places gatherRows;
  private final @Nullable SmallPairs small;
  private final Buffers buffers = new Buffers();

  SlotRealization(
      Summands in, Summands out, List<SummandPair> pairs, Dtype dtype, boolean projects) {
    rows = out.representation().size();
    columns = in.representation().size();
    SlotLayout layout = new SlotLayout(in, out);
    long start = 0;
    long slotStart = 0;
    for (SummandPair pair : pairs) {
      for (SummandPair.Batch batch : pair.batches()) {
        SlotTable table = new SlotTable(pair, batch, start, slotStart, layout, dtype);
        String name = "pair_" + tables.size() + "_";
        long from = start;
        long slotFrom = slotStart;
        table
            .buffers()
            .forEach(
                (key, tensor) ->
                    buffers.add(
                        name + key,
                        Scopes.keep(tensor),
                        () ->
                            Objects.requireNonNull(
                                new SlotTable(
                                        pair,
                                        batch,
                                        from,
                                        slotFrom,
                                        new SlotLayout(in, out),
                                        Dtype.FLOAT64)
                                    .buffers()
                                    .get(key))));
        tables.add(table);
        start = table.end();
        slotStart = table.slotEnd();
      }
    }
    slots = slotStart;
    signed = layout.isSigned();
    vanishing = layout.hasZeros();
    int[] places = layout.places(Math.toIntExact(slots));
    int[] turned = layout.transposed(places);
    small =
        SmallPairs.fit(in, out, pairs) ? smallPairs(in, out, pairs.get(0), turned, dtype) : null;
    if (!Places.repeats(in, out, pairs)) {
      boolean narrow = Places.isNarrow(rows * columns, pairs);
      gatherRows = projects ? Places.whole(buffers, "gather_rows", places, narrow) : null;
      gather = Places.whole(buffers, "gather", turned, narrow);
      return;
    }
    int step = pairs.get(0).batches().get(0).slots();
    Places.Repeat sources = new Places.Repeat(in.count(), step);
    Places.Repeat targets = new Places.Repeat(out.count(), step * in.count());
    gatherRows =
        projects
            ? Places.repeated(
                buffers, "gather_rows", places, Math.toIntExact(columns), targets, sources)
            : null;
    gather = Places.repeated(buffers, "gather", turned, Math.toIntExact(rows), sources, targets);
  }

  /** The entries of the first pair of summands come from its own slots. */
  private SmallPairs smallPairs(
      Summands in, Summands out, SummandPair pair, int[] turned, Dtype dtype) {
    SummandPair.Batch batch = pair.batches().get(0);
    int height = Math.toIntExact(columns / in.count());
    int width = Math.toIntExact(rows / out.count());
    int[] places = new int[height * width];
    for (int i = 0; i < places.length; i++) {
      int place = turned[Math.toIntExact(i / width * rows + i % width)];
      places[i] = place < slots ? place : Math.toIntExact(place - slots + batch.slots());
    }
    SmallPairs.Basis basis =
        wanted ->
            Objects.requireNonNull(
                new SlotTable(pair, batch, 0, 0, new SlotLayout(in, out), wanted)
                    .buffers()
                    .get("basis"));
    return new SmallPairs(in, out, places, basis, dtype, buffers);
  }

  /**
   * The blocks that this realization would keep.
   *
   * @return all pairs of kinds; empty where one would keep too many numbers
   */
  static Optional<List<SummandPair>> blocks(Summands in, Summands out) {
    long entries = (long) in.representation().size() * out.representation().size();
    long basis = in.basisNumbers() + out.basisNumbers();
    if (entries > MOST_ENTRIES || (entries > MANY_ENTRIES && entries > 2 * basis)) {
      return Optional.empty();
    }
    List<SummandPair> pairs = new ArrayList<>();
    for (Summands.Kind to : out.kinds()) {
      for (Summands.Kind from : in.kinds()) {
        SummandPair pair = SummandPair.of(to, from);
        if (!pair.isAdmitted()) {
          return Optional.empty();
        }
        pairs.add(pair);
      }
    }
    return Optional.of(pairs);
  }

  @Override
  public Buffers buffers() {
    return buffers;
  }

  private List<Tensor> each(Function<SlotTable, Tensor> function) {
    List<Tensor> results = new ArrayList<>();
    tables.forEach(table -> results.add(function.apply(table)));
    return results;
  }

  @Override
  public Tensor expand(Tensor coefficients) {
    return small != null
        ? small.expand(coefficients)
        : lay(each(table -> table.slots(coefficients)));
  }

  private Tensor lay(List<Tensor> numbers) {
    return sources(numbers).index_select(0, gather.all()).view(columns, rows);
  }

  /** Slots, their negatives and a zero, as far as they occur. */
  private Tensor sources(List<Tensor> numbers) {
    List<Tensor> sources = new ArrayList<>(numbers);
    if (signed) {
      numbers.forEach(part -> sources.add(part.neg()));
    }
    if (vanishing) {
      sources.add(numbers.get(0).new_zeros(1));
    }
    return joined(sources);
  }

  /**
   * One product for the numbers of all maps and one gather, whatever the order of the axes: the
   * places are those of one map, moved to where the numbers of each map stand.
   */
  @Override
  public UnaryOperator<Tensor> stack(int maps, UnaryOperator<Tensor> arrange) {
    SmallPairs own = small;
    if (own != null) {
      return coefficients -> arrange.apply(own.expandEach(coefficients)).contiguous();
    }
    Tensor arranged = arrange.apply(placesOfEach(maps).view(maps, columns, rows));
    long[] shape = Tensors.shape(arranged);
    Tensor places = Scopes.keep(arranged.reshape(-1));
    return coefficients ->
        sources(each(table -> table.slotsOfEach(coefficients))).index_select(0, places).view(shape);
  }

  /** Where the entries of each map stand in the numbers of all, {@code [maps, in out]}. */
  private Tensor placesOfEach(int maps) {
    long most = slots * (signed ? 2L : 1L) * maps + 1;
    require(
        most <= Integer.MAX_VALUE,
        "%d maps of %d x %d have more numbers than 32-bit places count: take fewer maps",
        maps,
        rows,
        columns);
    int own = Math.toIntExact(slots);
    int[][] moved = new int[maps][Math.toIntExact((signed ? 2 : 1) * slots + (vanishing ? 1 : 0))];
    for (int map = 0; map < maps; map++) {
      for (SlotTable table : tables) {
        table.placesOf(map, maps, moved[map]);
      }
      for (int slot = 0; signed && slot < own; slot++) {
        moved[map][own + slot] = maps * own + moved[map][slot];
      }
      if (vanishing) {
        moved[map][moved[map].length - 1] = (signed ? 2 : 1) * maps * own;
      }
    }
    int[] flat = Arrays.stream(moved).flatMapToInt(Arrays::stream).toArray();
    Tensor table =
        Tensors.ofIndices(flat).view(maps, -1).to(gather.like().device(), ScalarType.Int);
    return table.index_select(1, gather.all());
  }

  private static Tensor joined(List<Tensor> parts) {
    return parts.size() == 1 ? parts.get(0) : Tensors.concatenate(0, parts.toArray(Tensor[]::new));
  }

  /** The places row by row. */
  private Tensor rowByRow() {
    return gatherRows == null ? gather.all().view(columns, rows).t().reshape(-1) : gatherRows.all();
  }

  /** The sum of the entries of each slot. */
  private Tensor sums(Tensor weight) {
    long length = (signed ? 2 : 1) * slots + (vanishing ? 1 : 0);
    Tensor sums =
        weight.new_zeros(length).index_add_(0, rowByRow(), weight.reshape(-1), new Scalar(1.0));
    return signed ? sums.narrow(0, 0, slots).sub(sums.narrow(0, slots, slots)) : sums;
  }

  @Override
  public Tensor coefficients(Tensor weight) {
    Tensor sums = sums(weight);
    return joined(each(table -> table.coefficients(sums)));
  }

  @Override
  public Tensor project(Tensor weight) {
    Tensor sums = sums(weight);
    return lay(each(table -> table.projected(sums)));
  }
}
