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
  private final float[][] rows;
  private final float[][] columns;
  private final boolean identity;

  /**
   * Whether all copies of all coordinates stand in one piece, and there are many: then the basis is
   * applied from the left, and a loop runs over the copies.
   */
  private final boolean overCopies;

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
    overCopies = piece && count >= size;
    this.places = piece ? sorted : places;
    this.basis = piece ? reordered(basis, places) : basis;
    transposed = new float[basis.length];
    if (!identity) {
      Loops.transpose(this.basis, 0, size, size, transposed, 0);
    }
    boolean products = !identity && !overCopies;
    rows = products ? Loops.rows(this.basis, size, size) : new float[0][];
    columns = products ? Loops.rows(transposed, size, size) : new float[0][];
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

  /** What a step works in, besides the spectrum. */
  static final class Room {
    private final float[] numbers;
    private final float[][] turned;
    final float[] sums;

    /** Room for any of these runs, and for rows of a width. */
    Room(Spectral[] enter, Spectral[] leave, int width) {
      int most = 0;
      int wide = width;
      int size = 0;
      int count = 0;
      for (Spectral[] side : new Spectral[][] {enter, leave}) {
        for (Spectral run : side) {
          most = Math.max(most, run.count * run.size);
          wide = Math.max(wide, run.overCopies ? run.count : run.size);
          size = Math.max(size, run.overCopies ? run.size : 0);
          count = Math.max(count, run.overCopies ? run.count : 0);
        }
      }
      numbers = new float[most];
      turned = new float[size][count];
      sums = new float[wide];
    }
  }

  long work() {
    return (long) basis.length * count;
  }

  long bytes() {
    return 4L * basis.length;
  }

  /** spectrum = x Q for the run's features. */
  void enter(float[] x, int x0, float[] spectrum, int s0, Room room) {
    int from = x0 + start;
    if (identity) {
      gather(x, from, spectrum, s0);
    } else if (overCopies) {
      for (int c = 0; c < count; c++) {
        for (int k = 0; k < size; k++) {
          room.turned[k][c] = x[from + c * size + k];
        }
      }
      int to = s0 + first;
      Arrays.fill(spectrum, to, to + count * size, 0);
      Products.OWN.add(
          transposed, 0, size, size, size, room.turned, count, spectrum, to, count, room.sums);
    } else {
      float[] result = room.numbers;
      Arrays.fill(result, 0, count * size, 0);
      Products.OWN.add(x, from, size, count, size, rows, size, result, 0, size, room.sums);
      gather(result, 0, spectrum, s0);
    }
  }

  /** Copies to where the spectrum has them. */
  private void gather(float[] x, int from, float[] spectrum, int s0) {
    for (int k = 0; k < size; k++) {
      int to = s0 + places[k];
      for (int c = 0; c < count; c++) {
        spectrum[to + c] = x[from + c * size + k];
      }
    }
  }

  /** y = spectrum Q^T for the run's features. */
  void leave(float[] spectrum, int s0, float[] y, int y0, Room room) {
    int to = y0 + start;
    if (identity) {
      scatter(spectrum, s0, y, to);
    } else if (overCopies) {
      Loops.copyRows(spectrum, s0 + first, size, count, room.turned);
      float[] result = room.numbers;
      Arrays.fill(result, 0, count * size, 0);
      Products.OWN.add(basis, 0, size, size, size, room.turned, count, result, 0, count, room.sums);
      Loops.transpose(result, 0, size, count, y, to);
    } else {
      scatter(spectrum, s0, room.numbers, 0);
      Arrays.fill(y, to, to + count * size, 0);
      Products.OWN.add(room.numbers, 0, size, count, size, columns, size, y, to, size, room.sums);
    }
  }

  private void scatter(float[] spectrum, int s0, float[] y, int to) {
    for (int k = 0; k < size; k++) {
      int place = s0 + places[k];
      for (int c = 0; c < count; c++) {
        y[to + c * size + k] = spectrum[place + c];
      }
    }
  }
}
