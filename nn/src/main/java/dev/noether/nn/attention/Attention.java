package dev.noether.nn.attention;

import dev.noether.nn.linear.EquivariantAffine;
import dev.noether.plain.NamedInputs;
import dev.noether.plain.PlainGraph;
import dev.noether.plain.PlainLayer;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Attention of any kind: with or without positions, equivariant or not. What a transformer layer
 * attends with.
 *
 * <p>By name its inputs are {@code query}, {@code key} and {@code value}, or {@code memory} for
 * both of these, and without them it attends from the query to itself; {@code attn_mask}, {@code
 * key_padding_mask}, {@code q_positions}, {@code k_positions}, {@code q_position_mask} and {@code
 * k_position_mask}.
 */
public interface Attention extends NamedInputs, PlainLayer {
  /**
   * Attends from queries to keys and values.
   *
   * @param query {@code [batch, queries, size]}, or as the layout says
   * @param key {@code [batch, keys, size]}
   * @param value {@code [batch, keys, size]}
   * @param masks what may not be looked at; a query that may look at nothing gives zeros before the
   *     output projection
   * @param positions where queries and keys stand
   * @return {@code [batch, queries, size]}
   * @throws IllegalArgumentException if a shape, a dtype or a device does not fit
   */
  Tensor forward(
      Tensor query, Tensor key, Tensor value, AttentionMasks masks, AttentionPositions positions);

  /**
   * The same from queries that scales follow, as those of a norm before it. In evaluation without
   * gradients they may become part of a kept weight.
   *
   * @param query {@code [batch, queries, size]}, or as the layout says, before the scales
   * @param key {@code [batch, keys, size]}; the query itself to attend from it to itself, scaled
   * @param value {@code [batch, keys, size]}; likewise
   * @param masks what may not be looked at
   * @param positions where queries and keys stand
   * @param scales a layer without bias
   * @return {@code [batch, queries, size]}
   * @throws IllegalArgumentException if a shape, a dtype or a device does not fit
   */
  default Tensor forward(
      Tensor query,
      Tensor key,
      Tensor value,
      AttentionMasks masks,
      AttentionPositions positions,
      EquivariantAffine scales) {
    Tensor scaled = scales.forward(query);
    Tensor keys = key.equals(query) ? scaled : key;
    Tensor values = value.equals(query) ? scaled : value;
    return forward(scaled, keys, values, masks, positions);
  }

  /**
   * The weights of attention, without dropout.
   *
   * @param query {@code [batch, queries, size]}, or as the layout says
   * @param key {@code [batch, keys, size]}
   * @param masks what may not be looked at
   * @param positions where queries and keys stand
   * @return {@code [batch, heads, queries, keys]}, without the batch where the inputs have none;
   *     every row sums to one, or is zero where nothing may be looked at
   * @throws IllegalArgumentException if a shape, a dtype or a device does not fit
   */
  Tensor weights(Tensor query, Tensor key, AttentionMasks masks, AttentionPositions positions);

  @Override
  default List<String> requiredInputs() {
    return List.of("query");
  }

  @Override
  default List<String> optionalInputs() {
    return List.of(
        "key",
        "value",
        "memory",
        "attn_mask",
        "key_padding_mask",
        "q_positions",
        "k_positions",
        "q_position_mask",
        "k_position_mask");
  }

  @Override
  default Tensor applyNamed(Map<String, Tensor> inputs) {
    Tensor query = inputs.getOrDefault("query", new Tensor());
    @Nullable Tensor memory = inputs.getOrDefault("memory", query);
    Tensor key = inputs.getOrDefault("key", memory);
    Tensor value = inputs.getOrDefault("value", inputs.getOrDefault("memory", key));
    return forward(
        query,
        key,
        value,
        new AttentionMasks(inputs.get("attn_mask"), inputs.get("key_padding_mask"), false),
        new AttentionPositions(
            inputs.get("q_positions"),
            inputs.get("k_positions"),
            inputs.get("q_position_mask"),
            inputs.get("k_position_mask")));
  }

  /** Self-attention without masks, at positions 0, 1, 2, ... */
  @Override
  default <V> V plain(PlainGraph<V> graph, V x) {
    return plainFrom(graph, List.of(x));
  }

  /**
   * Writes attention down as ordinary operations, without masks, at positions 0, 1, 2, ...
   *
   * @param <V> a value inside the graph
   * @param graph where to write
   * @param inputs the query, and the memory that keys and values come from where that is another
   * @return the output
   */
  default <V> V plainFrom(PlainGraph<V> graph, List<V> inputs) {
    return plainFrom(graph, inputs, PlainLook.inOrder());
  }

  /**
   * Writes attention down as ordinary operations.
   *
   * @param <V> a value inside the graph
   * @param graph where to write
   * @param inputs the query, and the memory that keys and values come from where that is another
   * @param look what may not be looked at, and positions
   * @return the output
   */
  <V> V plainFrom(PlainGraph<V> graph, List<V> inputs, PlainLook<V> look);
}
