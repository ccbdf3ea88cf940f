package dev.noether.hom;

import dev.noether.algebra.Matrix;
import java.util.Arrays;

/**
 * The numbers that an equivariant map between two subsummands is made of.
 *
 * <p>Every entry of such a map is one of {@code count} numbers, up to its sign. Between signed
 * permutations a slot is an orbit of pairs (row, column), because an equivariant map is constant
 * along it up to signs; elsewhere each entry has a slot of its own.
 *
 * @param count the number of slots
 * @param slot the slot of every entry, row by row; {@code ~slot} for its negative, and {@link
 *     #ZERO} where every map vanishes
 */
@SuppressWarnings("ArrayRecordComponent") // internal, never compared
record Slots(int count, int[] slot) {
  static final int ZERO = Integer.MIN_VALUE;

  static Slots of(Subsummand out, Subsummand in) {
    return out.isMonomial() && in.isMonomial() ? orbits(out, in) : entries(out, in);
  }

  private static Slots entries(Subsummand out, Subsummand in) {
    int[] slot = new int[Matrix.entries(out.coordinates().length, in.coordinates().length)];
    Arrays.setAll(slot, i -> i);
    return new Slots(slot.length, slot);
  }

  /** The orbits of the generators on pairs (row, column). */
  private static Slots orbits(Subsummand out, Subsummand in) {
    int[][] rows = out.targets();
    int[][] columns = in.targets();
    int n = in.coordinates().length;
    int[] slot = new int[Matrix.entries(out.coordinates().length, n)];
    Arrays.fill(slot, ZERO);
    int[] orbit = new int[slot.length];
    int[] sign = new int[slot.length];
    int slots = 0;
    for (int first = 0; first < slot.length; first++) {
      if (sign[first] != 0) {
        continue;
      }
      int length = 1;
      orbit[0] = first;
      sign[first] = 1;
      boolean vanishes = false;
      for (int next = 0; next < length; next++) {
        int row = orbit[next] / n;
        int column = orbit[next] % n;
        for (int g = 0; g < rows.length; g++) {
          int to = rows[g][row];
          int from = columns[g][column];
          int image = (to >= 0 ? to : ~to) * n + (from >= 0 ? from : ~from);
          int imageSign = (to >= 0) == (from >= 0) ? sign[orbit[next]] : -sign[orbit[next]];
          if (sign[image] == 0) {
            sign[image] = imageSign;
            orbit[length++] = image;
          } else if (sign[image] != imageSign) {
            vanishes = true;
          }
        }
      }
      if (!vanishes) {
        for (int i = 0; i < length; i++) {
          slot[orbit[i]] = sign[orbit[i]] > 0 ? slots : ~slots;
        }
        slots++;
      }
    }
    return new Slots(slots, slot);
  }

  /** The first entry that holds each slot itself, not its negative. */
  int[] witnesses() {
    int[] witnesses = new int[count];
    for (int i = slot.length - 1; i >= 0; i--) {
      if (slot[i] >= 0) {
        witnesses[slot[i]] = i;
      }
    }
    return witnesses;
  }

  /** How many entries each slot has. */
  int[] sizes() {
    int[] sizes = new int[count];
    for (int s : slot) {
      if (s != ZERO) {
        sizes[s >= 0 ? s : ~s]++;
      }
    }
    return sizes;
  }
}
