package dev.noether.rep;

import java.util.List;

/**
 * Which coordinates maps mix: sets such that no entry leads from one to another, as the orbits of
 * permutations.
 */
final class Connected {
  private final int[] parents;

  private Connected(int size) {
    parents = new int[size];
    for (int i = 0; i < size; i++) {
      parents[i] = i;
    }
  }

  /** For each coordinate the number of its set, which is one of its coordinates. */
  static int[] of(int size, List<LinearMap> maps) {
    Connected connected = new Connected(size);
    maps.forEach(map -> map.connect(connected::join));
    int[] sets = new int[size];
    for (int i = 0; i < size; i++) {
      sets[i] = connected.root(i);
    }
    return sets;
  }

  private void join(int i, int j) {
    parents[root(i)] = root(j);
  }

  private int root(int i) {
    int at = i;
    while (parents[at] != at) {
      parents[at] = parents[parents[at]];
      at = parents[at];
    }
    return at;
  }
}
