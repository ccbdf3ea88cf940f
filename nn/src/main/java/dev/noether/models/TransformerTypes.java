package dev.noether.models;

import dev.noether.nn.Layer;
import dev.noether.nn.LayerType;
import dev.noether.nn.linear.MapOptions;
import dev.noether.rep.Representation;
import java.util.function.BiFunction;
import java.util.function.Function;

/** How architectures describe transformer layers and stacks of them. */
final class TransformerTypes {
  private TransformerTypes() {}

  /** Makes a layer. */
  interface Making<S, L> {
    /** A layer of some space, whose parts have these names. */
    L of(S space, TransformerOptions options, TransformerNames names);
  }

  static <L extends Layer> LayerType<L> plain(
      Class<L> type,
      Function<L, Object> size,
      Function<L, TransformerBlock> body,
      Making<Integer, L> making) {
    return plainly(LayerType.independentOfBases(type).setting("d_model", size), body)
        .builds(
            s ->
                making.of(s.whole("d_model"), TransformerOptions.plain(s), TransformerNames.of(s)));
  }

  static <L extends Layer> LayerType<L> plainStack(
      Class<L> type,
      Function<L, Object> size,
      Function<L, LayerStack<?>> body,
      BiFunction<Integer, StackOptions, L> making) {
    return plainly(
            LayerType.independentOfBases(type)
                .setting("d_model", size)
                .settings(StackOptions.SETTINGS, layer -> body.apply(layer).stack()),
            body)
        .builds(
            s -> making.apply(s.whole("d_model"), StackOptions.of(s, TransformerOptions.plain(s))));
  }

  static <L extends Layer> LayerType<L> equivariant(
      Class<L> type,
      Function<L, Representation> in,
      Function<L, TransformerBlock> body,
      Making<Representation, L> making) {
    return equivariantly(LayerType.independentOfBases(type).representation("in", in), body)
        .builds(
            s ->
                making.of(
                    s.representation("in"),
                    TransformerOptions.equivariant(s),
                    TransformerNames.of(s)));
  }

  static <L extends Layer> LayerType<L> equivariantStack(
      Class<L> type,
      Function<L, Representation> in,
      Function<L, LayerStack<?>> body,
      BiFunction<Representation, StackOptions, L> making) {
    return equivariantly(
            LayerType.independentOfBases(type)
                .representation("in", in)
                .settings(StackOptions.SETTINGS, layer -> body.apply(layer).stack()),
            body)
        .builds(
            s ->
                making.apply(
                    s.representation("in"), StackOptions.of(s, TransformerOptions.equivariant(s))));
  }

  private static <L extends Layer> LayerType.Builder<L> plainly(
      LayerType.Builder<L> builder, Function<L, ? extends TransformerBody> body) {
    return named(
        builder.settings(TransformerOptions.PLAIN, layer -> body.apply(layer).options()), body);
  }

  private static <L extends Layer> LayerType.Builder<L> equivariantly(
      LayerType.Builder<L> builder, Function<L, ? extends TransformerBody> body) {
    return named(
        builder
            .settings(TransformerOptions.EQUIVARIANT, layer -> body.apply(layer).options())
            .settings(MapOptions.SETTINGS, layer -> body.apply(layer).options().maps()),
        body);
  }

  private static <L extends Layer> LayerType.Builder<L> named(
      LayerType.Builder<L> builder, Function<L, ? extends TransformerBody> body) {
    return builder.setting("names", layer -> body.apply(layer).names(), TransformerNames.V0_4);
  }
}
