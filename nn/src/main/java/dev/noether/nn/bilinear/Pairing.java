package dev.noether.nn.bilinear;

/** Which copies of irreps a bilinear layer multiplies with each other. */
public enum Pairing {
  /** Every copy with every other: all bilinear equivariant maps. */
  ALL,

  /**
   * Copies of the same number; those of a shorter side are repeated in a circle. In a square, every
   * copy with itself and with the next copy of its irrep. After an equivariant linear layer, which
   * mixes copies, this costs as much for each feature as it does for few features.
   */
  ALIGNED
}
