package dev.noether.plain;

import static dev.noether.algebra.Checks.require;

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
  CHANNELS(-2, "batch,,time"),

  /**
   * {@code [batch, size, height, width]}, fields on the plane, or {@code [size, height, width]}.
   */
  PLANE(-3, "batch,,height,width"),

  /**
   * {@code [batch, size, depth, height, width]}, fields in space, or {@code [size, depth, height,
   * width]}.
   */
  VOLUME(-4, "batch,,depth,height,width");

  private final int featureAxis;
  private final String names;

  Axes(int featureAxis, String names) {
    this.featureAxis = featureAxis;
    this.names = names;
  }

  /**
   * Where the features are.
   *
   * @return -1 for the last axis, -2 for the one before it, and so on
   */
  public int featureAxis() {
    return featureAxis;
  }

  /**
   * The names of the axes of a batch.
   *
   * @return {@code batch}, {@code time} or {@code height} and {@code width}, and an empty name for
   *     the features
   */
  public List<String> names() {
    return List.of(names.split(",", -1));
  }

  /**
   * Fields on the plane or in space.
   *
   * @param dimension 2 or 3
   * @return {@link #PLANE} or {@link #VOLUME}
   */
  public static Axes ofGrid(int dimension) {
    require(dimension == 2 || dimension == 3, "a grid has 2 or 3 dimensions, got %d", dimension);
    return dimension == 2 ? PLANE : VOLUME;
  }

  /**
   * Whether a layer with these axes needs to know where time is.
   *
   * @return false for {@link #FEATURES} and for fields over the plane or space
   */
  public boolean hasTime() {
    return this != FEATURES && gridDimension() == 0;
  }

  /**
   * How many of the axes are those of a grid.
   *
   * @return 2 for {@link #PLANE}, 3 for {@link #VOLUME}, else 0
   */
  public int gridDimension() {
    return this == PLANE ? 2 : this == VOLUME ? 3 : 0;
  }

  /**
   * A tensor with its features and its time moved to another place. {@link #FEATURES} leaves time
   * and places where the other has them.
   *
   * @param other where they should be
   * @param tensor a tensor with these axes, with or without a batch
   * @return a view
   * @throws IllegalArgumentException if one is a grid and the other a sequence, or another grid
   */
  public Tensor to(Axes other, Tensor tensor) {
    if (this == other) {
      return tensor;
    }
    requireOneKind(other);
    Tensor last = featureAxis == -1 ? tensor : tensor.movedim(featureAxis, -1);
    if (swapsTime(other) && tensor.dim() > 2) {
      last = last.transpose(0, 1);
    }
    return other.featureAxis == -1 ? last : last.movedim(-1, other.featureAxis);
  }

  private void requireOneKind(Axes other) {
    require(
        this == FEATURES || other == FEATURES || (hasTime() && other.hasTime()),
        "%s cannot be read as %s: pool over the grid first",
        names(),
        other.names());
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
    requireOneKind(other);
    V last = featureAxis == -1 ? x : graph.permute(x, order(-featureAxis, true));
    if (swapsTime(other)) {
      last = graph.permute(last, 1, 0, 2);
    }
    return other.featureAxis == -1 ? last : graph.permute(last, order(-other.featureAxis, false));
  }

  /** The last axes with the first of them moved to the end, or back. */
  private static int[] order(int axes, boolean toTheEnd) {
    int[] order = new int[axes];
    for (int i = 0; i < axes; i++) {
      order[i] = (i + (toTheEnd ? 1 : axes - 1)) % axes;
    }
    return order;
  }
}
