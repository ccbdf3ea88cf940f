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

  /** Whether all copies of all coordinates stand in one piece, coordinate by coordinate. */
  private final boolean inOnePiece;

  private final int first;

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
    identity = basis.length == 0;
    int[] sorted = places.clone();
    Arrays.sort(sorted);
    first = sorted.length == 0 ? 0 : sorted[0];
    boolean piece = !identity;
    for (int k = 0; k < sorted.length; k++) {
      piece &= sorted[k] == first + k * count;
    }
    inOnePiece = piece;
    this.places = piece ? sorted : places;
    this.basis = piece ? reordered(basis, places) : basis;
    transposed = new float[basis.length];
    if (!identity) {
      Loops.transpose(this.basis, 0, size, size, transposed, 0);
    }
  }

  /** The columns in the order of their places. */
  private float[] reordered(float[] given, int[] at) {
    float[] result = new float[given.length];
    for (int k = 0; k < size; k++) {
      int column = (at[k] - first) / count;
      for (int j = 0; j < size; j++) {
        result[j * size + column] = given[j * size + k];
      }
    }
    return result;
  }

  int scratch() {
    return count * size;
  }

  long work() {
    return (long) basis.length * count;
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
    } else if (inOnePiece && count >= size) {
      Loops.transpose(x, from, count, size, scratch, free);
      int to = s0 + first;
      Arrays.fill(spectrum, to, to + count * size, 0);
      Loops.addProducts(transposed, 0, size, size, size, scratch, free, count, spectrum, to, count);
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
    } else if (inOnePiece && count >= size) {
      Arrays.fill(scratch, free, free + count * size, 0);
      Loops.addProducts(
          basis, 0, size, size, size, spectrum, s0 + first, count, scratch, free, count);
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
