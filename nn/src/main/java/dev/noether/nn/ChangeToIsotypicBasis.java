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
 * Writes features in the isotypic basis, in which equal irreps stand next to each other: y = Q^T x.
 *
 * <p>Enter that basis once, stay in it, and leave it by {@link #inverse}: between the two, linear,
 * affine, norm and gated layers on {@link #out} change no basis. Where the features are in that
 * basis already, the layer is the identity.
 */
public final class ChangeToIsotypicBasis extends Layer implements EquivariantLayer, PlainLayer {
  private final Representation in;
  private final Representation out;
  private final Dtype dtype;
  private final boolean identity;
  private final Tensor matrix;

  /**
   * The change of basis of a representation.
   *
   * @param representation how the features transform
   * @param dtype the dtype of the layer
   */
  public ChangeToIsotypicBasis(Representation representation, Dtype dtype) {
    IsotypicDecomposition decomposition = IsotypicDecomposition.of(representation);
    Matrix q = decomposition.changeOfBasis();
    in = representation;
    out = decomposition.sorted();
    this.dtype = dtype;
    identity = q.equals(Matrix.identity(in.size()));
    matrix = registerFixed("Qin2iso", Tensors.of(dtype, q.transpose()));
  }

  @Override
  public Representation in() {
    return in;
  }

  /**
   * How outputs transform.
   *
   * @return the sum of the irreps, equal ones next to each other, the trivial ones first
   */
  @Override
  public Representation out() {
    return out;
  }

  /**
   * The way back.
   *
   * @return a layer from {@link #out} to {@link #in}
   */
  public ChangeFromIsotypicBasis inverse() {
    return new ChangeFromIsotypicBasis(in, dtype);
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
    return Optional.of(Architecture.of(this).with("in", in));
  }

  @Override
  public String toString() {
    return "ChangeToIsotypicBasis(" + in + ")";
  }
}
