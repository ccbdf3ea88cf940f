package dev.noether.nn.linear;

import dev.noether.nn.BasisUse;
import dev.noether.nn.LayerType;
import dev.noether.nn.Parametrization;
import dev.noether.rep.InvariantProjector;
import dev.noether.rep.Representation;
import dev.noether.torch.Dtype;
import dev.noether.torch.Tensors;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * Projects a vector onto those that the group leaves as they are, Fix(rho).
 *
 * <p>Computed as V V^T b, with the columns of V an orthonormal basis of Fix(rho).
 */
public final class InvariantConstraint extends Parametrization {
  /** How an architecture describes it. */
  public static final LayerType<InvariantConstraint> TYPE =
      LayerType.of(
              InvariantConstraint.class,
              layer -> List.of(new BasisUse.Projector("inv_projector", layer.representation)))
          .representation("in", InvariantConstraint::representation)
          .builds(s -> new InvariantConstraint(s.representation("in"), s.dtype()));

  private final Representation representation;
  private final FixedVectors fixed;

  /**
   * The constraint of a representation.
   *
   * @param representation how the vector transforms
   * @param dtype the dtype of the projector
   */
  public InvariantConstraint(Representation representation, Dtype dtype) {
    this.representation = requireSpace(representation, InvariantConstraint.class);
    fixed = new FixedVectors(representation, dtype);
    registerBuffers("", fixed.buffers());
    registerDerived(
        "inv_projector", () -> Tensors.of(Dtype.FLOAT64, InvariantProjector.of(representation)));
  }

  /**
   * How the vector transforms.
   *
   * @return the representation
   */
  public Representation representation() {
    return representation;
  }

  @Override
  protected Tensor constrain(Tensor original) {
    Tensors.requireInput(
        original, representation.size(), "representation.size()", representation, fixed.like());
    return fixed.project(original);
  }

  @Override
  public String toString() {
    return "InvariantConstraint(" + representation + ")";
  }
}
