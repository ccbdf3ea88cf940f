/**
 * Features in the bases of the irreps, and what work on them costs.
 *
 * <p>Three layouts occur, and one word for each. In the <em>irreps' basis</em> features are x Q,
 * one copy of an irrep after the other as the representation has them ({@link
 * dev.noether.spectral.CopiesInARow}). In the <em>isotypic basis</em> the copies are sorted by
 * irrep ({@link dev.noether.basis.IsotypicBasis}). A {@link dev.noether.spectral.Spectrum} holds
 * one matrix for each irrep, whose rows every equivariant map treats alike: in it a map is one
 * small product for each irrep.
 *
 * <p>Maps between coefficients and dense matrices live in {@code hom}, layers in {@code nn}; a
 * layer that implements {@link dev.noether.spectral.SpectralLayer} can stay inside a chain's
 * spectrum.
 */
@NullMarked
package dev.noether.spectral;

import org.jspecify.annotations.NullMarked;
