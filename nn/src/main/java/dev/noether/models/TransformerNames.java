package dev.noether.models;

import dev.noether.nn.Settings;

/** The names of the parts of a transformer layer, which versions of the Python package change. */
enum TransformerNames {
  /** Those of version 0.4, and of PyTorch. */
  V0_4("cross_attn", "linear1", "linear2"),
  /** Those of version 0.7. */
  V0_7("multihead_attn", "feed_forward_block.0", "feed_forward_block.3");

  private final String equivariantCross;
  private final String plainFirst;
  private final String plainSecond;

  TransformerNames(String equivariantCross, String plainFirst, String plainSecond) {
    this.equivariantCross = equivariantCross;
    this.plainFirst = plainFirst;
    this.plainSecond = plainSecond;
  }

  /** Those that an architecture tells. */
  static TransformerNames of(Settings settings) {
    return settings.constant(TransformerNames.class, "names");
  }

  /** Attention to a memory. */
  String cross(boolean equivariant) {
    return equivariant ? equivariantCross : "multihead_attn";
  }

  /** From features to hidden ones. */
  String first(boolean equivariant) {
    return equivariant ? "linear1" : plainFirst;
  }

  /** Back. */
  String second(boolean equivariant) {
    return equivariant ? "linear2" : plainSecond;
  }
}
