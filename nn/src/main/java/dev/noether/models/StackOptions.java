package dev.noether.models;

import static dev.noether.algebra.Checks.require;

import dev.noether.nn.SettingGroup;
import dev.noether.nn.Settings;
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
record StackOptions(
    int layers, boolean hasNorm, TransformerLayerOptions layer, TransformerNames names) {
  /** The settings of an architecture, beside those of a layer. */
  static final SettingGroup<StackOptions> SETTINGS =
      new SettingGroup<StackOptions>()
          .required("num_layers", StackOptions::layers)
          .with("final_norm", StackOptions::hasNorm, false);

  /** Layers of one stack draw their weights from seeds this far apart. */
  private static final int SEEDS = 100;

  StackOptions {
    require(layers >= 1, "a stack has at least one layer, got %d", layers);
  }

  static StackOptions of(int layers, TransformerLayerOptions layer) {
    return new StackOptions(layers, false, layer, TransformerNames.V0_4);
  }

  /** The stack that an architecture describes, of layers that are made so. */
  static StackOptions of(Settings settings, TransformerLayerOptions layer) {
    return new StackOptions(
        settings.whole("num_layers"),
        settings.flag("final_norm"),
        layer,
        TransformerNames.of(settings));
  }

  StackOptions withNorm() {
    return new StackOptions(layers, true, layer, names);
  }

  /** The options of one layer of the stack. */
  TransformerLayerOptions layer(int place) {
    return layer.with(layer.maps().forPart(SEEDS * place));
  }

  /** The norm after the last layer; null where there is none. */
  <S> @Nullable Part norm(LayerParts<S> parts, S space) {
    NormOptions own = new NormOptions(layer.eps(), layer.maps().bias(), layer.maps().dtype());
    return hasNorm ? parts.norm("norm", space, layer.norm(), own) : null;
  }

  /** Words about a stack. */
  String words(Object space) {
    return layers + (layers == 1 ? " layer, " : " layers, ") + space + ", " + layer.words();
  }
}
