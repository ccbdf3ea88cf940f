package dev.noether.nn.bilinear;

import dev.noether.nn.BasisUse;
import dev.noether.nn.linear.EquivariantLinear;
import dev.noether.plain.PlainGraph;
import dev.noether.torch.Tensors;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * Products of copies of irreps, and the linear layer that mixes them.
 *
 * @param products which are formed
 * @param mixing the child {@code mixing}; its coefficients are all that trains
 */
record BilinearMap(Products products, EquivariantLinear mixing) {
  List<BasisUse> bases() {
    return products.bases("mixing", mixing);
  }

  /** From inputs with the same leading axes. */
  Tensor apply(Tensor x, Tensor y) {
    return mixing
        .forward(products.apply(x, y))
        .reshape(Tensors.shapeWithLast(x, mixing.out().size()));
  }

  <V> V plain(PlainGraph<V> graph, V x, V y) {
    return mixing.plain(graph.at("mixing"), products.plain(graph, x, y));
  }
}
