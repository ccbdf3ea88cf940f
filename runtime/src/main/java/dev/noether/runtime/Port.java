package dev.noether.runtime;

import java.util.Arrays;
import java.util.List;

/**
 * An input or output of a model.
 *
 * @param name its name
 * @param axes the names of its axes, empty for the features: {@code [batch, ""]}, {@code [batch,
 *     time, ""]}, {@code [batch, "", time]}, {@code [batch, "", height, width]} or {@code [batch,
 *     "", depth, height, width]}
 * @param size how many features
 * @param representation how they transform under the group, as Noether's text; empty where unknown
 */
public record Port(String name, List<String> axes, int size, String representation) {
  /**
   * Checks the axes.
   *
   * @param name its name
   * @param axes the names of its axes, one of them empty
   * @param size how many features
   * @param representation the text of the representation
   */
  public Port {
    axes = List.copyOf(axes);
  }

  boolean hasTime() {
    return axes.contains("time");
  }

  /** Whether it is an image or a volume. */
  boolean isGrid() {
    return axes.contains("width");
  }

  int featureAxis() {
    return axes.indexOf("");
  }

  /** Whether a shape is that of so many samples of so many steps. */
  boolean isShape(int[] shape, int batch, int time) {
    boolean same = shape.length == axes.size();
    for (int i = 0; same && i < shape.length; i++) {
      same = shape[i] == length(axes.get(i), batch, time);
    }
    return same;
  }

  private int length(String axis, int batch, int time) {
    return axis.isEmpty() ? size : axis.equals("batch") ? batch : time;
  }

  void requireShape(int[] shape) {
    boolean fits = shape.length == axes.size();
    for (int i = 0; fits && i < shape.length; i++) {
      fits = axes.get(i).isEmpty() ? shape[i] == size : shape[i] >= 1;
    }
    if (!fits) {
      throw new IllegalArgumentException(
          "input '"
              + name
              + "' takes "
              + size
              + " features, axes "
              + axes
              + ", got shape "
              + Arrays.toString(shape));
    }
  }

  /** The shape of so many samples of so many steps, or cells of a side. */
  int[] shape(int batch, int time) {
    int[] shape = new int[axes.size()];
    for (int i = 0; i < shape.length; i++) {
      shape[i] = length(axes.get(i), batch, time);
    }
    return shape;
  }
}
