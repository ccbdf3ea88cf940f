package dev.noether.spectral;

/** How a layer applies its equivariant map. Every way gives the same function. */
public enum Execution {
  /** Whichever a cost model says is fastest for the batch at hand; see {@link MapPlan}. */
  AUTO,
  /** Expand the coefficients into the dense weight, then one dense product. */
  DENSE,
  /** Never form the dense weight: change basis, multiply block by block, change back. */
  SPECTRAL
}
