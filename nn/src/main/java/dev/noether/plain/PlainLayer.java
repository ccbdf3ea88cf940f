package dev.noether.plain;

import static dev.noether.algebra.Checks.require;

import java.util.List;

/**
 * A layer that can be written down as ordinary operations on dense tensors: what exporters take.
 *
 * <p>All layers of this library from features to features are; those that give distributions or
 * keep statistics are not. A layer of your own that is to be exported implements it. {@link
 * EagerGraph} runs the plain form, so that it can be the layer's function, or judge it.
 */
public interface PlainLayer {
  /**
   * The inputs of the plain form, in order.
   *
   * @return at least one
   */
  List<Port> inputs();

  /**
   * The output of the plain form.
   *
   * @return what {@link #plain} gives
   */
  Port output();

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

  /**
   * Writes the layer down with all its inputs.
   *
   * @param <V> a value inside the graph
   * @param graph where to write
   * @param inputs values for {@link #inputs}
   * @return the output
   * @throws IllegalArgumentException if their number is not that of the inputs
   */
  default <V> V plain(PlainGraph<V> graph, List<V> inputs) {
    require(
        inputs.size() == 1 && inputs().size() == 1,
        "%s takes %d inputs, got %d",
        this,
        inputs().size(),
        inputs.size());
    return plain(graph, inputs.get(0));
  }
}
