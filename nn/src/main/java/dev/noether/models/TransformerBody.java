package dev.noether.models;

import dev.noether.nn.attention.AttentionMasks;
import dev.noether.nn.attention.AttentionPositions;
import dev.noether.nn.attention.PlainLook;
import dev.noether.plain.PlainGraph;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/** What a transformer layer or a stack of them computes, plain or equivariant. */
interface TransformerBody {
  /** What an attention looks at besides its query; tokens among themselves need no memory. */
  record Look(Tensor memory, AttentionMasks masks, AttentionPositions positions) {}

  /** How a layer was made. */
  TransformerLayerOptions options();

  /** The names of the parts of a layer. */
  TransformerNames names();

  /**
   * Features after it.
   *
   * @param looks of the tokens among themselves, and in a decoder at the memory
   */
  Tensor apply(Tensor x, List<Look> looks);

  /** The plain form: of an encoder from one input and look, of a decoder from two. */
  <V> V plain(PlainGraph<V> graph, List<V> inputs, List<PlainLook<V>> looks);

  /** Words about it. */
  String words(Object space);
}
