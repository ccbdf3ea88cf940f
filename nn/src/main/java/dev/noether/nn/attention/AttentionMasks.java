package dev.noether.nn.attention;

import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * What attention may not look at. Start from {@link #none} or {@link #causal}.
 *
 * @param attention {@code [queries, keys]} or {@code [batch * heads, queries, keys]}: boolean, true
 *     where a query may not look, or floating point, added to the scores; null for none
 * @param keyPadding {@code [batch, keys]}, boolean, true where a key is padding; null for none
 * @param isCausal whether a query may not look at keys after its own place
 */
public record AttentionMasks(
    @Nullable Tensor attention, @Nullable Tensor keyPadding, boolean isCausal) {
  /**
   * Everything may be looked at.
   *
   * @return no masks
   */
  public static AttentionMasks none() {
    return new AttentionMasks(null, null, false);
  }

  /**
   * No query looks at keys after its own place.
   *
   * @return a causal mask
   */
  public static AttentionMasks causal() {
    return new AttentionMasks(null, null, true);
  }

  /**
   * The same with an attention mask.
   *
   * @param mask boolean, true where a query may not look, or floating point, added to the scores
   * @return new masks
   */
  public AttentionMasks withAttention(Tensor mask) {
    return new AttentionMasks(mask, keyPadding, isCausal);
  }

  /**
   * The same with a mask of padding.
   *
   * @param mask {@code [batch, keys]}, boolean, true where a key is padding
   * @return new masks
   */
  public AttentionMasks withKeyPadding(Tensor mask) {
    return new AttentionMasks(attention, mask, isCausal);
  }

  AttentionMasks withoutCausal() {
    return new AttentionMasks(attention, keyPadding, false);
  }

  boolean areEmpty() {
    return attention == null && keyPadding == null && !isCausal;
  }
}
