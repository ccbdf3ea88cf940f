package dev.noether.hom;

/** How a basis of Hom_G is kept and multiplied with its coefficients. */
public enum BasisExpansion {
  /**
   * A dense matrix for every basis element: one product expands. Coefficients of a block are
   * ordered [endomorphism, copy out, copy in].
   */
  MEMORY_HEAVY,
  /**
   * The small endomorphism basis of every irrep and the two changes of basis: blocks are expanded,
   * then turned. Coefficients of a block are ordered [copy out, copy in, endomorphism].
   */
  ISOTYPIC_EXPANSION
}
