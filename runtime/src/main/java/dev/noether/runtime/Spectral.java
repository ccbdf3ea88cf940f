package dev.noether.runtime;

import java.util.Arrays;

/**
 * The change of basis of one side of an equivariant map: features, as copies of summands, to the
 * spectrum, where each irrep's copies stand together, or back.
 *
 * <p>The spectrum is what the blocks of the map are made for: coordinate k of the summand's own
 * basis of irreps, for all copies in a run of equal summands, stands in one piece from {@code
 * places[k]}.
 */
final class Spectral {
  final int start;
  final int count;
  final int size;
  private final int[] places;
  private final float[] basis;
  private final float[] transposed;
  private final boolean identity;

  /** Whether the loops run over copies, which skip zeros of Q; else over coordinates. */
  private final boolean overCopies;

  /**
   * A run of equal summands.
   *
   * @param start the first feature
   * @param count how many summands
   * @param size the size of each
   * @param places where each coordinate's copies begin in the spectrum
   * @param basis Q, {@code [size, size]}, columns being the coordinates of the irreps; empty for
   *     the identity
   */
  Spectral(int start, int count, int size, int[] places, float[] basis) {
    this.start = start;
    this.count = count;
    this.size = size;
    this.places = places;
    this.basis = basis;
    identity = basis.length == 0;
    transposed = new float[basis.length];
    if (!identity) {
      Loops.transpose(basis, 0, size, size, transposed, 0);
    }
    overCopies = cost(entries(), count) < cost((long) size * count, size);
  }

  /** So many loops of a length, each with what it takes to begin. */
  private static long cost(long loops, int length) {
    return loops * (length + 16L);
  }

  private int entries() {
    int entries = 0;
    for (float entry : basis) {
      entries += entry == 0 ? 0 : 1;
    }
    return entries;
  }

  int scratch() {
    return count * size;
  }

  long work() {
    return overCopies ? (long) entries() * count : (long) basis.length * count;
  }

  long bytes() {
    return 4L * basis.length;
  }

  /** spectrum = x Q for the run's features. */
  void enter(float[] x, int x0, float[] spectrum, int s0, float[] scratch, int free) {
    int from = x0 + start;
    if (identity) {
      for (int k = 0; k < size; k++) {
        for (int c = 0; c < count; c++) {
          spectrum[s0 + places[k] + c] = x[from + c * size + k];
        }
      }
    } else if (overCopies) {
      Loops.transpose(x, from, count, size, scratch, free);
      for (int k = 0; k < size; k++) {
        int to = s0 + places[k];
        Arrays.fill(spectrum, to, to + count, 0);
        for (int j = 0; j < size; j++) {
          float entry = basis[j * size + k];
          if (entry != 0) {
            Loops.addScaled(entry, scratch, free + j * count, spectrum, to, count);
          }
        }
      }
    } else {
      Arrays.fill(scratch, free, free + count * size, 0);
      Loops.addProducts(x, from, size, count, size, basis, 0, size, scratch, free, size);
      for (int k = 0; k < size; k++) {
        int to = s0 + places[k];
        for (int c = 0; c < count; c++) {
          spectrum[to + c] = scratch[free + c * size + k];
        }
      }
    }
  }

  /** y = spectrum Q^T for the run's features. */
  void leave(float[] spectrum, int s0, float[] y, int y0, float[] scratch, int free) {
    int to = y0 + start;
    if (identity) {
      for (int k = 0; k < size; k++) {
        for (int c = 0; c < count; c++) {
          y[to + c * size + k] = spectrum[s0 + places[k] + c];
        }
      }
    } else if (overCopies) {
      for (int j = 0; j < size; j++) {
        int sum = free + j * count;
        Arrays.fill(scratch, sum, sum + count, 0);
        for (int k = 0; k < size; k++) {
          float entry = basis[j * size + k];
          if (entry != 0) {
            Loops.addScaled(entry, spectrum, s0 + places[k], scratch, sum, count);
          }
        }
      }
      Loops.transpose(scratch, free, size, count, y, to);
    } else {
      for (int k = 0; k < size; k++) {
        int place = s0 + places[k];
        for (int c = 0; c < count; c++) {
          scratch[free + c * size + k] = spectrum[place + c];
        }
      }
      Arrays.fill(y, to, to + count * size, 0);
      Loops.addProducts(scratch, free, size, count, size, transposed, 0, size, y, to, size);
    }
  }
}
