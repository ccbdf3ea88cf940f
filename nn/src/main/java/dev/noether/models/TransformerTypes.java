package dev.noether.models;

import dev.noether.nn.Layer;
import dev.noether.nn.LayerType;
import dev.noether.nn.Settings;
import dev.noether.nn.linear.MapOptions;
import dev.noether.rep.Representation;
import java.util.function.BiFunction;
import java.util.function.Function;

/**
 * How architectures describe transformer layers and stacks of them.
 *
 * @param <S> what features are: a number of them, or a representation
 */
interface TransformerTypes<S> {
  /** Makes a layer. */
  interface Making<S, L> {
    /** A layer of some space, whose parts have these names. */
    L of(S space, TransformerLayerOptions options, TransformerNames names);
  }

  /** Numbers of features, and PyTorch's options. */
  TransformerTypes<Integer> PLAIN =
      new TransformerTypes<>() {
        @Override
        public <L extends Layer> LayerType.Builder<L> withSpace(
            LayerType.Builder<L> type, Function<L, Integer> space) {
          return type.setting("d_model", space::apply);
        }

        @Override
        public <L extends Layer> LayerType.Builder<L> withOptions(
            LayerType.Builder<L> type, Function<L, TransformerLayerOptions> options) {
          return type.settings(TransformerLayerOptions.PLAIN, options);
        }

        @Override
        public Integer space(Settings settings) {
          return settings.whole("d_model");
        }

        @Override
        public TransformerLayerOptions options(Settings settings) {
          return TransformerLayerOptions.plain(settings);
        }
      };

  /** Representations, and options of equivariant maps. */
  TransformerTypes<Representation> EQUIVARIANT =
      new TransformerTypes<>() {
        @Override
        public <L extends Layer> LayerType.Builder<L> withSpace(
            LayerType.Builder<L> type, Function<L, Representation> space) {
          return type.representation("in", space);
        }

        @Override
        public <L extends Layer> LayerType.Builder<L> withOptions(
            LayerType.Builder<L> type, Function<L, TransformerLayerOptions> options) {
          return type.settings(TransformerLayerOptions.EQUIVARIANT, options)
              .settings(MapOptions.SETTINGS, options.andThen(TransformerLayerOptions::maps));
        }

        @Override
        public Representation space(Settings settings) {
          return settings.representation("in");
        }

        @Override
        public TransformerLayerOptions options(Settings settings) {
          return TransformerLayerOptions.equivariant(settings);
        }
      };

  /** Tells the space of a layer. */
  <L extends Layer> LayerType.Builder<L> withSpace(LayerType.Builder<L> type, Function<L, S> space);

  /** Tells how a layer was made. */
  <L extends Layer> LayerType.Builder<L> withOptions(
      LayerType.Builder<L> type, Function<L, TransformerLayerOptions> options);

  /** The space that an architecture tells. */
  S space(Settings settings);

  /** The options that an architecture tells. */
  TransformerLayerOptions options(Settings settings);

  /** The type of a layer. */
  default <L extends Layer> LayerType<L> layer(
      Class<L> layer,
      Function<L, S> space,
      Function<L, TransformerBlock> body,
      Making<S, L> making) {
    return type(withSpace(LayerType.independentOfBases(layer), space), body)
        .builds(s -> making.of(space(s), options(s), TransformerNames.of(s)));
  }

  /** The type of a stack. */
  default <L extends Layer> LayerType<L> stack(
      Class<L> layer,
      Function<L, S> space,
      Function<L, LayerStack<?>> body,
      BiFunction<S, StackOptions, L> making) {
    return type(
            withSpace(LayerType.independentOfBases(layer), space)
                .settings(StackOptions.SETTINGS, own -> body.apply(own).stack()),
            body)
        .builds(s -> making.apply(space(s), StackOptions.of(s, options(s))));
  }

  private <L extends Layer> LayerType.Builder<L> type(
      LayerType.Builder<L> type, Function<L, ? extends TransformerBody> body) {
    return withOptions(type, own -> body.apply(own).options())
        .setting("names", own -> body.apply(own).names(), TransformerNames.V0_4);
  }
}
