package dev.noether.hom;

/**
 * The coordinates in which the coefficients of an equivariant map are counted.
 *
 * <p>All of them count the same basis of Hom_G, in another order; state dicts of the Python package
 * keep theirs.
 */
public enum BasisExpansion {
  /**
   * Coefficients of a block are ordered [endomorphism, copy out, copy in]; the state dict holds a
   * dense matrix for every basis element.
   */
  MEMORY_HEAVY,
  /**
   * Coefficients of a block are ordered [copy out, copy in, endomorphism]; the state dict holds the
   * endomorphism basis of every irrep and the two changes of basis.
   */
  ISOTYPIC_EXPANSION,
  /**
   * One small basis for each pair of different summands, as escnn's linear layer: coefficients are
   * ordered [kind out, kind in, summand out, summand in, coefficient of the pair].
   */
  PER_SUMMAND
}
