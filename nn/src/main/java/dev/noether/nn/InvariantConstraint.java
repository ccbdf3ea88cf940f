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
  private final Tensor columns;
  private final Tensor rows;

  /**
   * The constraint of a representation.
   *
   * @param representation how the vector transforms
   * @param dtype the dtype of the projector
   */
  public InvariantConstraint(Representation representation, Dtype dtype) {
    this.representation = representation;
    Tensor fixed = InvariantBias.fixedVectors(representation, dtype);
    this.columns = registerBuffer("fixed", fixed, false);
    this.rows = registerBuffer("fixed_rows", Scopes.compute(() -> fixed.t().contiguous()), false);
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
        original, representation.size(), "representation.size()", representation, columns);
    return Scopes.compute(() -> columns.mv(rows.mv(original)));
  }
}
