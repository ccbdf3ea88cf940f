package dev.noether.algebra;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The connected components of 0 to n - 1, from pairs that are joined one by one; union-find. Not
 * safe for several threads at once.
 */
public final class Components {
  private final int[] parent;
  private int count;

  /**
   * Every number by itself.
   *
   * @param size n
   */
  public Components(int size) {
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

  /**
   * Joins two numbers, and with them their components.
   *
   * @param one from 0 to n - 1
   * @param other from 0 to n - 1
   */
  public void join(int one, int other) {
    int low = Math.min(root(one), root(other));
    int high = Math.max(root(one), root(other));
    if (low != high) {
      parent[high] = low;
      count--;
    }
  }

  /**
   * How many components there are.
   *
   * @return n at first
   */
  public int count() {
    return count;
  }

  /**
   * The components.
   *
   * @return the members of each, ascending; components in the order of their first members
   */
  public List<int[]> members() {
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
