package dev.noether.nn.linear;

import dev.noether.hom.BasisExpansion;
import dev.noether.hom.GroupHomomorphismBasis;
import dev.noether.nn.BasisUse;
import dev.noether.nn.LayerType;
import dev.noether.nn.Parametrization;
import dev.noether.rep.Representation;
import dev.noether.torch.Dtype;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/** Projects a dense matrix onto those that commute with the group, Hom_G(in, out). */
public final class CommutingConstraint extends Parametrization {
  /** How an architecture describes it. */
  public static final LayerType<CommutingConstraint> TYPE =
      LayerType.of(
              CommutingConstraint.class,
              layer -> List.of(new BasisUse.Projection("homo_basis.", layer.basis)))
          .representation("in", layer -> layer.basis.in())
          .representation("out", layer -> layer.basis.out())
          .setting("expansion", layer -> layer.basis.expansion(), BasisExpansion.ISOTYPIC_EXPANSION)
          .builds(
              s ->
                  new CommutingConstraint(
                      s.representation("in"),
                      s.representation("out"),
                      s.constant(BasisExpansion.class, "expansion"),
                      s.dtype()));

  private final GroupHomomorphismBasis basis;

  /**
   * The constraint between two representations.
   *
   * @param in the representation of the input
   * @param out the representation of the output
   * @param expansion how the state dict shows the basis
   * @param dtype the dtype of the basis
   * @throws IllegalArgumentException if the groups differ or Hom_G(in, out) is empty
   */
  public CommutingConstraint(
      Representation in, Representation out, BasisExpansion expansion, Dtype dtype) {
    basis =
        GroupHomomorphismBasis.forProjections(
            requireSpace(in, CommutingConstraint.class),
            requireSpace(out, CommutingConstraint.class),
            expansion,
            dtype);
    registerBuffers("homo_basis.", basis.buffers());
    basis.stateDictEntries().forEach((name, value) -> registerDerived("homo_basis." + name, value));
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
    return constrainTransposed(original).t().contiguous();
  }

  /** The projection transposed, {@code [in, out]}, is what comes first. */
  @Override
  protected Tensor constrainTransposed(Tensor original) {
    return basis.projectTransposed(original);
  }

  @Override
  public String toString() {
    return "CommutingConstraint(" + basis.in() + " -> " + basis.out() + ")";
  }
}
