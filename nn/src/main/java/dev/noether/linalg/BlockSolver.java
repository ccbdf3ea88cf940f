package dev.noether.linalg;

import dev.noether.algebra.Matrix;
import dev.noether.torch.Dtype;
import dev.noether.torch.Tensors;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.T_TensorTensorTensor_T;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Solves one block's [Z | T] from its triangular factor, by singular values. */
record BlockSolver(Tensor left, Tensor values, Tensor right, Tensor target, int rank) {
  /** Splits the factor after {@code unknowns} columns; small singular values are dropped. */
  static BlockSolver of(Matrix factor, int unknowns, double tolerance, double noise) {
    Tensor r = Tensors.of(Dtype.FLOAT64, factor);
    T_TensorTensorTensor_T svd = torch.linalg_svd(r.narrow(1, 0, unknowns));
    int count = Math.min(factor.rows(), unknowns);
    double[] values = Tensors.toArray(svd.get1());
    int rank = 0;
    while (rank < count && values[rank] > Math.max(noise, tolerance * values[0])) {
      rank++;
    }
    return new BlockSolver(
        svd.get0().narrow(1, 0, rank),
        svd.get1().narrow(0, 0, rank),
        svd.get2().narrow(0, 0, rank),
        r.narrow(1, unknowns, (long) factor.columns() - unknowns),
        rank);
  }

  /** The theta {@code [unknowns, targets]} that minimises |Z theta - T|^2 + ridge |theta|^2. */
  Tensor solve(double ridge) {
    Tensor filter = values.div(values.mul(values).add(new Scalar(ridge)));
    return right.t().matmul(filter.unsqueeze(1).mul(left.t().matmul(target)));
  }
}
