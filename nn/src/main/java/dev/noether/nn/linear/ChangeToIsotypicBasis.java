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
 * Writes features in the isotypic basis, in which equal irreps stand next to each other: y = Q^T x.
 *
 * <p>Enter that basis once, stay in it, and leave it by {@link #inverse}: between the two, linear,
 * affine, norm and gated layers on {@link #out} change no basis. Where the features are in that
 * basis already, the layer is the identity.
 */
public final class ChangeToIsotypicBasis extends EquivariantLayer implements PlainLayer {
  /** How an architecture describes it. */
  public static final LayerType<ChangeToIsotypicBasis> TYPE =
      LayerType.of(ChangeToIsotypicBasis.class, layer -> List.of(new BasisUse.Coordinates()))
          .representation("in", ChangeToIsotypicBasis::in)
          .builds(s -> new ChangeToIsotypicBasis(s.representation("in"), s.dtype()));

  private final IsotypicBasis basis;

  /**
   * The change of basis of a representation.
   *
   * @param representation how the features transform
   * @param dtype the dtype of the layer
   */
  public ChangeToIsotypicBasis(Representation representation, Dtype dtype) {
    this(
        IsotypicDecomposition.of(requireSpace(representation, ChangeToIsotypicBasis.class)), dtype);
  }

  /**
   * The change of basis of a representation, in float32.
   *
   * @param representation how the features transform
   */
  public ChangeToIsotypicBasis(Representation representation) {
    this(representation, Dtype.FLOAT32);
  }

  private ChangeToIsotypicBasis(IsotypicDecomposition decomposition, Dtype dtype) {
    super(decomposition.representation(), decomposition.sorted());
    basis = IsotypicBasis.of(decomposition, new TensorKind(dtype.scalarType(), ComputeDevice.CPU));
    registerBuffers("isotypic.", basis.buffers());
    registerDerived("Qin2iso", () -> Tensors.of(Dtype.FLOAT64, matrix()));
  }

  /**
   * The way back.
   *
   * @return a layer from {@link #out} to {@link #in}
   */
  public ChangeFromIsotypicBasis inverse() {
    return new ChangeFromIsotypicBasis(in(), dtype());
  }

  private Matrix matrix() {
    return basis.decomposition().changeOfBasis().transpose();
  }

  @Override
  protected Tensor compute(Tensor input) {
    return basis.coordinates(input);
  }

  @Override
  public <V> V plain(PlainGraph<V> graph, V x) {
    return basis.isIdentity() ? x : graph.linear(x, Tensors.of(dtype(), matrix()), null);
  }

  @Override
  public String toString() {
    return "ChangeToIsotypicBasis(" + in() + ")";
  }
}
