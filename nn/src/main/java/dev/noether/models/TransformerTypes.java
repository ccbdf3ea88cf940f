package dev.noether.models;

import dev.noether.nn.Layer;
import dev.noether.nn.LayerType;
import dev.noether.nn.SettingGroup;
import dev.noether.nn.Settings;
import dev.noether.rep.Representation;
import java.util.function.BiFunction;
import java.util.function.Function;

/**
 * How architectures describe transformer layers and stacks of them.
 *
 * @param <S> what features are: a number of them, or a representation
 * @param telling how the space of a layer is told
 * @param group how options are told
 * @param space reads the space
 * @param options reads the options
 */
record TransformerTypes<S>(
    TransformerTypes.Telling<S> telling,
    SettingGroup<TransformerLayerOptions> group,
    Function<Settings, S> space,
    Function<Settings, TransformerLayerOptions> options) {
  /** Makes a layer. */
  interface Making<S, L> {
    /** A layer of some space, whose parts have these names. */
    L of(S space, TransformerLayerOptions options, TransformerNames names);
  }

  /** Tells the space of a layer. */
  interface Telling<S> {
    /** Adds it to what an architecture tells. */
    <L extends Layer> LayerType.Builder<L> of(LayerType.Builder<L> type, Function<L, S> space);
  }

  /** Numbers of features, and PyTorch's options. */
  static final TransformerTypes<Integer> PLAIN =
      new TransformerTypes<>(
          TransformerTypes::width,
          TransformerLayerOptions.PLAIN,
          settings -> settings.whole("d_model"),
          TransformerLayerOptions::plain);

  /** Representations, and options of equivariant maps. */
  static final TransformerTypes<Representation> EQUIVARIANT =
      new TransformerTypes<>(
          TransformerTypes::representation,
          TransformerLayerOptions.EQUIVARIANT,
          settings -> settings.representation("in"),
          TransformerLayerOptions::equivariant);

  private static <L extends Layer> LayerType.Builder<L> width(
      LayerType.Builder<L> type, Function<L, Integer> space) {
    return type.setting("d_model", space::apply);
  }

  private static <L extends Layer> LayerType.Builder<L> representation(
      LayerType.Builder<L> type, Function<L, Representation> space) {
    return type.representation("in", space);
  }

  /** The type of a layer. */
  <L extends Layer> LayerType<L> layer(
      Class<L> layer,
      Function<L, S> spaceOf,
      Function<L, TransformerBlock> body,
      Making<S, L> making) {
    return type(telling.of(LayerType.independentOfBases(layer), spaceOf), body)
        .builds(s -> making.of(space.apply(s), options.apply(s), TransformerNames.of(s)));
  }

  /** The type of a stack. */
  <L extends Layer> LayerType<L> stack(
      Class<L> layer,
      Function<L, S> spaceOf,
      Function<L, LayerStack<?>> body,
      BiFunction<S, StackOptions, L> making) {
    return type(
            telling
                .of(LayerType.independentOfBases(layer), spaceOf)
                .settings(StackOptions.SETTINGS, own -> body.apply(own).stack()),
            body)
        .builds(s -> making.apply(space.apply(s), StackOptions.of(s, options.apply(s))));
  }

  private <L extends Layer> LayerType.Builder<L> type(
      LayerType.Builder<L> type, Function<L, ? extends TransformerBody> body) {
    return type.settings(group, own -> body.apply(own).options())
        .setting("names", own -> body.apply(own).names(), TransformerNames.V0_4);
  }
}
