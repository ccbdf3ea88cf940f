package dev.noether.nn;

/**
 * A layer that can be written down as ordinary operations on dense tensors: what exporters take.
 *
 * <p>All layers of this package from features to features are; those that give distributions or
 * keep statistics are not. A layer of your own that is to be exported implements it.
 */
public interface PlainLayer {
  /**
   * Writes the layer down in evaluation mode, with its present weights.
   *
   * @param <V> a value inside the graph
   * @param graph where to write
   * @param x the input, as the layer's {@code forward} takes it
   * @return the output
   * @throws IllegalArgumentException if the layer needs more than that input and its weights, as a
   *     FiLM layer or a batch norm without running statistics
   */
  <V> V plain(PlainGraph<V> graph, V x);
}
