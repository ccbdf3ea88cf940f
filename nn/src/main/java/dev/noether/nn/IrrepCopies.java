package dev.noether.nn;

import dev.noether.group.Irrep;
import dev.noether.rep.Representation;
import dev.noether.torch.Dtype;
import dev.noether.torch.Tensors;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/** The copies of irreps along the last axis of features in the irreps' basis. */
final class IrrepCopies {
  private final List<Irrep> irreps;
  private final Tensor indices;
  private final Tensor means;

  IrrepCopies(Representation representation, Dtype dtype) {
    irreps = representation.irreps();
    int size = representation.size();
    long[] copyOf =
        IntStream.range(0, irreps.size())
            .flatMap(i -> IntStream.generate(() -> i).limit(irreps.get(i).dimension()))
            .asLongStream()
            .toArray();
    indices = Tensors.of(copyOf, size);
    double[] entries = new double[size * irreps.size()];
    for (int i = 0; i < size; i++) {
      int copy = (int) copyOf[i];
      entries[i * irreps.size() + copy] = 1.0 / irreps.get(copy).dimension();
    }
    means = Tensors.of(dtype, entries, size, irreps.size());
  }

  /** The dimension of each copy. */
  long[] dimensions() {
    return irreps.stream().mapToLong(Irrep::dimension).toArray();
  }

  /** The copy of each coordinate; for a layer to register. */
  Tensor indices() {
    return indices;
  }

  /** The matrix that takes means over copies; for a layer to register. */
  Tensor means() {
    return means;
  }

  /** {@code [..., size]} to {@code [..., copies]}: |x_c|^2 / d_c. */
  Tensor meanSquares(Tensor spectrum) {
    return spectrum.pow(new Scalar(2)).matmul(means);
  }

  /** {@code [..., copies]} to {@code [..., size]}: a number for each copy at its coordinates. */
  Tensor spread(Tensor perCopy) {
    return perCopy.index_select(-1, indices);
  }
}
