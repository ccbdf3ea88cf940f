package dev.noether.nn.activation;

import dev.noether.algebra.Matrix;
import dev.noether.nn.BasisUse;
import dev.noether.nn.EquivariantLayer;
import dev.noether.nn.LayerType;
import dev.noether.plain.Activation;
import dev.noether.plain.PlainGraph;
import dev.noether.plain.PlainLayer;
import dev.noether.rep.Representation;
import dev.noether.torch.Buffers;
import dev.noether.torch.Dtype;
import java.util.ArrayList;
import java.util.List;
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
public final class FourierNonlinearity extends EquivariantLayer implements PlainLayer {
  /** How an architecture describes it. */
  public static final LayerType<FourierNonlinearity> TYPE =
      LayerType.of(FourierNonlinearity.class, layer -> List.of(new BasisUse.Unstored()))
          .representation("in", FourierNonlinearity::in)
          .setting("activation", layer -> layer.activation)
          .builds(
              s ->
                  new FourierNonlinearity(
                      s.representation("in"),
                      s.constant(Activation.class, "activation"),
                      s.dtype()));

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
    super(representation, representation);
    this.activation = activation;
    Matrix embedding = embedding(representation);
    Buffers buffers = new Buffers();
    coefficients = buffers.add("embedding", dtype, embedding);
    values = buffers.add("samples", dtype, embedding.transpose());
    registerBuffers("", buffers);
  }

  /**
   * A nonlinearity in float32.
   *
   * @param representation how the features transform
   * @param activation the function
   */
  public FourierNonlinearity(Representation representation, Activation activation) {
    this(representation, activation, Dtype.FLOAT32);
  }

  /** A with A rho(g) = regular(g) A and A^T A = I, {@code [copies * order, size]}. */
  private static Matrix embedding(Representation representation) {
    Representation regular = Representation.regular(representation.finiteGroup());
    int order = regular.size();
    List<int[]> places = new ArrayList<>();
    int copies = 0;
    for (Representation.Copy copy : representation.copies()) {
      List<Representation.Copy> slots = regular.copies(copy.irrep());
      int number = copy.number() / slots.size();
      int start = slots.get(copy.number() % slots.size()).start();
      copies = Math.max(copies, number + 1);
      for (int i = 0; i < copy.irrep().dimension(); i++) {
        places.add(new int[] {number, start + i});
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
  protected Tensor compute(Tensor input) {
    return activation.apply(input.matmul(values)).matmul(coefficients);
  }

  @Override
  public <V> V plain(PlainGraph<V> graph, V x) {
    V sampled = graph.matmul(x, graph.constant("samples", values));
    return graph.matmul(
        graph.apply(activation, sampled), graph.constant("embedding", coefficients));
  }

  @Override
  public String toString() {
    return "FourierNonlinearity(" + activation + ", " + in() + ")";
  }
}
