package dev.noether.linalg;

import static dev.noether.algebra.Checks.require;

import dev.noether.hom.BasisExpansion;
import dev.noether.hom.GroupHomomorphismBasis;
import dev.noether.rep.HomSpace;
import dev.noether.rep.Representation;
import dev.noether.torch.ComputeDevice;
import dev.noether.torch.Dtype;
import dev.noether.torch.Scopes;
import dev.noether.torch.TensorKind;
import dev.noether.torch.Tensors;
import java.util.Arrays;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** The orthogonal projection of dense maps onto the equivariant ones, as one function. */
public final class HomProjection {
  private HomProjection() {}

  /**
   * The equivariant map closest to a dense one in the Frobenius norm; also the average of
   * rho_out(g) W rho_in(g)^-1 over the group.
   *
   * <p>Computed in float64 and given back in the dtype that came. Gradients flow. For many
   * projections keep a {@link GroupHomomorphismBasis} instead.
   *
   * @param weight dense maps, {@code [..., out.size, in.size]}
   * @param in the representation of the input
   * @param out the representation of the output
   * @return equivariant maps of the same shape; zero where in and out share no irrep
   * @throws IllegalArgumentException if the groups differ or the last two axes do not fit
   */
  public static Tensor of(Tensor weight, Representation in, Representation out) {
    HomSpace space = HomSpace.between(in, out);
    long[] shape = Tensors.shape(weight);
    require(
        shape.length >= 2
            && shape[shape.length - 2] == out.size()
            && shape[shape.length - 1] == in.size(),
        "last axes must be [out.size(), in.size()] = [%d, %d] (%s and %s), got %s",
        out.size(),
        in.size(),
        out,
        in,
        Arrays.toString(shape));
    TensorKind kind = TensorKind.of(weight);
    if (space.dim() == 0) {
      return Scopes.compute(() -> weight.mul(new Scalar(0.0)));
    }
    return Scopes.compute(
        () -> {
          GroupHomomorphismBasis basis =
              GroupHomomorphismBasis.of(in, out, BasisExpansion.ISOTYPIC_EXPANSION, Dtype.FLOAT64);
          Tensor wide = weight.to(ComputeDevice.CPU.toTorch(), ScalarType.Double);
          return kind.convert(basis.project(wide));
        });
  }
}
