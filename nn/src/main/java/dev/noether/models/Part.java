package dev.noether.models;

import dev.noether.plain.PlainGraph;
import dev.noether.plain.PlainLayer;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;

/**
 * A layer of one input inside another, plain or equivariant: its name there, its function, its
 * plain form.
 */
record Part(String name, UnaryOperator<Tensor> function, PlainLayer form) {
  Tensor apply(Tensor x) {
    return function.apply(x);
  }

  <V> V plain(PlainGraph<V> graph, V x) {
    return form.plain(graph.at(name), x);
  }
}
