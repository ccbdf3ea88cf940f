package dev.noether.io;

import static dev.noether.algebra.Checks.require;
import static dev.noether.algebra.Checks.requirePresent;

import dev.noether.rep.Representation;
import dev.noether.torch.Dtype;
import dev.noether.torch.Scopes;
import dev.noether.torch.Tensors;
import java.util.Arrays;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/** The copies of irreps that a change of basis tells apart. */
final class StoredCopies {
  private final Tensor basis;
  private final Tensor inverse;
  private final int[] copyOf;
  private final int count;

  /** Those of a representation's own basis. */
  StoredCopies(Representation representation) {
    basis = Tensors.of(Dtype.FLOAT64, representation.changeOfBasis());
    inverse = basis.t();
    count = representation.copies().size();
    copyOf = new int[representation.size()];
    for (int copy = 0; copy < count; copy++) {
      Representation.Copy own = representation.copies().get(copy);
      Arrays.fill(copyOf, own.start(), own.end(), copy);
    }
  }

  /** Those of the basis that a state dict holds under {@code at}. */
  StoredCopies(String at, Map<String, Tensor> state) {
    basis = StoredBasis.wide(present(state, at + "Q"));
    inverse = StoredBasis.wide(present(state, at + "Q_inv"));
    copyOf =
        Arrays.stream(Tensors.toArray(present(state, at + "irrep_indices")))
            .mapToInt(i -> (int) i)
            .toArray();
    count = Arrays.stream(copyOf).max().orElse(-1) + 1;
    long n = copyOf.length;
    require(
        Arrays.equals(Tensors.shape(basis), new long[] {n, n})
            && Arrays.equals(Tensors.shape(inverse), new long[] {n, n})
            && Arrays.stream(copyOf).allMatch(i -> i >= 0),
        "'%sQ' must be square with a column for each of the %d entries of '%sirrep_indices', "
            + "got %s",
        at,
        n,
        at,
        Arrays.toString(Tensors.shape(basis)));
  }

  private static Tensor present(Map<String, Tensor> state, String name) {
    return requirePresent(state.get(name), "the state dict lacks '%s'", name);
  }

  int count() {
    return count;
  }

  /** The number of coordinates. */
  int size() {
    return copyOf.length;
  }

  /** The scales for which {@link #scale} comes closest to a map. */
  Tensor scales(Tensor dense) {
    double[] entries = Tensors.toArray(inverse.matmul(dense).matmul(basis).diagonal());
    double[] means = new double[count];
    int[] dimensions = new int[count];
    for (int i = 0; i < entries.length; i++) {
      means[copyOf[i]] += entries[i];
      dimensions[copyOf[i]]++;
    }
    Arrays.setAll(means, copy -> means[copy] / dimensions[copy]);
    return Tensors.of(Dtype.FLOAT64, means, count);
  }

  /** Q diag(s) Q^-1. */
  Tensor scale(Tensor perCopy) {
    long[] places = Arrays.stream(copyOf).asLongStream().toArray();
    Tensor spread = perCopy.index_select(0, Tensors.of(places, places.length));
    return Scopes.compute(() -> basis.mul(spread).matmul(inverse));
  }

  /** The projector on one copy. */
  Tensor projector(int copy) {
    double[] one = new double[count];
    one[copy] = 1;
    return scale(Tensors.of(Dtype.FLOAT64, one, count));
  }
}
