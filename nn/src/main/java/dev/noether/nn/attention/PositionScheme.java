package dev.noether.nn.attention;

import dev.noether.plain.PlainGraph;
import org.bytedeco.pytorch.Tensor;

/** How attention knows positions. */
interface PositionScheme {
  /** What positions do, once the shape of the inputs is known. */
  PositionEffect<Tensor> effect(AttentionPositions positions, Heads.Shape shape, Tensor like);

  /**
   * The same in plain operations.
   *
   * @param query what queries come from, batch first
   * @param memory what keys come from, batch first
   */
  <V> PositionEffect<V> plain(PlainGraph<V> graph, PlainLook<V> look, V query, V memory);

  /** None is known, and those that are given are refused in the name of the layer. */
  static PositionScheme none(Object layer) {
    return new PositionScheme() {
      @Override
      public PositionEffect<Tensor> effect(
          AttentionPositions positions, Heads.Shape shape, Tensor like) {
        positions.requireNone(layer);
        return PositionEffect.none();
      }

      @Override
      public <V> PositionEffect<V> plain(
          PlainGraph<V> graph, PlainLook<V> look, V query, V memory) {
        return PositionEffect.none();
      }
    };
  }
}
