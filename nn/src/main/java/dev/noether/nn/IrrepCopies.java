package dev.noether.nn;

import dev.noether.algebra.Matrix;
import dev.noether.group.Irrep;
import dev.noether.rep.Representation;
import dev.noether.torch.Dtype;
import dev.noether.torch.Tensors;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/** Features in the basis of their irreps, copy by copy along the last axis. */
final class IrrepCopies {
  private final List<Irrep> irreps;
  private final boolean inBasis;
  private final Tensor basis;
  private final Tensor indices;
  private final Tensor sums;
  private final Tensor means;

  IrrepCopies(Representation representation, Dtype dtype) {
    irreps = representation.irreps();
    Matrix q = representation.changeOfBasis();
    int size = representation.size();
    inBasis = q.equals(Matrix.identity(size));
    basis = Tensors.of(dtype, q);
    long[] copyOf =
        IntStream.range(0, irreps.size())
            .flatMap(i -> IntStream.generate(() -> i).limit(irreps.get(i).dimension()))
            .asLongStream()
            .toArray();
    indices = Tensors.of(copyOf, size);
    double[] ones = new double[size * irreps.size()];
    double[] shares = new double[size * irreps.size()];
    for (int i = 0; i < size; i++) {
      int copy = (int) copyOf[i];
      ones[i * irreps.size() + copy] = 1;
      shares[i * irreps.size() + copy] = 1.0 / irreps.get(copy).dimension();
    }
    sums = Tensors.of(dtype, ones, size, irreps.size());
    means = Tensors.of(dtype, shares, size, irreps.size());
  }

  /** How many copies there are. */
  int count() {
    return irreps.size();
  }

  /** The dimension of each copy. */
  long[] dimensions() {
    return irreps.stream().mapToLong(Irrep::dimension).toArray();
  }

  /** Q; for a layer to register. */
  Tensor basis() {
    return basis;
  }

  /** The copy of each coordinate; for a layer to register. */
  Tensor indices() {
    return indices;
  }

  /** The matrix that takes sums over copies; for a layer to register. */
  Tensor sums() {
    return sums;
  }

  /** The matrix that takes means over copies; for a layer to register. */
  Tensor means() {
    return means;
  }

  /** {@code [..., size]} in the representation's basis to the irreps': x Q, or x itself. */
  Tensor spectrum(Tensor input) {
    return inBasis ? input : input.matmul(basis);
  }

  /** Back from the irreps' basis: x Q^T, or x itself. */
  Tensor back(Tensor spectrum) {
    return inBasis ? spectrum : spectrum.matmul(basis.t());
  }

  /** {@code [..., size]} to {@code [..., copies]}: |x_c|^2. */
  Tensor squares(Tensor spectrum) {
    return spectrum.pow(new Scalar(2)).matmul(sums);
  }

  /** {@code [..., size]} to {@code [..., copies]}: |x_c|^2 / d_c. */
  Tensor meanSquares(Tensor spectrum) {
    return spectrum.pow(new Scalar(2)).matmul(means);
  }

  /** {@code [..., copies]} to {@code [..., size]}: a number for each copy at its coordinates. */
  Tensor spread(Tensor perCopy) {
    long[] dimensions = dimensions();
    return Arrays.stream(dimensions).allMatch(d -> d == 1)
        ? perCopy
        : perCopy.index_select(-1, indices);
  }
}
