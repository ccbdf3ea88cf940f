package dev.noether.kernel;

import dev.noether.algebra.Matrix;
import dev.noether.group.IrrepId;

/**
 * One kernel between two irreps: {@code coefficients} times the harmonics of a frequency times the
 * profile of a ring.
 *
 * <p>It comes from a copy of an irrep j of the group in the tensor product of the two irreps, an
 * endomorphism of j, and a copy of j in the harmonics.
 *
 * @param in the irrep of the input
 * @param out the irrep of the output
 * @param frequency the frequency of the harmonics
 * @param irrep j
 * @param endomorphism which element of the basis of j's endomorphisms
 * @param productCopy which copy of j in the tensor product
 * @param harmonicCopy which copy of j in the harmonics
 * @param ring where it lives
 * @param coefficients {@code [out.dimension * in.dimension, number of harmonics]}, the input's
 *     coordinate faster
 */
public record KernelElement(
    IrrepId in,
    IrrepId out,
    int frequency,
    IrrepId irrep,
    int endomorphism,
    int productCopy,
    int harmonicCopy,
    Ring ring,
    Matrix coefficients) {
  KernelElement scaled(double factor) {
    return new KernelElement(
        in,
        out,
        frequency,
        irrep,
        endomorphism,
        productCopy,
        harmonicCopy,
        ring,
        coefficients.scale(factor));
  }
}
