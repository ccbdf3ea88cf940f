package dev.noether.models;

import dev.noether.plain.PlainGraph;
import org.bytedeco.pytorch.Tensor;

/** How the step of a diffusion, or the time of a flow, becomes features. */
interface EmbeddedStep {
  /**
   * The features of steps.
   *
   * @param step {@code []}, {@code [1]}, {@code [batch]} or {@code [batch, 1]}, whole or not
   * @return {@code [batch, size]}, or {@code [1, size]} of one step for all
   * @throws IllegalArgumentException if a step is not finite, or their number is not the batch's
   */
  Tensor apply(Tensor step, long batch);

  /** In plain operations, from steps {@code [batch, 1]} to {@code [batch, size]}. */
  <V> V plain(PlainGraph<V> graph, V step);
}
