package dev.noether.io;

import static dev.noether.algebra.Checks.require;

import dev.noether.algebra.Matrix;
import dev.noether.kernel.KernelExpansion;
import dev.noether.kernel.KernelPair;
import dev.noether.nn.BasisUse;
import dev.noether.torch.Dtype;
import dev.noether.torch.Tensors;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * The steerable convolution of a state dict: its weights mean kernels through the sampled bases
 * beside them, which another installation of Python draws otherwise.
 *
 * @param at what the names begin with
 * @param use the layer's own kernels
 * @param given the state dict
 */
record StoredKernels(String at, BasisUse.Kernels use, Map<String, Tensor> given) {
  /** Rewrites what is in other bases, and drops what the layer computes itself. */
  void convert(Set<String> others, Map<String, Tensor> result, double tolerance) {
    use.computed().forEach(name -> result.remove(at + name));
    requireBases();
    List<KernelPair> pairs = use.expansion().pairs();
    if (pairs.stream().anyMatch(pair -> others.contains(at + pair.basisName()))) {
      weights(result);
    }
    if (others.contains(at + use.biasBasis())) {
      bias(result, tolerance);
    }
  }

  private void requireBases() {
    for (KernelPair pair : use.expansion().pairs()) {
      require(
          given.containsKey(at + pair.basisName()) || !given.containsKey(at + use.weights()),
          "the weights '%s%s' mean nothing without the bases beside them, for every installation of"
              + " the Python package may draw others: '%s%s' is missing; save the whole state dict",
          at,
          use.weights(),
          at,
          pair.basisName());
    }
  }

  private void weights(Map<String, Tensor> result) {
    Tensor stored = given.get(at + use.weights());
    if (stored == null) {
      return;
    }
    KernelExpansion expansion = use.expansion();
    List<double[]> bases = new ArrayList<>();
    for (KernelPair pair : expansion.pairs()) {
      Tensor basis = given.get(at + pair.basisName());
      bases.add(basis == null ? new double[0] : Tensors.toArray(basis));
    }
    double[] ours = expansion.weightsFrom(bases, Tensors.toArray(stored));
    result.put(at + use.weights(), like(stored, ours));
    for (KernelPair pair : expansion.pairs()) {
      double[] own = pair.basis().dense();
      Tensor basis = given.get(at + pair.basisName());
      if (basis != null) {
        long cells = pair.basis().points().count();
        long rows = pair.basis().basis().out().size();
        long columns = pair.basis().basis().in().size();
        result.put(
            at + pair.basisName(),
            Tensors.of(dtype(stored), own, pair.basis().dim(), rows, columns, cells));
      }
    }
  }

  /** The same invariant vector in other columns. */
  private void bias(Map<String, Tensor> result, double tolerance) {
    Tensor free = given.get(at + use.bias());
    Tensor columns = given.get(at + use.biasBasis());
    Matrix own = use.invariants();
    if (free == null || columns == null) {
      return;
    }
    long[] shape = Tensors.shape(columns);
    require(
        shape.length == 2 && shape[0] == own.rows() && shape[1] == free.numel(),
        "'%s%s' must be [%d, %d], one column for each number of '%s%s'",
        at,
        use.biasBasis(),
        own.rows(),
        free.numel(),
        at,
        use.bias());
    Matrix vector =
        Matrix.of(own.rows(), (int) shape[1], Tensors.toArray(columns))
            .times(Matrix.of((int) shape[1], 1, Tensors.toArray(free)));
    Matrix found = own.transpose().times(vector);
    double residual = own.times(found).distance(vector);
    require(
        residual <= tolerance * Math.max(1, norm(vector)),
        "'%s%s' is no invariant bias of this layer: it is off by %.1e",
        at,
        use.bias(),
        residual);
    result.put(at + use.bias(), like(free, found.toArray()));
    result.put(at + use.biasBasis(), Tensors.of(dtype(free), own));
  }

  private static double norm(Matrix vector) {
    return vector.distance(Matrix.of(vector.rows(), 1, new double[vector.rows()]));
  }

  private static Tensor like(Tensor stored, double[] numbers) {
    return Tensors.of(dtype(stored), numbers, Tensors.shape(stored));
  }

  private static Dtype dtype(Tensor stored) {
    return Tensors.scalarType(stored) == ScalarType.Double ? Dtype.FLOAT64 : Dtype.FLOAT32;
  }
}
