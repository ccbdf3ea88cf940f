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
  /** Copies from which on loops over them are long enough. */
  private static final int MANY = 8;

  final int start;
  final int count;
  final int size;
  private final int[] places;
  private final float[] basis;
  private final float[] transposed;
  private final boolean identity;

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
  }

  int scratch() {
    return 2 * count * size;
  }

  long work() {
    if (identity) {
      return 0;
    }
    int entries = 0;
    for (float entry : basis) {
      entries += entry == 0 ? 0 : 1;
    }
    return (long) entries * count;
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
    } else if (count >= MANY) {
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
      for (int c = 0; c < count; c++) {
        Arrays.fill(scratch, free, free + size, 0);
        Loops.addProduct(x, from + c * size, size, basis, 0, size, scratch, free);
        for (int k = 0; k < size; k++) {
          spectrum[s0 + places[k] + c] = scratch[free + k];
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
    } else if (count >= MANY) {
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
      for (int c = 0; c < count; c++) {
        for (int k = 0; k < size; k++) {
          scratch[free + k] = spectrum[s0 + places[k] + c];
        }
        Arrays.fill(y, to + c * size, to + (c + 1) * size, 0);
        Loops.addProduct(scratch, free, size, transposed, 0, size, y, to + c * size);
      }
    }
  }
}
