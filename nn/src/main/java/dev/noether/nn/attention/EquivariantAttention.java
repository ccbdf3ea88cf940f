package dev.noether.nn.attention;

import dev.noether.nn.EquivariantLayer;
import dev.noether.nn.LayerType;
import dev.noether.nn.Settings;
import dev.noether.nn.linear.EquivariantAffine;
import dev.noether.plain.Axes;
import dev.noether.plain.PlainGraph;
import dev.noether.rep.Representation;
import java.util.List;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;

/** Attention that commutes with a group: what its kinds share. */
abstract class EquivariantAttention extends EquivariantLayer implements Attention {
  private final Representation whole;

  EquivariantAttention(Representation representation, AttentionOptions options) {
    super(
        options.maps().restricted(representation),
        options.maps().restricted(representation),
        options.batchFirst() ? Axes.SEQUENCE : Axes.TIME_FIRST);
    whole = representation;
  }

  /** How inputs and outputs transform under the whole group, where maps know a subgroup. */
  final Representation whole() {
    return whole;
  }

  /** Makes a layer of a representation, its own settings, and options. */
  interface Making<L> {
    L of(Representation representation, Settings settings, AttentionOptions options);
  }

  /**
   * How architectures describe all of them.
   *
   * @param own what a kind tells besides
   */
  static <L extends EquivariantAttention> LayerType<L> type(
      LayerType.Builder<L> layer, UnaryOperator<LayerType.Builder<L>> own, Making<L> making) {
    return own.apply(layer.representation("in", EquivariantAttention::whole))
        .settings(AttentionOptions.SETTINGS, EquivariantAttention::options)
        .builds(s -> making.of(s.representation("in"), s, AttentionOptions.of(s)));
  }

  /** The child {@code attn} of a layer with positions: attention without them. */
  final EquivariantMultiheadAttention inner(AttentionOptions options) {
    return registerChild("attn", new EquivariantMultiheadAttention(whole, options));
  }

  abstract AttentionCore core();

  /**
   * How the layer was made.
   *
   * @return the options
   */
  public final AttentionOptions options() {
    return core().heads().options();
  }

  /** Self-attention without masks, at positions 0, 1, 2, ... */
  @Override
  protected final Tensor compute(Tensor input) {
    return core()
        .forward(input, input, input, AttentionMasks.none(), AttentionPositions.inOrder(), null);
  }

  @Override
  public final Tensor forward(
      Tensor query, Tensor key, Tensor value, AttentionMasks masks, AttentionPositions positions) {
    return core().forward(query, key, value, masks, positions, null);
  }

  @Override
  public final Tensor forward(
      Tensor query,
      Tensor key,
      Tensor value,
      AttentionMasks masks,
      AttentionPositions positions,
      EquivariantAffine scales) {
    return core().forward(query, key, value, masks, positions, scales);
  }

  @Override
  public final Tensor weights(
      Tensor query, Tensor key, AttentionMasks masks, AttentionPositions positions) {
    return core().weights(query, key, masks, positions);
  }

  @Override
  public final <V> V plainFrom(PlainGraph<V> graph, List<V> inputs, PlainLook<V> look) {
    return core().plain(graph, inputs, look);
  }

  @Override
  public final String toString() {
    return getClass().getSimpleName() + "(" + in() + ", " + options().headCount() + ")";
  }
}
