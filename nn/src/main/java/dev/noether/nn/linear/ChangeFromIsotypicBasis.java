package dev.noether.nn.linear;

import dev.noether.algebra.Matrix;
import dev.noether.basis.IsotypicBasis;
import dev.noether.nn.BasisUse;
import dev.noether.nn.EquivariantLayer;
import dev.noether.nn.LayerType;
import dev.noether.plain.PlainGraph;
import dev.noether.plain.PlainLayer;
import dev.noether.rep.IsotypicDecomposition;
import dev.noether.rep.Representation;
import dev.noether.torch.ComputeDevice;
import dev.noether.torch.Dtype;
import dev.noether.torch.TensorKind;
import dev.noether.torch.Tensors;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * Takes features back from the isotypic basis: x = Q y, the inverse of {@link
 * ChangeToIsotypicBasis}.
 */
public final class ChangeFromIsotypicBasis extends EquivariantLayer implements PlainLayer {
  /** How an architecture describes it. */
  public static final LayerType<ChangeFromIsotypicBasis> TYPE =
      LayerType.of(ChangeFromIsotypicBasis.class, layer -> List.of(new BasisUse.Coordinates()))
          .representation("out", ChangeFromIsotypicBasis::out)
          .builds(s -> new ChangeFromIsotypicBasis(s.representation("out"), s.dtype()));

  private final IsotypicBasis basis;

  /**
   * The change of basis of a representation.
   *
   * @param representation how the outputs transform
   * @param dtype the dtype of the layer
   */
  public ChangeFromIsotypicBasis(Representation representation, Dtype dtype) {
    this(
        IsotypicDecomposition.of(requireSpace(representation, ChangeFromIsotypicBasis.class)),
        dtype);
  }

  /**
   * The change of basis of a representation, in float32.
   *
   * @param representation how the outputs transform
   */
  public ChangeFromIsotypicBasis(Representation representation) {
    this(representation, Dtype.FLOAT32);
  }

  private ChangeFromIsotypicBasis(IsotypicDecomposition decomposition, Dtype dtype) {
    super(decomposition.sorted(), decomposition.representation());
    basis = IsotypicBasis.of(decomposition, new TensorKind(dtype.scalarType(), ComputeDevice.CPU));
    registerBuffers("isotypic.", basis.buffers());
    registerDerived("Qiso2out", () -> Tensors.of(Dtype.FLOAT64, matrix()));
  }

  private Matrix matrix() {
    return basis.decomposition().changeOfBasis();
  }

  @Override
  protected Tensor compute(Tensor input) {
    return basis.vectors(input);
  }

  @Override
  public <V> V plain(PlainGraph<V> graph, V x) {
    return basis.isIdentity() ? x : graph.linear(x, Tensors.of(dtype(), matrix()), null);
  }

  @Override
  public String toString() {
    return "ChangeFromIsotypicBasis(" + out() + ")";
  }
}
