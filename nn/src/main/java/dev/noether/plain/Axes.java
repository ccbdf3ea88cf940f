package dev.noether.plain;

import java.util.List;
import org.bytedeco.pytorch.Tensor;

/** What the axes of a layer's tensors are. */
public enum Axes {
  /** {@code [..., size]}: features last; all other axes count as samples. */
  FEATURES(-1, "batch,"),

  /** {@code [batch, time, size]}, as attention takes them, or {@code [time, size]}. */
  SEQUENCE(-1, "batch,time,"),

  /** {@code [time, batch, size]}, PyTorch's default for attention, or {@code [time, size]}. */
  TIME_FIRST(-1, "time,batch,"),

  /** {@code [batch, size, time]}, as convolutions take them, or {@code [size, time]}. */
  CHANNELS(-2, "batch,,time");

  private final int featureAxis;
  private final String names;

  Axes(int featureAxis, String names) {
    this.featureAxis = featureAxis;
    this.names = names;
  }

  /**
   * Where the features are.
   *
   * @return -1 for the last axis, -2 for the one before it
   */
  public int featureAxis() {
    return featureAxis;
  }

  /**
   * The names of the axes of a batch.
   *
   * @return {@code batch}, {@code time}, and an empty name for the features
   */
  public List<String> names() {
    return List.of(names.split(",", -1));
  }

  /**
   * Whether a layer with these axes needs to know where time is.
   *
   * @return false for {@link #FEATURES}
   */
  public boolean hasTime() {
    return this != FEATURES;
  }

  /**
   * A tensor with its features and its time moved to another place. {@link #FEATURES} leaves time
   * where the other has it.
   *
   * @param other where they should be
   * @param tensor a tensor with these axes, with or without a batch
   * @return a view
   */
  public Tensor to(Axes other, Tensor tensor) {
    if (this == other) {
      return tensor;
    }
    Tensor last = featureAxis == -1 ? tensor : tensor.transpose(-1, featureAxis);
    if (swapsTime(other) && tensor.dim() > 2) {
      last = last.transpose(0, 1);
    }
    return other.featureAxis == -1 ? last : last.transpose(-1, other.featureAxis);
  }

  private boolean swapsTime(Axes other) {
    return hasTime() && other.hasTime() && (this == TIME_FIRST) != (other == TIME_FIRST);
  }

  /**
   * A value of a graph with its features and its time moved to another place.
   *
   * @param <V> a value inside the graph
   * @param other where they should be
   * @param graph the graph
   * @param x a value of a batch with these axes
   * @return the value with the other axes
   */
  public <V> V to(Axes other, PlainGraph<V> graph, V x) {
    if (this == other) {
      return x;
    }
    V last = featureAxis == -1 ? x : graph.permute(x, 1, 0);
    if (swapsTime(other)) {
      last = graph.permute(last, 1, 0, 2);
    }
    return other.featureAxis == -1 ? last : graph.permute(last, 1, 0);
  }
}
