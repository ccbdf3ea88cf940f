package dev.noether.nn.distribution;

import static dev.noether.algebra.Checks.requirePresent;

import dev.noether.hom.BasisExpansion;
import dev.noether.hom.GroupHomomorphismBasis;
import dev.noether.nn.linear.FixedVectors;
import dev.noether.rep.HomSpace;
import dev.noether.rep.Representation;
import dev.noether.torch.Buffers;
import dev.noether.torch.Dtype;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The means and covariances that the moments of a batch become when it counts with all its
 * transforms: invariant vectors, and equivariant maps.
 *
 * @param invariantX the invariant vectors of x
 * @param invariantY the invariant vectors of y
 * @param xx the maps from x to x
 * @param yy the maps from y to y
 * @param xy the maps from y to x; null where zero is the only one
 * @param buffers all tensors of these
 */
record SymmetricMoments(
    FixedVectors invariantX,
    FixedVectors invariantY,
    GroupHomomorphismBasis xx,
    GroupHomomorphismBasis yy,
    @Nullable GroupHomomorphismBasis xy,
    Buffers buffers) {
  static SymmetricMoments of(Representation x, Representation y, Dtype dtype) {
    requirePresent(x, "statistics of two signals need to know how x transforms, got null");
    requirePresent(y, "statistics of two signals need to know how y transforms, got null");
    GroupHomomorphismBasis xy = HomSpace.between(y, x).dim() == 0 ? null : basis(y, x, dtype);
    GroupHomomorphismBasis xx = basis(x, x, dtype);
    GroupHomomorphismBasis yy = basis(y, y, dtype);
    Buffers buffers = new Buffers();
    if (xy != null) {
      buffers.addAll("xy.", xy.buffers());
    }
    buffers.addAll("xx.", xx.buffers());
    buffers.addAll("yy.", yy.buffers());
    FixedVectors ofX = new FixedVectors(x, dtype);
    FixedVectors ofY = new FixedVectors(y, dtype);
    buffers.addAll("x.", ofX.buffers());
    buffers.addAll("y.", ofY.buffers());
    return new SymmetricMoments(ofX, ofY, xx, yy, xy, buffers);
  }

  private static GroupHomomorphismBasis basis(Representation in, Representation out, Dtype dtype) {
    return GroupHomomorphismBasis.forProjections(in, out, BasisExpansion.ISOTYPIC_EXPANSION, dtype);
  }

  Tensor mean(Tensor batch, boolean ofX) {
    return (ofX ? invariantX : invariantY).project(batch.mean(0L));
  }

  /** The closest equivariant maps. */
  Tensor[] project(Tensor covXx, Tensor covYy, Tensor covXy) {
    return new Tensor[] {
      xx.project(covXx),
      yy.project(covYy),
      xy == null ? covXy.mul(new Scalar(0.0)) : xy.project(covXy)
    };
  }

  /** The coefficients of the closest equivariant maps. */
  Tensor[] coefficients(Tensor covXx, Tensor covYy, Tensor covXy) {
    return new Tensor[] {
      xx.coefficients(covXx),
      yy.coefficients(covYy),
      xy == null ? covXy.reshape(-1).narrow(0, 0, 0) : xy.coefficients(covXy)
    };
  }

  /** The maps of coefficients of x with x, y with y, x with y. */
  Tensor[] expand(Tensor ofXx, Tensor ofYy, Tensor ofXy) {
    return new Tensor[] {
      xx.expand(ofXx),
      yy.expand(ofYy),
      xy == null ? ofXx.new_zeros(xx.out().size(), yy.out().size()) : xy.expand(ofXy)
    };
  }
}
