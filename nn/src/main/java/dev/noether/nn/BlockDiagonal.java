package dev.noether.nn;

import dev.noether.algebra.Matrix;
import dev.noether.rep.Representation;
import dev.noether.torch.Dtype;
import dev.noether.torch.Scopes;
import dev.noether.torch.Tensors;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * A fixed block-diagonal matrix on the last axis: one product for every run of equal blocks, none
 * for a run of identities.
 */
final class BlockDiagonal {
  /** Equal blocks next to each other; no matrix where they are identities, counted as [1, 1]. */
  private record Run(int count, int rows, int columns, @Nullable Tensor matrix) {
    Tensor apply(Tensor input, boolean transposed) {
      if (matrix == null) {
        return input;
      }
      Tensor own = transposed ? matrix.t() : matrix;
      if (count == 1) {
        return input.matmul(own);
      }
      long[] shape = Tensors.shape(input);
      shape[shape.length - 1] = (long) count * (transposed ? rows : columns);
      return input.reshape(-1, transposed ? columns : rows).mm(own).reshape(shape);
    }
  }

  private final List<Run> runs = new ArrayList<>();
  private final Map<String, Tensor> buffers = new LinkedHashMap<>();
  private final Dtype dtype;

  /**
   * The blocks on a diagonal.
   *
   * @param name of the tensors, which {@link #buffers} numbers
   */
  BlockDiagonal(String name, List<Matrix> blocks, Dtype dtype) {
    this.dtype = dtype;
    for (int first = 0, end; first < blocks.size(); first = end) {
      Matrix block = blocks.get(first);
      boolean identity = isIdentity(block);
      end = first + 1;
      while (end < blocks.size()
          && (identity ? isIdentity(blocks.get(end)) : blocks.get(end).equals(block))) {
        end++;
      }
      if (identity) {
        int width = blocks.subList(first, end).stream().mapToInt(Matrix::rows).sum();
        runs.add(new Run(width, 1, 1, null));
      } else {
        Tensor matrix = Tensors.of(dtype, block);
        buffers.put(name + "_" + runs.size(), matrix);
        runs.add(new Run(end - first, block.rows(), block.columns(), matrix));
      }
    }
  }

  /** Q, summand by summand: x Q is x in the basis of the irreps. */
  static BlockDiagonal changeOfBasis(Representation representation, Dtype dtype) {
    return new BlockDiagonal(
        "irrep_basis",
        representation.summands().stream().map(Representation::changeOfBasis).toList(),
        dtype);
  }

  static boolean isIdentity(Matrix block) {
    return block.rows() == block.columns() && block.equals(Matrix.identity(block.rows()));
  }

  /** The tensors, for a layer to register. */
  Map<String, Tensor> buffers() {
    return buffers;
  }

  /** Whether the whole matrix is the identity. */
  boolean isIdentity() {
    return buffers.isEmpty();
  }

  /** The multiply-adds of a product with one vector. */
  long multiplyAdds() {
    return runs.stream()
        .filter(run -> run.matrix != null)
        .mapToLong(run -> (long) run.count * run.rows * run.columns)
        .sum();
  }

  /** The matrix itself, in its present dtype and on its present device. */
  Tensor dense() {
    long size = runs.stream().mapToLong(run -> (long) run.count * run.rows).sum();
    return Scopes.compute(
        () -> {
          Tensor eye = torch.eye(size).to(dtype.scalarType());
          return isIdentity() ? eye : times(eye.to(any().device(), any().scalar_type()));
        });
  }

  private Tensor any() {
    return Objects.requireNonNull(buffers.values().iterator().next());
  }

  /** x B: {@code [..., rows]} to {@code [..., columns]}, or x itself where B is the identity. */
  Tensor times(Tensor x) {
    return apply(x, false);
  }

  /** y B^T: {@code [..., columns]} to {@code [..., rows]}, or y itself. */
  Tensor timesTranspose(Tensor y) {
    return apply(y, true);
  }

  private Tensor apply(Tensor input, boolean transposed) {
    if (isIdentity()) {
      return input;
    }
    if (runs.size() == 1) {
      return runs.get(0).apply(input, transposed);
    }
    long[] widths =
        runs.stream()
            .mapToLong(run -> (long) run.count * (transposed ? run.columns : run.rows))
            .toArray();
    TensorVector parts = torch.split_with_sizes(input, widths, -1);
    Tensor[] results = new Tensor[widths.length];
    for (int i = 0; i < results.length; i++) {
      results[i] = runs.get(i).apply(parts.get(i), transposed);
    }
    return Tensors.concatenate(-1, results);
  }
}
