package dev.noether.nn;

import dev.noether.algebra.Matrix;
import dev.noether.group.Irrep;
import dev.noether.rep.Representation;
import dev.noether.torch.Dtype;
import dev.noether.torch.Scopes;
import dev.noether.torch.Tensors;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/**
 * A pointwise function on any representation: reads the features as Fourier coefficients of
 * functions on the group, applies the function to their values, and takes the coefficients again.
 *
 * <p>The features are embedded isometrically, A, into the fewest copies of the regular
 * representation that hold their irreps; there the group permutes the coordinates. y = A^T f(A x)
 * is equivariant exactly, because the group is finite and every element is a sample. See Cesa, Lang
 * and Weiler, <em>A Program to Build E(N)-Equivariant Steerable CNNs</em> (2022).
 */
public final class FourierNonlinearity extends Layer implements EquivariantLayer, PlainLayer {
  private final Representation representation;
  private final Activation activation;
  private final Tensor coefficients;
  private final Tensor values;

  /**
   * A nonlinearity without parameters.
   *
   * @param representation how the features transform
   * @param activation the function
   * @param dtype the dtype of the layer
   */
  public FourierNonlinearity(Representation representation, Activation activation, Dtype dtype) {
    this.representation = representation;
    this.activation = activation;
    Matrix embedding = embedding(representation);
    coefficients = registerBuffer("embedding", Tensors.of(dtype, embedding), false);
    values = registerBuffer("samples", Tensors.of(dtype, embedding.transpose()), false);
  }

  /** A with A rho(g) = regular(g) A and A^T A = I, {@code [copies * order, size]}. */
  private static Matrix embedding(Representation representation) {
    Representation regular = Representation.regular(representation.group());
    Map<Irrep, List<Integer>> starts = new HashMap<>();
    int start = 0;
    for (Irrep irrep : regular.irreps()) {
      starts.computeIfAbsent(irrep, i -> new ArrayList<>()).add(start);
      start += irrep.dimension();
    }
    int order = regular.size();
    List<int[]> places = new ArrayList<>();
    Map<Irrep, Integer> used = new HashMap<>();
    int copies = 0;
    for (Irrep irrep : representation.irreps()) {
      int number = used.merge(irrep, 1, Integer::sum) - 1;
      List<Integer> slots = starts.getOrDefault(irrep, List.of());
      int copy = number / slots.size();
      copies = Math.max(copies, copy + 1);
      for (int i = 0; i < irrep.dimension(); i++) {
        places.add(new int[] {copy, slots.get(number % slots.size()) + i});
      }
    }
    Matrix q = regular.changeOfBasis();
    int size = representation.size();
    double[] columns = new double[Matrix.entries(Math.multiplyExact(copies, order), size)];
    for (int column = 0; column < size; column++) {
      int[] place = places.get(column);
      for (int row = 0; row < order; row++) {
        columns[(place[0] * order + row) * size + column] = q.get(row, place[1]);
      }
    }
    return Matrix.of(copies * order, size, columns)
        .times(representation.changeOfBasis().transpose());
  }

  @Override
  public Representation in() {
    return representation;
  }

  @Override
  public Representation out() {
    return representation;
  }

  @Override
  public Tensor forward(Tensor input) {
    Tensors.requireInput(input, in().size(), "in.size()", in(), coefficients);
    return Scopes.compute(() -> activation.apply(input.matmul(values)).matmul(coefficients));
  }

  @Override
  public <V> V plain(PlainGraph<V> graph, V x) {
    V sampled = graph.matmul(x, graph.constant("samples", values));
    return graph.matmul(
        graph.apply(activation, sampled), graph.constant("embedding", coefficients));
  }

  @Override
  public Optional<Architecture> architecture() {
    return Optional.of(
        Architecture.of(this).with("in", representation).with("activation", activation));
  }

  @Override
  public String toString() {
    return "FourierNonlinearity(" + activation + ", " + representation + ")";
  }
}
