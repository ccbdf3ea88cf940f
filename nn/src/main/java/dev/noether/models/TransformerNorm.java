package dev.noether.models;

/** The norm inside a transformer layer. */
public enum TransformerNorm {
  /** By the root mean square of a token. */
  RMSNORM,
  /**
   * Layer norm. The equivariant one divides each copy of an irrep by its own length, so that
   * gradients grow without bound at tokens that are nearly invariant: prefer {@link #RMSNORM}.
   */
  LAYERNORM
}
