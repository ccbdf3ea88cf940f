package dev.noether.hom;

import dev.noether.torch.Buffers;
import dev.noether.torch.Dtype;
import dev.noether.torch.Scopes;
import dev.noether.torch.Tensors;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * Maps between equal small summands: one product of the coefficients of all pairs with a table
 * gives all entries, pair by pair, which are then put side by side. Copies take less time than a
 * gather and its gradient, and no entry needs a place.
 */
final class SmallPairs {
  /** The most numbers of a table. */
  private static final long MOST_NUMBERS = 1L << 13;

  private final long out;
  private final long in;
  private final long rows;
  private final long columns;
  private final Tensor table;

  /**
   * For one pair of kinds.
   *
   * @param places of the entries of a pair among its slots and their negatives, column by column
   * @param basis computes the numbers of the slots, {@code [dim, slots]}
   */
  SmallPairs(Summands in, Summands out, int[] places, Basis basis, Dtype dtype, Buffers buffers) {
    this.out = out.count();
    this.in = in.count();
    rows = out.representation().size() / this.out;
    columns = in.representation().size() / this.in;
    table =
        buffers.add(
            "entries",
            Scopes.keep(table(basis.of(dtype), places)),
            () -> table(basis.of(Dtype.FLOAT64), places));
  }

  /** The numbers of the slots of a pair. */
  @FunctionalInterface
  interface Basis {
    Tensor of(Dtype dtype);
  }

  private static Tensor table(Tensor basis, int[] places) {
    return Scopes.compute(
        () ->
            Tensors.concatenate(1, basis, basis.neg()).index_select(1, Tensors.ofIndices(places)));
  }

  /** Whether maps are of this kind. */
  static boolean fit(Summands in, Summands out, List<SummandPair> pairs) {
    return Places.isUniform(in, out, pairs)
        && pairs.get(0).batches().get(0).blocks() == 1
        && numbers(in, out, pairs) <= MOST_NUMBERS;
  }

  /** The numbers of the table. */
  static long numbers(Summands in, Summands out, List<SummandPair> pairs) {
    long entries = (long) in.representation().size() * out.representation().size();
    return entries / in.count() / out.count() * pairs.get(0).batches().get(0).dim();
  }

  /** The map, transposed, from the coefficients of all pairs in a row. */
  Tensor expand(Tensor coefficients) {
    return pairs(coefficients)
        .view(out, in, columns, rows)
        .permute(1, 2, 0, 3)
        .reshape(in * columns, out * rows);
  }

  /** The same of several maps, {@code [maps, in, out]}. */
  Tensor expandEach(Tensor coefficients) {
    long maps = coefficients.size(0);
    return pairs(coefficients)
        .view(maps, out, in, columns, rows)
        .permute(0, 2, 3, 1, 4)
        .reshape(maps, in * columns, out * rows);
  }

  private Tensor pairs(Tensor coefficients) {
    return coefficients.view(-1, table.size(0)).mm(table);
  }
}
