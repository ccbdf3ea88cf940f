package dev.noether.hom;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** The finest partition of 0 to n - 1 in which given pairs are together: union-find. */
final class Components {
  private final int[] parent;
  private int count;

  Components(int size) {
    parent = IntStream.range(0, size).toArray();
    count = size;
  }

  private int root(int member) {
    int root = member;
    while (parent[root] != root) {
      parent[root] = parent[parent[root]];
      root = parent[root];
    }
    return root;
  }

  /** Puts two members together. */
  void join(int one, int other) {
    int low = Math.min(root(one), root(other));
    int high = Math.max(root(one), root(other));
    if (low != high) {
      parent[high] = low;
      count--;
    }
  }

  int count() {
    return count;
  }

  /** The members of each component, ascending; components by their first members. */
  List<int[]> members() {
    List<IntStream.Builder> found = new ArrayList<>();
    int[] number = new int[parent.length];
    for (int member = 0; member < parent.length; member++) {
      int root = root(member);
      if (root == member) {
        number[member] = found.size();
        found.add(IntStream.builder());
      }
      found.get(number[root]).add(member);
    }
    return found.stream().map(members -> members.build().toArray()).toList();
  }
}
