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

/**
 * Dense maps, the equivariant ones closest to them, and the coefficients of these, as functions.
 *
 * <p>Coefficients are in the order of {@link BasisExpansion#ISOTYPIC_EXPANSION}. Everything is
 * computed in float64 and given back in the dtype that came. Gradients flow, leading axes are
 * batches. For many calls keep a {@link GroupHomomorphismBasis} instead.
 */
public final class EquivariantMaps {
  private EquivariantMaps() {}

  /**
   * The equivariant map closest to a dense one in the Frobenius norm; also the average of
   * rho_out(g) W rho_in(g)^-1 over the group.
   *
   * @param weight dense maps, {@code [..., out.size, in.size]}
   * @param in the representation of the input
   * @param out the representation of the output
   * @return equivariant maps of the same shape; zero where in and out share no irrep
   * @throws IllegalArgumentException if the groups differ or the last two axes do not fit
   */
  public static Tensor orthogonalProjection(Tensor weight, Representation in, Representation out) {
    HomSpace space = HomSpace.between(in, out);
    requireMaps(weight, in, out);
    return space.dim() == 0
        ? Scopes.compute(() -> weight.mul(new Scalar(0.0)))
        : inDouble(weight, in, out, GroupHomomorphismBasis::project);
  }

  /**
   * The coefficients of the equivariant map closest to a dense one.
   *
   * @param weight dense maps, {@code [..., out.size, in.size]}
   * @param in the representation of the input
   * @param out the representation of the output
   * @return {@code [..., dim Hom_G(in, out)]}, no number where in and out share no irrep
   * @throws IllegalArgumentException if the groups differ or the last two axes do not fit
   */
  public static Tensor orthogonalProjectionCoefficients(
      Tensor weight, Representation in, Representation out) {
    HomSpace space = HomSpace.between(in, out);
    requireMaps(weight, in, out);
    return space.dim() == 0
        ? Scopes.compute(() -> weight.select(-1, 0).narrow(-1, 0, 0).clone())
        : inDouble(weight, in, out, GroupHomomorphismBasis::coefficients);
  }

  /**
   * The dense equivariant map of coefficients: the way back from {@link
   * #orthogonalProjectionCoefficients}.
   *
   * @param coefficients {@code [..., dim Hom_G(in, out)]}
   * @param in the representation of the input
   * @param out the representation of the output
   * @return equivariant maps, {@code [..., out.size, in.size]}
   * @throws IllegalArgumentException if the groups differ or the last axis does not fit
   */
  public static Tensor linearMap(Tensor coefficients, Representation in, Representation out) {
    HomSpace space = HomSpace.between(in, out);
    long[] shape = Tensors.shape(coefficients);
    require(
        shape.length >= 1 && shape[shape.length - 1] == space.dim(),
        "last axis must be the dimension of Hom_G(in, out), %d (%s and %s), got %s",
        space.dim(),
        in,
        out,
        Arrays.toString(shape));
    if (space.dim() > 0) {
      return inDouble(coefficients, in, out, GroupHomomorphismBasis::expand);
    }
    long[] maps = Arrays.copyOf(shape, shape.length + 1);
    maps[shape.length - 1] = out.size();
    maps[shape.length] = in.size();
    return Scopes.compute(() -> coefficients.new_zeros(maps));
  }

  private static void requireMaps(Tensor weight, Representation in, Representation out) {
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
  }

  private interface OfBasis {
    Tensor of(GroupHomomorphismBasis basis, Tensor wide);
  }

  private static Tensor inDouble(
      Tensor given, Representation in, Representation out, OfBasis function) {
    TensorKind kind = TensorKind.of(given);
    return Scopes.compute(
        () -> {
          GroupHomomorphismBasis basis =
              GroupHomomorphismBasis.of(in, out, BasisExpansion.ISOTYPIC_EXPANSION, Dtype.FLOAT64);
          Tensor wide = given.to(ComputeDevice.CPU.toTorch(), ScalarType.Double);
          return kind.convert(function.of(basis, wide));
        });
  }
}
