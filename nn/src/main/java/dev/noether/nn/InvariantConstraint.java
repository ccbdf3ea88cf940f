package dev.noether.nn;

import dev.noether.rep.InvariantProjector;
import dev.noether.rep.Representation;
import dev.noether.torch.Dtype;
import dev.noether.torch.Scopes;
import dev.noether.torch.Tensors;
import org.bytedeco.pytorch.Tensor;

/**
 * Projects a vector onto those that the group leaves as they are, Fix(rho).
 *
 * <p>Computed as V V^T b, with the columns of V an orthonormal basis of Fix(rho).
 */
public final class InvariantConstraint extends Parametrization {
  private final Representation representation;
  private final Tensor fixed;

  /**
   * The constraint of a representation.
   *
   * @param representation how the vector transforms
   * @param dtype the dtype of the projector
   */
  public InvariantConstraint(Representation representation, Dtype dtype) {
    this.representation = representation;
    this.fixed = registerBuffer("fixed", InvariantBias.fixedVectors(representation, dtype), false);
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
        original, representation.size(), "representation.size()", representation, fixed);
    return Scopes.compute(() -> original.matmul(fixed).matmul(fixed.t()));
  }
}
