package dev.noether.runtime;

import java.util.List;

/**
 * An input or output of a model.
 *
 * @param name its name
 * @param axes the names of its axes, empty for the features: {@code [batch, ""]}, {@code [batch,
 *     time, ""]} or {@code [batch, "", time]}
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

  int featureAxis() {
    return axes.indexOf("");
  }

  /** The shape of so many samples of so many steps. */
  int[] shape(int batch, int time) {
    int[] shape = new int[axes.size()];
    for (int i = 0; i < shape.length; i++) {
      String axis = axes.get(i);
      shape[i] = axis.isEmpty() ? size : axis.equals("time") ? time : batch;
    }
    return shape;
  }
}
