package dev.noether.hom;

import dev.noether.algebra.Matrix;
import java.util.Arrays;

/**
 * Which slot every entry of a dense map holds: the slots in their order, then their negatives, then
 * a zero, as far as they occur.
 */
final class SlotLayout {
  private final Summands in;
  private final Summands out;
  private final int rows;
  private final int columns;
  private final int[] slot;

  SlotLayout(Summands in, Summands out) {
    this.in = in;
    this.out = out;
    this.rows = out.representation().size();
    this.columns = in.representation().size();
    this.slot = new int[Matrix.entries(rows, columns)];
    Arrays.fill(slot, Slots.ZERO);
  }

  /**
   * Enters a block.
   *
   * @param pair the kinds of summands that have it
   * @param to the subsummand of the output
   * @param from the subsummand of the input
   * @param block the slots of its entries
   * @param first the number of the first slot; each pair of summands has its own, one after another
   */
  void enter(SummandPair pair, Subsummand to, Subsummand from, Slots block, int first) {
    int next = first;
    for (int o : pair.out().places()) {
      for (int i : pair.in().places()) {
        int entry = 0;
        for (int row : to.coordinates()) {
          int start = (out.start(o) + row) * columns + in.start(i);
          for (int column : from.coordinates()) {
            int s = block.slot()[entry++];
            slot[start + column] = s == Slots.ZERO ? Slots.ZERO : s >= 0 ? next + s : ~(next + ~s);
          }
        }
        next += block.count();
      }
    }
  }

  boolean isSigned() {
    return Arrays.stream(slot).anyMatch(s -> s < 0 && s != Slots.ZERO);
  }

  boolean hasZeros() {
    return Arrays.stream(slot).anyMatch(s -> s == Slots.ZERO);
  }

  /** The places of all entries in [slots, their negatives, zero], row by row. */
  int[] places(int slots) {
    int zero = isSigned() ? 2 * slots : slots;
    return Arrays.stream(slot).map(s -> s == Slots.ZERO ? zero : s < 0 ? slots + ~s : s).toArray();
  }

  /** Row-by-row entries, column by column. */
  int[] transposed(int[] entries) {
    int[] turned = new int[entries.length];
    for (int row = 0; row < rows; row++) {
      for (int column = 0; column < columns; column++) {
        turned[column * rows + row] = entries[row * columns + column];
      }
    }
    return turned;
  }
}
