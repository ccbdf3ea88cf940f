package dev.noether.nn;

import dev.noether.algebra.Matrix;
import dev.noether.hom.GroupHomomorphismBasis;
import dev.noether.kernel.KernelExpansion;
import dev.noether.rep.Representation;
import java.util.List;
import java.util.function.Supplier;
import org.bytedeco.pytorch.Tensor;

/**
 * How a layer depends on the choice of bases inside its representations: what a conversion of state
 * dicts between bases must know of it.
 *
 * <p>Names are those of tensors in the layer's own state dict.
 */
public sealed interface BasisUse {
  /** Weights and function are the same in any basis, or only those of children depend on one. */
  record Independent() implements BasisUse {}

  /** The function depends on the basis, and the state dict does not tell it. */
  record Unstored() implements BasisUse {}

  /** Inputs, outputs or parameters from outside are coordinates in a basis of the state dict. */
  record Coordinates() implements BasisUse {}

  /**
   * Weights are coefficients of an equivariant map.
   *
   * @param weights the name of the coefficients
   * @param prefix what the names of the basis begin with
   * @param basis the layer's basis
   */
  record Coefficients(String weights, String prefix, GroupHomomorphismBasis basis)
      implements BasisUse {}

  /**
   * A dense map is projected through a basis.
   *
   * @param prefix what the names of the basis begin with
   * @param basis the layer's basis
   */
  record Projection(String prefix, GroupHomomorphismBasis basis) implements BasisUse {}

  /**
   * A projector on the invariant vectors is kept.
   *
   * @param name the name of the projector
   * @param representation how the vectors transform
   */
  record Projector(String name, Representation representation) implements BasisUse {}

  /**
   * Weights are coordinates of an invariant vector.
   *
   * @param weights the name of the coordinates
   * @param basis the name of the change of basis whose columns span the invariant vectors
   * @param mask the name of the mask that tells these columns
   * @param representation how the vector transforms
   */
  record InvariantVector(String weights, String basis, String mask, Representation representation)
      implements BasisUse {}

  /**
   * Weights are coefficients of an equivariant map of products that the layer makes of its inputs
   * in its own basis.
   *
   * @param weights the name of the coefficients, as {@code mixing.weight_dof}
   * @param basis the basis of the maps
   * @param products the products of an orthonormal basis of pairs of inputs, {@code [pairs,
   *     basis.in.size]}, in the layer's dtype
   * @param pairs how many pairs there are
   */
  record Products(
      String weights, GroupHomomorphismBasis basis, Supplier<Tensor> products, long pairs)
      implements BasisUse {}

  /**
   * Vectors are projected on the invariant ones before they are used.
   *
   * @param weights the name of the vectors, {@code [..., size]}
   * @param representation how they transform
   */
  record InvariantRows(String weights, Representation representation) implements BasisUse {}

  /**
   * A parameter of a child stands under a second name.
   *
   * @param name the second name
   * @param original the name of the child's parameter
   */
  record Alias(String name, String original) implements BasisUse {}

  /**
   * Weights are numbers of the copies of irreps, which the state dict tells apart by {@code Q},
   * {@code Q_inv} and {@code irrep_indices}.
   *
   * @param weights the name of the numbers
   * @param representation whose copies
   */
  record CopyNumbers(String weights, Representation representation) implements BasisUse {}

  /**
   * The function treats the copies of irreps one by one.
   *
   * @param representation whose copies
   * @param ordered whether numbers from outside belong to them in their order
   */
  record Copies(Representation representation, boolean ordered) implements BasisUse {}

  /**
   * Weights are coefficients of a steerable kernel, whose sampled bases are in the state dict.
   *
   * @param weights the name of the coefficients
   * @param expansion the kernels; the name of a basis is its pair's
   * @param bias the name of the coordinates of an invariant bias
   * @param biasBasis the name of the columns that span the invariant vectors
   * @param invariants these columns
   * @param computed names of tensors that follow from all these, which Python keeps in evaluation
   */
  record Kernels(
      String weights,
      KernelExpansion expansion,
      String bias,
      String biasBasis,
      Matrix invariants,
      List<String> computed)
      implements BasisUse {
    /**
     * Copies the list.
     *
     * @param weights the name of the coefficients
     * @param expansion the kernels
     * @param bias the name of the coordinates of an invariant bias
     * @param biasBasis the name of the columns that span the invariant vectors
     * @param invariants these columns
     * @param computed names of tensors that follow from all these
     */
    public Kernels {
      computed = List.copyOf(computed);
    }
  }
}
