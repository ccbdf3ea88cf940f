/**
 * Spaces of equivariant linear maps on tensors: coefficients to dense maps, and dense maps
 * projected onto the equivariant ones.
 *
 * <p>What a Hom space is made of is known in package {@code rep}; layers live in {@code nn}.
 */
@NullMarked
package dev.noether.hom;

import org.jspecify.annotations.NullMarked;
