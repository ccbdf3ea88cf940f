package dev.noether.models;

import static dev.noether.algebra.Checks.require;

import dev.noether.nn.norm.NormOptions;
import org.jspecify.annotations.Nullable;

/**
 * A stack of transformer layers.
 *
 * @param layers how many
 * @param hasNorm whether a norm comes last
 * @param layer how each is made; their seeds differ
 * @param names the names inside each
 */
record StackOptions(int layers, boolean hasNorm, TransformerOptions layer, TransformerNames names) {
  /** Layers of one stack draw their weights from seeds this far apart. */
  private static final int SEEDS = 100;

  StackOptions {
    require(layers >= 1, "a stack has at least one layer, got %d", layers);
  }

  static StackOptions of(int layers, TransformerOptions layer) {
    return new StackOptions(layers, false, layer, TransformerNames.V0_4);
  }

  StackOptions withNorm() {
    return new StackOptions(layers, true, layer, names);
  }

  /** The options of one layer of the stack. */
  TransformerOptions layer(int place) {
    return layer.with(layer.maps().forPart(SEEDS * place));
  }

  /** The norm after the last layer; null where there is none. */
  <S> @Nullable Part norm(LayerParts<S> parts, S space) {
    NormOptions own = new NormOptions(layer.eps(), layer.maps().bias(), layer.maps().dtype());
    return hasNorm ? parts.norm("norm", space, layer.norm(), own) : null;
  }

  /** Words about a stack. */
  String words(String name, Object space) {
    return name
        + "("
        + layers
        + (layers == 1 ? " layer, " : " layers, ")
        + space
        + ", "
        + layer.words()
        + ")";
  }
}
