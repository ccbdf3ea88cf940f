/**
 * Changes of basis on the last axis of tensors: by one matrix ({@link
 * dev.noether.basis.BasisChange}, the one place that knows how), block by block ({@link
 * dev.noether.basis.BlockDiagonal}), and into the isotypic basis of a representation ({@link
 * dev.noether.basis.IsotypicBasis}).
 *
 * <p>Maps and features stand on it; what is done in a basis is not known here.
 */
@NullMarked
package dev.noether.basis;

import org.jspecify.annotations.NullMarked;
