package dev.noether.rep;

import dev.noether.algebra.Matrix;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;

/** A square matrix that is only ever applied to vectors, kept dense or sparse, as costs less. */
sealed interface LinearMap {
  /** Entries this small are rounding and count as zero. */
  double NOISE = 2e-15;

  /** The number of coordinates. */
  int size();

  /** Whether the map is kept as a dense matrix. */
  boolean isDense();

  /**
   * Applies the map to every row of {@code vectors} and writes the rows of {@code images}.
   *
   * @param vectors {@code [count, size]}
   * @param images {@code [count, size]}, overwritten
   */
  void apply(DMatrixRMaj vectors, DMatrixRMaj images);

  /** Calls back for pairs of coordinates that an entry which is not zero connects. */
  void connect(Pair pairs);

  /** A pair of coordinates. */
  interface Pair {
    void accept(int i, int j);
  }

  /** The map of a matrix: sparse where at most one entry of eight is not zero. */
  static LinearMap of(Matrix matrix) {
    int n = matrix.rows();
    double[] entries = matrix.toArray();
    int filled = 0;
    for (double entry : entries) {
      if (!(Math.abs(entry) <= NOISE)) {
        filled++;
      }
    }
    if (8L * filled <= (long) n * n) {
      return Sparse.of(n, entries, filled);
    }
    return new Dense(CommonOps_DDRM.transpose(DMatrixRMaj.wrap(n, n, entries), null));
  }

  /** The map e_j to e_t or, for t = ~u, to -e_u, with t = targets[j]. */
  static LinearMap ofSignedPermutation(int[] targets) {
    return new Signed(targets);
  }

  /** A permutation of the coordinates up to signs. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Signed(int[] targets) implements LinearMap {
    @Override
    public int size() {
      return targets.length;
    }

    @Override
    public boolean isDense() {
      return false;
    }

    @Override
    public void connect(Pair pairs) {
      for (int j = 0; j < targets.length; j++) {
        pairs.accept(j, targets[j] >= 0 ? targets[j] : ~targets[j]);
      }
    }

    @Override
    public void apply(DMatrixRMaj vectors, DMatrixRMaj images) {
      int n = size();
      for (int start = 0; start < vectors.numRows * n; start += n) {
        for (int j = 0; j < n; j++) {
          double entry = vectors.data[start + j];
          if (targets[j] >= 0) {
            images.data[start + targets[j]] = entry + 0.0;
          } else {
            images.data[start + ~targets[j]] = 0.0 - entry;
          }
        }
      }
    }
  }

  /** A dense matrix, kept transposed. */
  final class Dense implements LinearMap {
    private final DMatrixRMaj transposed;

    private Dense(DMatrixRMaj transposed) {
      this.transposed = transposed;
    }

    @Override
    public int size() {
      return transposed.numRows;
    }

    @Override
    public boolean isDense() {
      return true;
    }

    @Override
    public void connect(Pair pairs) {
      for (int j = 1; j < size(); j++) {
        pairs.accept(0, j);
      }
    }

    @Override
    public void apply(DMatrixRMaj vectors, DMatrixRMaj images) {
      CommonOps_DDRM.mult(vectors, transposed, images);
    }
  }

  /** Compressed rows. */
  final class Sparse implements LinearMap {
    private final int[] starts;
    private final int[] columns;
    private final double[] values;

    private Sparse(int[] starts, int[] columns, double[] values) {
      this.starts = starts;
      this.columns = columns;
      this.values = values;
    }

    private static Sparse of(int n, double[] entries, int filled) {
      int[] starts = new int[n + 1];
      int[] columns = new int[filled];
      double[] values = new double[filled];
      int next = 0;
      for (int row = 0; row < n; row++) {
        for (int column = 0; column < n; column++) {
          double entry = entries[row * n + column];
          if (!(Math.abs(entry) <= NOISE)) {
            columns[next] = column;
            values[next++] = entry;
          }
        }
        starts[row + 1] = next;
      }
      return new Sparse(starts, columns, values);
    }

    @Override
    public int size() {
      return starts.length - 1;
    }

    @Override
    public boolean isDense() {
      return false;
    }

    @Override
    public void connect(Pair pairs) {
      for (int row = 0; row < size(); row++) {
        for (int i = starts[row]; i < starts[row + 1]; i++) {
          pairs.accept(row, columns[i]);
        }
      }
    }

    @Override
    public void apply(DMatrixRMaj vectors, DMatrixRMaj images) {
      int n = size();
      for (int v = 0; v < vectors.numRows; v++) {
        int offset = v * n;
        for (int row = 0; row < n; row++) {
          double sum = 0;
          for (int i = starts[row]; i < starts[row + 1]; i++) {
            sum += values[i] * vectors.data[offset + columns[i]];
          }
          images.data[offset + row] = sum;
        }
      }
    }
  }
}
