package dev.noether.basis;

import dev.noether.algebra.Matrix;
import dev.noether.torch.Buffers;
import dev.noether.torch.DenseProduct;
import dev.noether.torch.Dtype;
import dev.noether.torch.Tensors;
import java.util.Optional;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;

/**
 * A fixed matrix B that takes features on the last axis into another basis, and back by its
 * transpose.
 *
 * <p>This is the one place that knows how: today as nothing or as a dense product. A factored
 * matrix (by a chain of subgroups, as the fast Fourier transform) is another implementation.
 */
public sealed interface BasisChange {
  /**
   * The numbers on the last axis of what comes in.
   *
   * @return the rows of B
   */
  int rows();

  /**
   * The numbers on the last axis of what goes out.
   *
   * @return the columns of B
   */
  int columns();

  /**
   * How wide {@link #timesTranspose} takes its features fastest: columns beyond {@link #columns}
   * must then be zero.
   *
   * @return at least {@link #columns}
   */
  default int width() {
    return columns();
  }

  /**
   * x B.
   *
   * @param x {@code [..., rows]}
   * @return {@code [..., columns]}; x itself where B is the identity
   */
  Tensor times(Tensor x);

  /**
   * x B with the zeros that make the product fast behind it.
   *
   * @param x {@code [..., rows]}
   * @return {@code [..., width]}
   */
  default Tensor wide(Tensor x) {
    return times(x);
  }

  /**
   * B^T x^T: a row for each column of B, in one product that reads x as it lies.
   *
   * @param x {@code [vectors, rows]}
   * @return {@code [columns, vectors]}
   */
  default Tensor columnsOf(Tensor x) {
    return times(x).t();
  }

  /**
   * y B^T.
   *
   * @param y {@code [..., columns]}, or {@code [..., width]}
   * @return {@code [..., rows]}; y itself where B is the identity
   */
  Tensor timesTranspose(Tensor y);

  /**
   * The work on one vector.
   *
   * @return multiply-adds, 0 for the identity
   */
  long multiplyAdds();

  /**
   * Whether nothing is done.
   *
   * @return true for the identity
   */
  default boolean isIdentity() {
    return matrix().isEmpty();
  }

  /**
   * B as a tensor.
   *
   * @return {@code [rows, columns]}; empty for the identity
   */
  Optional<Tensor> matrix();

  /**
   * The tensors that it computes with.
   *
   * @return the buffers, none for the identity
   */
  Buffers buffers();

  /**
   * The change by a matrix.
   *
   * @param matrix B
   * @param dtype the dtype of its tensors
   * @return the change, on the CPU
   */
  static BasisChange of(Matrix matrix, Dtype dtype) {
    return isIdentity(matrix)
        ? new Identity(matrix.rows())
        : new Dense(matrix, all(matrix), matrix.columns(), dtype);
  }

  /**
   * The change by some columns of a matrix whose dense product is padded to the width of the
   * processor's vectors, which is a fifth faster.
   *
   * @param matrix any matrix
   * @param columns which of its columns make B, in order
   * @param dtype the dtype of its tensors
   * @return the change, on the CPU
   */
  static BasisChange padded(Matrix matrix, int[] columns, Dtype dtype) {
    return new Dense(matrix, columns.clone(), Padding.width(columns.length), dtype);
  }

  private static int[] all(Matrix matrix) {
    return IntStream.range(0, matrix.columns()).toArray();
  }

  /**
   * Whether a matrix changes nothing.
   *
   * @param matrix any matrix
   * @return true for the identity
   */
  static boolean isIdentity(Matrix matrix) {
    return matrix.isIdentity();
  }

  /**
   * The numbers that {@link #padded} keeps.
   *
   * @param rows the rows of B
   * @param columns the columns of B
   * @return how many numbers a dense change holds
   */
  static long paddedNumbers(int rows, int columns) {
    return (long) rows * Padding.width(columns);
  }

  /**
   * B = I.
   *
   * @param rows the number of coordinates
   */
  record Identity(int rows) implements BasisChange {
    @Override
    public int columns() {
      return rows;
    }

    @Override
    public Tensor times(Tensor x) {
      return x;
    }

    @Override
    public Tensor timesTranspose(Tensor y) {
      return y;
    }

    @Override
    public Optional<Tensor> matrix() {
      return Optional.empty();
    }

    @Override
    public long multiplyAdds() {
      return 0;
    }

    @Override
    public Buffers buffers() {
      return new Buffers();
    }
  }

  /** B as it is. */
  final class Dense implements BasisChange {
    private final int rows;
    private final int columns;
    private final int width;
    private final Tensor tensor;
    private final Buffers buffers = new Buffers();

    /** Columns of zeros stand behind those of a matrix. */
    private Dense(Matrix matrix, int[] taken, int width, Dtype dtype) {
      this.rows = matrix.rows();
      this.columns = taken.length;
      this.width = width;
      Tensors.Row row =
          (place, values) -> {
            for (int column = 0; column < taken.length; column++) {
              values[column] = matrix.get(place, taken[column]);
            }
          };
      tensor =
          buffers.add(
              "matrix",
              Tensors.ofRows(dtype, rows, width, row),
              () -> Tensors.ofRows(Dtype.FLOAT64, rows, width, row));
    }

    @Override
    public int rows() {
      return rows;
    }

    @Override
    public int columns() {
      return columns;
    }

    @Override
    public int width() {
      return width;
    }

    @Override
    public Tensor times(Tensor x) {
      Tensor all = wide(x);
      return width > columns ? all.narrow(-1, 0, columns) : all;
    }

    @Override
    public Tensor wide(Tensor x) {
      return DenseProduct.times(x, Tensors.inDtypeOf(x, tensor));
    }

    @Override
    public Tensor columnsOf(Tensor x) {
      return Tensors.inDtypeOf(x, own()).t().mm(x.t());
    }

    @Override
    public Tensor timesTranspose(Tensor y) {
      return DenseProduct.times(y, Tensors.inDtypeOf(y, y.size(-1) == width ? tensor : own()).t());
    }

    private Tensor own() {
      return width > columns ? tensor.narrow(1, 0, columns) : tensor;
    }

    @Override
    public Optional<Tensor> matrix() {
      return Optional.of(own());
    }

    @Override
    public long multiplyAdds() {
      return (long) rows * columns;
    }

    @Override
    public Buffers buffers() {
      return buffers;
    }
  }
}
