package dev.noether.nn;

import dev.noether.group.Irrep;
import dev.noether.rep.Representation;
import dev.noether.torch.Dtype;
import dev.noether.torch.Tensors;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/** Features in the basis of their irreps, copy by copy along the last axis. */
final class IrrepCopies {
  private final List<Irrep> irreps;
  private final IrrepBasis basis;
  private final Tensor indices;
  private final Tensor sums;
  private final Tensor means;
  private final boolean singles;

  IrrepCopies(Representation representation, Dtype dtype) {
    irreps = representation.irreps();
    int size = representation.size();
    basis = new IrrepBasis(representation, dtype);
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
    singles = irreps.size() == size;
  }

  /** How many copies there are. */
  int count() {
    return irreps.size();
  }

  /** The dimension of each copy. */
  long[] dimensions() {
    return irreps.stream().mapToLong(Irrep::dimension).toArray();
  }

  /** The copy of each coordinate. */
  Tensor indices() {
    return indices;
  }

  /** The tensors, for a layer to register. */
  Map<String, Tensor> buffers() {
    Map<String, Tensor> all = new LinkedHashMap<>(basis.buffers());
    all.put("copy_sums", sums);
    all.put("copy_means", means);
    return all;
  }

  /** A tensor of the layer's dtype and device. */
  Tensor like() {
    return sums;
  }

  /** The matrix that takes means over copies. */
  Tensor means() {
    return means;
  }

  /** {@code [..., size]} in the representation's basis to the irreps': x Q, or x itself. */
  Tensor spectrum(Tensor input) {
    return basis.spectrum(input);
  }

  /** Back from the irreps' basis: x Q^T, or x itself. */
  Tensor back(Tensor spectrum) {
    return basis.back(spectrum);
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
    return singles ? perCopy : perCopy.matmul(sums.t());
  }

  /** Where an exported graph says {@link #spectrum}. */
  <V> V plainSpectrum(PlainGraph<V> graph, V x) {
    return basis.multiplyAdds() == 0 ? x : graph.matmul(x, graph.constant("Q", basis.dense()));
  }

  /** Where an exported graph says {@link #back}. */
  <V> V plainBack(PlainGraph<V> graph, V x) {
    return basis.multiplyAdds() == 0
        ? x
        : graph.matmul(x, graph.constant("Q_inv", basis.dense().t()));
  }

  /** Where an exported graph says {@link #spread}. */
  <V> V plainSpread(PlainGraph<V> graph, V perCopy) {
    return singles ? perCopy : graph.matmul(perCopy, graph.constant("spread", sums.t()));
  }
}
