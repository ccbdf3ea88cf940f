package dev.noether.io;

import static dev.noether.algebra.Checks.require;
import static dev.noether.algebra.Checks.requirePresent;

import dev.noether.rep.HomSpace;
import dev.noether.rep.IsotypicDecomposition;
import dev.noether.torch.Dtype;
import dev.noether.torch.Scopes;
import dev.noether.torch.Tensors;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * A basis of equivariant maps as a state dict of the Python package holds it, of either expansion;
 * all numbers in float64.
 */
final class StoredBasis {
  private final Map<String, Tensor> state;
  private final String prefix;
  private final HomSpace space;

  /** The basis whose tensors are called {@code prefix...}, of maps between two representations. */
  StoredBasis(Map<String, Tensor> state, String prefix, HomSpace space) {
    this.state = state;
    this.prefix = prefix;
    this.space = space;
  }

  static Tensor wide(Tensor tensor) {
    return Scopes.compute(() -> tensor.detach().cpu().to(ScalarType.Double));
  }

  private Tensor stored(String name, long... shape) {
    Tensor tensor =
        requirePresent(
            state.get(prefix + name),
            "the state dict lacks '%s%s', without which its weights mean no map",
            prefix,
            name);
    require(
        Arrays.equals(Tensors.shape(tensor), shape),
        "'%s%s' must have shape %s for %s, got %s",
        prefix,
        name,
        Arrays.toString(shape),
        space,
        Arrays.toString(Tensors.shape(tensor)));
    return wide(tensor);
  }

  private long sizeIn() {
    return space.in().representation().size();
  }

  private long sizeOut() {
    return space.out().representation().size();
  }

  /** Coefficients {@code [..., dim]} as dense maps {@code [..., out, in]}. */
  Tensor expand(Tensor coefficients) {
    return Scopes.compute(
        () -> {
          Tensor wide = wide(coefficients);
          return state.containsKey(prefix + "basis_elements") ? byElements(wide) : byBlocks(wide);
        });
  }

  private Tensor byElements(Tensor coefficients) {
    Tensor elements = stored("basis_elements", space.dim(), sizeOut(), sizeIn());
    long[] shape = Tensors.shape(coefficients);
    long[] result = Arrays.copyOf(shape, shape.length + 1);
    result[shape.length - 1] = sizeOut();
    result[shape.length] = sizeIn();
    return coefficients.matmul(elements.reshape(space.dim(), -1)).reshape(result);
  }

  private Tensor byBlocks(Tensor coefficients) {
    Tensor left = stored("Q_out", sizeOut(), sizeOut());
    Tensor right = stored("Q_in_inv", sizeIn(), sizeIn());
    Tensor rows = coefficients.reshape(-1, space.dim());
    Tensor dense = rows.new_zeros(rows.size(0), sizeOut(), sizeIn());
    long first = 0;
    for (HomSpace.Block block : space.blocks()) {
      long d = block.irrep().dimension();
      long s = block.irrep().type().endomorphismDimension();
      long mOut = block.out().multiplicity();
      long mIn = block.in().multiplicity();
      String name = "endo_basis_flat_" + block.irrep().id().toTuple();
      Tensor endomorphisms = stored(name, s, d * d);
      Tensor maps =
          rows.narrow(1, first, mOut * mIn * s)
              .reshape(-1, mOut * mIn, s)
              .matmul(endomorphisms)
              .reshape(-1, mOut, mIn, d, d)
              .permute(0, 1, 3, 2, 4)
              .reshape(-1, mOut * d, mIn * d);
      Tensor out = columns("Q_out", left, space.out(), block.out());
      Tensor in = columns("Q_in_inv", right.t(), space.in(), block.in());
      dense = dense.add(out.matmul(maps).matmul(in.t()));
      first += mOut * mIn * s;
    }
    long[] shape = Tensors.shape(coefficients);
    long[] result = Arrays.copyOf(shape, shape.length + 1);
    result[shape.length - 1] = sizeOut();
    result[shape.length] = sizeIn();
    return dense.reshape(result);
  }

  /**
   * The columns of a stored change of basis that span an isotypic part: where they stand differs.
   */
  private Tensor columns(
      String name, Tensor stored, IsotypicDecomposition parts, IsotypicDecomposition.Block block) {
    Tensor part =
        Tensors.of(Dtype.FLOAT64, parts.changeOfBasis())
            .narrow(1, block.start(), block.dimension());
    return spanning(prefix + name, stored, part, block.dimension());
  }

  /** Those columns that lie in the span of orthonormal ones. */
  static Tensor spanning(String name, Tensor columns, Tensor part, long count) {
    double[] shares =
        Tensors.toArray(part.t().matmul(columns).pow(new Scalar(2)).sum(new long[] {0}));
    double[] lengths = Tensors.toArray(columns.pow(new Scalar(2)).sum(new long[] {0}));
    long[] places =
        IntStream.range(0, shares.length)
            .filter(i -> shares[i] > 0.5 * lengths[i])
            .asLongStream()
            .toArray();
    require(
        places.length == count,
        "'%s' must have %d columns in one of the layer's isotypic parts, has %d: the state dict is "
            + "of a layer between other representations",
        name,
        count,
        places.length);
    return columns.index_select(1, Tensors.of(places, places.length));
  }
}
