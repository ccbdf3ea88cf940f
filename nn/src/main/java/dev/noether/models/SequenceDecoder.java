package dev.noether.models;

import static dev.noether.algebra.Checks.require;

import dev.noether.nn.attention.AttentionMasks;
import dev.noether.nn.attention.AttentionPositions;
import dev.noether.nn.attention.PlainLook;
import dev.noether.plain.NamedInputs;
import dev.noether.plain.PlainGraph;
import dev.noether.plain.PlainLayer;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/**
 * From a sequence of tokens, which look at each other and at a memory, to one of the same shape: a
 * transformer decoder layer or a stack of them, equivariant or not.
 *
 * <p>Inputs by name: {@code tgt}, {@code memory}, and where they are wanted {@code tgt_mask},
 * {@code memory_mask}, {@code tgt_key_padding_mask}, {@code memory_key_padding_mask}, {@code
 * tgt_positions}, {@code memory_positions}, {@code tgt_position_mask}, {@code
 * memory_position_mask}.
 */
public interface SequenceDecoder extends NamedInputs, PlainLayer {
  /**
   * Applies the layer.
   *
   * @param tgt {@code [batch, time, size]}, or as the layout says
   * @param memory {@code [batch, memory time, size]}
   * @param selfMasks what tokens may not look at among themselves
   * @param memoryMasks what tokens may not look at in the memory
   * @param selfPositions where the tokens stand
   * @param memoryPositions where the tokens (as queries) and the memory (as keys) stand
   * @return a tensor of the shape of {@code tgt}
   * @throws IllegalArgumentException if a shape, a dtype or a device does not fit
   */
  Tensor forward(
      Tensor tgt,
      Tensor memory,
      AttentionMasks selfMasks,
      AttentionMasks memoryMasks,
      AttentionPositions selfPositions,
      AttentionPositions memoryPositions);

  /**
   * Applies the layer, at positions 0, 1, 2, ...
   *
   * @param tgt {@code [batch, time, size]}, or as the layout says
   * @param memory {@code [batch, memory time, size]}
   * @param selfMasks what tokens may not look at among themselves
   * @param memoryMasks what tokens may not look at in the memory
   * @return a tensor of the shape of {@code tgt}
   * @throws IllegalArgumentException if a shape, a dtype or a device does not fit
   */
  default Tensor forward(
      Tensor tgt, Tensor memory, AttentionMasks selfMasks, AttentionMasks memoryMasks) {
    AttentionPositions inOrder = AttentionPositions.inOrder();
    return forward(tgt, memory, selfMasks, memoryMasks, inOrder, inOrder);
  }

  /**
   * Applies the layer without masks, at positions 0, 1, 2, ...
   *
   * @param tgt {@code [batch, time, size]}, or as the layout says
   * @param memory {@code [batch, memory time, size]}
   * @return a tensor of the shape of {@code tgt}
   * @throws IllegalArgumentException if a shape, a dtype or a device does not fit
   */
  default Tensor forward(Tensor tgt, Tensor memory) {
    return forward(tgt, memory, AttentionMasks.none(), AttentionMasks.none());
  }

  @Override
  default List<String> requiredInputs() {
    return List.of("tgt", "memory");
  }

  @Override
  default List<String> optionalInputs() {
    return List.of(
        "tgt_mask",
        "memory_mask",
        "tgt_key_padding_mask",
        "memory_key_padding_mask",
        "tgt_positions",
        "memory_positions",
        "tgt_position_mask",
        "memory_position_mask");
  }

  @Override
  default Tensor applyNamed(Map<String, Tensor> inputs) {
    AttentionPositions cross =
        new AttentionPositions(
            inputs.get("tgt_positions"),
            inputs.get("memory_positions"),
            inputs.get("tgt_position_mask"),
            inputs.get("memory_position_mask"));
    return forward(
        inputs.getOrDefault("tgt", new Tensor()),
        inputs.getOrDefault("memory", new Tensor()),
        new AttentionMasks(inputs.get("tgt_mask"), inputs.get("tgt_key_padding_mask"), false),
        new AttentionMasks(inputs.get("memory_mask"), inputs.get("memory_key_padding_mask"), false),
        new AttentionPositions(cross.query(), cross.query(), cross.hasQuery(), cross.hasQuery()),
        cross);
  }

  /** From tokens and memory, without masks, both at positions 0, 1, 2, ... */
  @Override
  default <V> V plain(PlainGraph<V> graph, List<V> inputs) {
    require(inputs.size() == 2, "the layer takes 2 inputs, got %d", inputs.size());
    return plain(graph, inputs, PlainLook.inOrder(), PlainLook.inOrder());
  }

  /**
   * Writes the layer down as ordinary operations.
   *
   * @param <V> a value inside the graph
   * @param graph where to write
   * @param inputs tokens and memory
   * @param self what tokens may not look at among themselves, and where they stand
   * @param memory what tokens may not look at in the memory, and where both stand
   * @return the output
   */
  <V> V plain(PlainGraph<V> graph, List<V> inputs, PlainLook<V> self, PlainLook<V> memory);

  /** Always refused: the layer takes two inputs. */
  @Override
  default <V> V plain(PlainGraph<V> graph, V x) {
    return plain(graph, List.of(x));
  }
}
