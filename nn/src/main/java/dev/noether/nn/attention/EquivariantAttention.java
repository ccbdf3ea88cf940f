package dev.noether.nn.attention;

import dev.noether.nn.EquivariantLayer;
import dev.noether.nn.linear.EquivariantAffine;
import dev.noether.plain.Axes;
import dev.noether.plain.PlainGraph;
import dev.noether.plain.PlainLayer;
import dev.noether.rep.Representation;
import java.util.List;
import org.bytedeco.pytorch.GradMode;
import org.bytedeco.pytorch.Tensor;

/** Attention that commutes with a group: what its kinds share. */
abstract class EquivariantAttention extends EquivariantLayer implements Attention, PlainLayer {
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

  abstract AttentionCore core();

  /** What positions do; those that none is known of are refused. */
  PositionEffect<Tensor> effect(AttentionPositions positions, Heads.Shape shape, Tensor like) {
    positions.requireNone(this);
    return PositionEffect.none();
  }

  /**
   * What positions do in the plain form.
   *
   * @param query what queries come from, batch first
   * @param memory what keys come from, batch first
   */
  <V> PositionEffect<V> plainEffect(PlainGraph<V> graph, PlainLook<V> look, V query, V memory) {
    return PositionEffect.none();
  }

  /** Where the names of the projections are. */
  <V> PlainGraph<V> inside(PlainGraph<V> graph) {
    return graph.at("attn");
  }

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
    return forward(input, input, input, AttentionMasks.none(), AttentionPositions.inOrder());
  }

  @Override
  public final Tensor forward(
      Tensor query, Tensor key, Tensor value, AttentionMasks masks, AttentionPositions positions) {
    return core()
        .forward(query, key, value, new AttentionCore.Call(masks, positions, this::effect));
  }

  @Override
  public final Tensor forward(
      Tensor query,
      Tensor key,
      Tensor value,
      AttentionMasks masks,
      AttentionPositions positions,
      EquivariantAffine scales) {
    boolean keeps = !isTraining() && !GradMode.is_enabled();
    return keeps
        ? core()
            .forward(
                query, key, value, new AttentionCore.Call(masks, positions, this::effect, scales))
        : Attention.super.forward(query, key, value, masks, positions, scales);
  }

  @Override
  public final Tensor weights(
      Tensor query, Tensor key, AttentionMasks masks, AttentionPositions positions) {
    return core().weights(query, key, new AttentionCore.Call(masks, positions, this::effect));
  }

  /** Self-attention without masks, at positions 0, 1, 2, ... */
  @Override
  public final <V> V plain(PlainGraph<V> graph, V x) {
    return plainFrom(graph, List.of(x));
  }

  @Override
  public final <V> V plainFrom(PlainGraph<V> graph, List<V> inputs, PlainLook<V> look) {
    List<V> ordered = core().heads().ordered(graph, inputs);
    PositionEffect<V> effect =
        plainEffect(graph, look, ordered.get(0), ordered.get(ordered.size() - 1));
    return core().plain(inside(graph), ordered, effect, look);
  }

  @Override
  public final String toString() {
    return getClass().getSimpleName() + "(" + in() + ", " + options().headCount() + ")";
  }
}
