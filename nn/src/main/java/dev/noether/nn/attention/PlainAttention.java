package dev.noether.nn.attention;

import dev.noether.nn.Layer;
import dev.noether.plain.Axes;
import dev.noether.plain.PlainGraph;
import dev.noether.plain.Port;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/** Attention over plain features: what its kinds share. */
abstract class PlainAttention extends Layer implements Attention {
  abstract AttentionCore core();

  /**
   * How the layer was made.
   *
   * @return the options
   */
  public final AttentionOptions options() {
    return core().heads().options();
  }

  /**
   * Self-attention without masks, at positions 0, 1, 2, ...
   *
   * @param input {@code [batch, time, size]}, or as the layout says
   * @return a tensor of the same shape
   * @throws IllegalArgumentException if the shape, the dtype or the device does not fit
   */
  public final Tensor forward(Tensor input) {
    return forward(input, input, input, AttentionMasks.none(), AttentionPositions.inOrder());
  }

  @Override
  public final Tensor forward(
      Tensor query, Tensor key, Tensor value, AttentionMasks masks, AttentionPositions positions) {
    return core().forward(query, key, value, masks, positions, null);
  }

  @Override
  public final Tensor weights(
      Tensor query, Tensor key, AttentionMasks masks, AttentionPositions positions) {
    return core().weights(query, key, masks, positions);
  }

  @Override
  public final List<Port> inputs() {
    return List.of(port("input"));
  }

  @Override
  public final Port output() {
    return port("output");
  }

  private Port port(String name) {
    return new Port(
        name, options().batchFirst() ? Axes.SEQUENCE : Axes.TIME_FIRST, core().heads().size());
  }

  @Override
  public final <V> V plainFrom(PlainGraph<V> graph, List<V> inputs, PlainLook<V> look) {
    return core().plain(graph, inputs, look);
  }

  @Override
  public final String toString() {
    Heads heads = core().heads();
    return getClass().getSimpleName()
        + "("
        + heads.size()
        + ", "
        + heads.options().headCount()
        + ")";
  }
}
