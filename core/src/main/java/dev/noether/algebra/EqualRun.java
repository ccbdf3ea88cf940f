package dev.noether.algebra;

import java.util.ArrayList;
import java.util.List;

/**
 * Equal neighbours in a list.
 *
 * @param <T> the type of the entries
 * @param value what they are
 * @param first the place of the first
 * @param count how many they are
 */
public record EqualRun<T>(T value, int first, int count) {
  /**
   * The runs of a list.
   *
   * @param <T> the type of the entries, whose {@code equals} tells them apart
   * @param list any list
   * @return the runs in order, none for an empty list
   */
  public static <T> List<EqualRun<T>> of(List<T> list) {
    List<EqualRun<T>> runs = new ArrayList<>();
    for (int first = 0, end; first < list.size(); first = end) {
      T value = list.get(first);
      end = first + 1;
      while (end < list.size() && list.get(end).equals(value)) {
        end++;
      }
      runs.add(new EqualRun<>(value, first, end - first));
    }
    return List.copyOf(runs);
  }
}
