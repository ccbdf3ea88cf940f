package dev.noether.nn;

import dev.noether.hom.BasisExpansion;
import dev.noether.hom.GroupHomomorphismBasis;
import dev.noether.rep.Representation;
import dev.noether.torch.Dtype;
import dev.noether.torch.Scopes;
import org.bytedeco.pytorch.Tensor;

/** Projects a dense matrix onto those that commute with the group, Hom_G(in, out). */
public final class CommutingConstraint extends Parametrization {
  private final GroupHomomorphismBasis basis;
  private final EvaluationCache cache = new EvaluationCache();

  /**
   * The constraint between two representations.
   *
   * @param in the representation of the input
   * @param out the representation of the output
   * @param expansion how the basis is kept
   * @param dtype the dtype of the basis
   * @throws IllegalArgumentException if the groups differ or Hom_G(in, out) is empty
   */
  public CommutingConstraint(
      Representation in, Representation out, BasisExpansion expansion, Dtype dtype) {
    basis = GroupHomomorphismBasis.of(in, out, expansion, dtype);
    registerBasis("homo_basis", basis);
  }

  /**
   * The basis behind the projection.
   *
   * @return the basis
   */
  public GroupHomomorphismBasis basis() {
    return basis;
  }

  @Override
  protected Tensor constrain(Tensor original) {
    return Scopes.compute(
        () -> cache.get(isTraining(), original, () -> transposed(original).t().contiguous()));
  }

  /** The projection transposed, {@code [in, out]}, which a product in training reads faster. */
  Tensor transposed(Tensor original) {
    return basis.projectTransposed(original);
  }

  @Override
  protected void stateChanged() {
    super.stateChanged();
    cache.clear();
  }
}
