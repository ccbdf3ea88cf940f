package dev.noether.nn.distribution;

/** Which covariances an equivariant normal distribution can have. */
public enum NormalCovariance {
  /**
   * One variance for every copy of an irrep: diagonal in the basis of irreps, where equivariance
   * asks for it, whatever the user's basis.
   */
  DIAGONAL,
  /** Every covariance that commutes with the group: copies of one irrep may correlate. */
  FULL
}
