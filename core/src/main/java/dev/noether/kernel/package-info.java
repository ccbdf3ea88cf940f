/**
 * Kernels of steerable convolutions in the plane and in space: which ones commute with a group, for
 * any two types of fields.
 *
 * <p>A {@link dev.noether.kernel.Space} is R^2 or R^3 with a group of rotations and reflections; a
 * {@link dev.noether.kernel.FieldType} lists how the channels over it transform. The kernels k(p)
 * with k(g p) = out(g) k(p) in(g)^-1 are spanned by tensor products of harmonics of the angle,
 * {@link dev.noether.kernel.Rings} of the radius, and maps that commute with the group ({@link
 * dev.noether.kernel.KernelBasis}). They are sampled on points ({@link
 * dev.noether.kernel.SampledBasis}), and weights of all pairs of fields expanded to one kernel
 * ({@link dev.noether.kernel.KernelExpansion}).
 *
 * <p>Pure Java and float64; everything is immutable and the same bytes everywhere. The mathematics
 * is that of Cesa, Lang and Weiler, <em>A Program to Build E(N)-Equivariant Steerable CNNs</em>
 * (ICLR 2022). What belongs elsewhere: tensors, layers and files.
 */
@NullMarked
package dev.noether.kernel;

import org.jspecify.annotations.NullMarked;
