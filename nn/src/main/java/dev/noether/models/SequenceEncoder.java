package dev.noether.models;

import dev.noether.nn.attention.AttentionMasks;
import dev.noether.nn.attention.AttentionPositions;
import dev.noether.nn.attention.PlainLook;
import dev.noether.plain.Forward;
import dev.noether.plain.NamedInputs;
import dev.noether.plain.PlainGraph;
import dev.noether.plain.PlainLayer;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/**
 * From a sequence of tokens to one of the same shape: a transformer encoder layer or a stack of
 * them, equivariant or not.
 *
 * <p>Inputs by name: {@code src}, and where they are wanted {@code src_mask}, {@code
 * src_key_padding_mask}, {@code src_positions}, {@code src_position_mask}.
 */
public interface SequenceEncoder extends Forward, NamedInputs, PlainLayer {
  /**
   * Applies the layer.
   *
   * @param src {@code [batch, time, size]}, or as the layout says
   * @param masks what may not be looked at
   * @param positions where the tokens stand
   * @return a tensor of the same shape
   * @throws IllegalArgumentException if a shape, a dtype or a device does not fit
   */
  Tensor forward(Tensor src, AttentionMasks masks, AttentionPositions positions);

  /**
   * Applies the layer, at positions 0, 1, 2, ...
   *
   * @param src {@code [batch, time, size]}, or as the layout says
   * @param masks what may not be looked at
   * @return a tensor of the same shape
   * @throws IllegalArgumentException if a shape, a dtype or a device does not fit
   */
  default Tensor forward(Tensor src, AttentionMasks masks) {
    return forward(src, masks, AttentionPositions.inOrder());
  }

  /**
   * Applies the layer without masks, at positions 0, 1, 2, ...
   *
   * @param src {@code [batch, time, size]}, or as the layout says
   * @return a tensor of the same shape
   * @throws IllegalArgumentException if the shape, the dtype or the device does not fit
   */
  @Override
  default Tensor forward(Tensor src) {
    return forward(src, AttentionMasks.none());
  }

  /** Without masks, at positions 0, 1, 2, ... */
  @Override
  default <V> V plain(PlainGraph<V> graph, V x) {
    return plain(graph, x, PlainLook.inOrder());
  }

  /**
   * Writes the layer down as ordinary operations.
   *
   * @param <V> a value inside the graph
   * @param graph where to write
   * @param x the tokens
   * @param look what may not be looked at, and where the tokens stand
   * @return the output
   */
  <V> V plain(PlainGraph<V> graph, V x, PlainLook<V> look);

  @Override
  default List<String> requiredInputs() {
    return List.of("src");
  }

  @Override
  default List<String> optionalInputs() {
    return List.of("src_mask", "src_key_padding_mask", "src_positions", "src_position_mask");
  }

  @Override
  default Tensor applyNamed(Map<String, Tensor> inputs) {
    return forward(
        inputs.getOrDefault("src", new Tensor()),
        new AttentionMasks(inputs.get("src_mask"), inputs.get("src_key_padding_mask"), false),
        new AttentionPositions(
            inputs.get("src_positions"),
            inputs.get("src_positions"),
            inputs.get("src_position_mask"),
            inputs.get("src_position_mask")));
  }
}
