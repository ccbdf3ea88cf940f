package dev.noether.plain;

import dev.noether.basis.BlockDiagonal;
import dev.noether.spectral.CopiesInARow;
import org.bytedeco.pytorch.Tensor;

/**
 * The copies of irreps inside a graph: what {@link CopiesInARow} does, as products with dense
 * constants.
 *
 * @param <V> a value inside the graph
 * @param graph the graph
 * @param copies the copies
 */
public record PlainCopies<V>(PlainGraph<V> graph, CopiesInARow copies) {
  /**
   * Features in the basis of the irreps.
   *
   * @param x {@code [..., size]}
   * @return x Q
   */
  public V enter(V x) {
    return product(x, "Q", copies.basis(), false);
  }

  /**
   * Back from the basis of the irreps.
   *
   * @param features {@code [..., size]}
   * @return their product with Q^T
   */
  public V leave(V features) {
    return product(features, "Q_inv", copies.basis(), true);
  }

  /**
   * |x_c|^2 of every copy.
   *
   * @param features {@code [..., size]} in the basis of the irreps
   * @return {@code [..., copies]}
   */
  public V squares(V features) {
    return product(graph.multiply(features, features), "copy_sums", copies.sums(), false);
  }

  /**
   * |x_c|^2 / d_c of every copy.
   *
   * @param features {@code [..., size]} in the basis of the irreps
   * @return {@code [..., copies]}
   */
  public V meanSquares(V features) {
    return product(graph.multiply(features, features), "copy_means", copies.means(), false);
  }

  /**
   * Every copy times its number.
   *
   * @param features {@code [..., size]} in the basis of the irreps
   * @param perCopy {@code [..., copies]}
   * @return {@code [..., size]}
   */
  public V scaled(V features, V perCopy) {
    return graph.multiply(features, product(perCopy, "spread", copies.sums(), true));
  }

  private V product(V x, String name, BlockDiagonal matrix, boolean transposed) {
    if (matrix.isIdentity()) {
      return x;
    }
    Tensor dense = matrix.dense();
    return graph.matmul(x, graph.constant(name, transposed ? dense.t() : dense));
  }
}
