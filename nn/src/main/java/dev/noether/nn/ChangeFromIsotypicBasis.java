package dev.noether.nn;

import dev.noether.algebra.Matrix;
import dev.noether.rep.IsotypicDecomposition;
import dev.noether.rep.Representation;
import dev.noether.torch.Dtype;
import dev.noether.torch.Scopes;
import dev.noether.torch.Tensors;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/**
 * Takes features back from the isotypic basis: x = Q y, the inverse of {@link
 * ChangeToIsotypicBasis}.
 */
public final class ChangeFromIsotypicBasis extends Layer implements EquivariantLayer, PlainLayer {
  private final Representation in;
  private final Representation out;
  private final boolean identity;
  private final Tensor matrix;

  /**
   * The change of basis of a representation.
   *
   * @param representation how the outputs transform
   * @param dtype the dtype of the layer
   */
  public ChangeFromIsotypicBasis(Representation representation, Dtype dtype) {
    IsotypicDecomposition decomposition = IsotypicDecomposition.of(representation);
    Matrix q = decomposition.changeOfBasis();
    out = representation;
    in = decomposition.sorted();
    identity = q.equals(Matrix.identity(in.size()));
    matrix = registerFixed("Qiso2out", Tensors.of(dtype, q));
  }

  @Override
  public Representation in() {
    return in;
  }

  @Override
  public Representation out() {
    return out;
  }

  @Override
  public Tensor forward(Tensor input) {
    Tensors.requireInput(input, in.size(), "in.size()", in, matrix);
    return identity ? input.alias() : Scopes.compute(() -> input.matmul(matrix.t()));
  }

  @Override
  public <V> V plain(PlainGraph<V> graph, V x) {
    return identity ? x : graph.linear(x, matrix, null);
  }

  @Override
  public Optional<Architecture> architecture() {
    return Optional.of(Architecture.of(this).with("out", out));
  }

  @Override
  public String toString() {
    return "ChangeFromIsotypicBasis(" + out + ")";
  }
}
