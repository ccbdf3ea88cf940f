package dev.noether.models;

import dev.noether.plain.PlainGraph;
import org.bytedeco.pytorch.Tensor;

/** What a block of a conditional U-Net sees of the conditions. */
interface Told {
  /** The conditions themselves. */
  Told AS_THEY_ARE =
      new Told() {
        @Override
        public Tensor apply(Tensor conditions) {
          return conditions;
        }

        @Override
        public <V> V plain(PlainGraph<V> graph, V conditions) {
          return conditions;
        }
      };

  /** From conditions {@code [..., size]} to what is seen. */
  Tensor apply(Tensor conditions);

  /** The same as ordinary operations; graph is that of the layer. */
  <V> V plain(PlainGraph<V> graph, V conditions);
}
