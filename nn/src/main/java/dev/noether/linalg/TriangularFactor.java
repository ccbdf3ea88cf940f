package dev.noether.linalg;

import dev.noether.algebra.Matrix;
import dev.noether.torch.Tensors;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.T_TensorTensor_T;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * The triangular factor R of a QR decomposition, R^T R = A^T A.
 *
 * <p>A well-conditioned tall A takes two rounds of Cholesky QR, which are products of matrices and
 * as accurate as Householder's where the condition number is below 1e7 (Yamamoto, Nakatsukasa,
 * Yanagisawa and Fukaya, 2015); everything else takes Householder's, several times slower.
 */
final class TriangularFactor {
  private static final double LARGEST_CONDITION = 1e6;

  private TriangularFactor() {}

  /** The factor of two row blocks on top of each other. */
  static Matrix of(Tensor top, Tensor bottom) {
    try (PointerScope scope = new PointerScope()) {
      Tensor all = Tensors.concatenate(0, top, bottom);
      long[] shape = Tensors.shape(all);
      int columns = (int) shape[1];
      int rows = (int) Math.min(shape[0], columns);
      if (shape[0] >= 4L * columns) {
        double[] fast = byCholesky(all, columns);
        if (fast.length > 0) {
          return Matrix.of(columns, columns, fast);
        }
      }
      Tensor r = torch.geqrf(all).get0().narrow(0, 0, rows).triu();
      return Matrix.of(rows, columns, Tensors.toArray(r));
    }
  }

  /** The factor, or nothing where A is too badly conditioned. */
  private static double[] byCholesky(Tensor all, int columns) {
    Tensor gram = all.t().matmul(all);
    T_TensorTensor_T first = torch.linalg_cholesky_ex(gram, true, false);
    if (first.get1().item().toInt() != 0) {
      return new double[0];
    }
    // |R| |R^-1| in Frobenius norms is at least the condition number; an SVD costs more than the
    // rest
    Tensor identity = torch.eye(columns).to(all.device(), ScalarType.Double);
    Tensor inverse = torch.linalg_solve_triangular(first.get0(), identity, true);
    double bound = inverse.norm().mul(first.get0().norm()).item().toDouble();
    if (!(bound < LARGEST_CONDITION)) {
      return new double[0];
    }
    Tensor q = torch.linalg_solve_triangular(first.get0(), all, true, false, false);
    T_TensorTensor_T second = torch.linalg_cholesky_ex(q.t().matmul(q), true, false);
    return second.get1().item().toInt() == 0
        ? Tensors.toArray(second.get0().matmul(first.get0()))
        : new double[0];
  }
}
