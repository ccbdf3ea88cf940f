package dev.noether.models;

import static dev.noether.algebra.Checks.requirePresent;

import dev.noether.nn.EquivariantLayer;
import dev.noether.nn.LayerType;
import dev.noether.nn.Settings;
import dev.noether.nn.linear.MapOptions;
import dev.noether.rep.Representation;
import java.util.function.Function;

/**
 * How a multilayer perceptron that commutes with a group is made.
 *
 * @param hidden what hidden features are copies of
 * @param options hidden layers, activations, dropout, batch norm
 * @param maps the options of the linear layers
 */
record MlpDesign(Representation hidden, MlpOptions options, MapOptions maps) {
  MlpDesign {
    requirePresent(hidden, "hidden features are copies of a representation, got null");
  }

  /** On copies of the regular representation. */
  static MlpDesign regular(Representation in, MlpOptions options, MapOptions maps) {
    requirePresent(in, "a multilayer perceptron needs to know how its inputs transform, got null");
    return new MlpDesign(Representation.regular(in.finiteGroup()), options, maps);
  }

  /** What architectures tell of it. */
  static <L extends EquivariantLayer> LayerType.Builder<L> type(
      LayerType.Builder<L> type, Function<L, MlpDesign> get) {
    return type.representation("hidden", layer -> get.apply(layer).hidden)
        .settings(MlpOptions.SETTINGS, layer -> get.apply(layer).options)
        .settings(MapOptions.SETTINGS, layer -> get.apply(layer).maps);
  }

  /** The design that an architecture tells. */
  static MlpDesign of(Settings settings, Representation in) {
    return new MlpDesign(
        settings.optional("hidden").orElseGet(() -> Representation.regular(in.finiteGroup())),
        MlpOptions.of(settings),
        MapOptions.of(settings));
  }

  /** As many copies as hold a width. */
  static Representation widened(Representation hidden, int units) {
    return hidden.times((units + hidden.size() - 1) / hidden.size());
  }

  /** The features after a hidden layer, from 0. */
  Representation features(int layer) {
    return widened(hidden, options.hiddenUnits().get(layer));
  }

  String words(EquivariantLayer layer) {
    return layer.getClass().getSimpleName()
        + "("
        + layer.in()
        + " -> "
        + options.hiddenUnits()
        + " -> "
        + layer.out()
        + ")";
  }
}
