package dev.noether.group;

import java.util.function.IntBinaryOperator;

/**
 * How the numbered elements of a group multiply: by a table, or by a rule where a table would be
 * large.
 */
interface Multiplication {
  /**
   * Up to this order a rule is written out as a table, of 8 MB at most, which is faster to read.
   */
  int LARGEST_WRITTEN_OUT = 2048;

  /** The number of g h. */
  int product(int g, int h);

  /** Writes the numbers of g h for all h, in order. */
  default void row(int g, int[] products) {
    for (int h = 0; h < products.length; h++) {
      products[h] = product(g, h);
    }
  }

  /** Adds up values[h] weights[g h] over h in order, for each g of a few. */
  default void weigh(int[] elements, double[] values, double[] weights, double[] sums) {
    for (int i = 0; i < elements.length; i++) {
      double sum = 0;
      for (int h = 0; h < values.length; h++) {
        sum += values[h] * weights[product(elements[i], h)];
      }
      sums[i] = sum;
    }
  }

  /** A table for small groups, the rule itself for others. */
  static Multiplication of(int order, IntBinaryOperator rule) {
    return order <= LARGEST_WRITTEN_OUT ? table(order, rule) : rule::applyAsInt;
  }

  /** The table of a rule. */
  static Multiplication table(int order, IntBinaryOperator rule) {
    char[] products = new char[Math.multiplyExact(order, order)];
    for (int g = 0; g < order; g++) {
      for (int h = 0; h < order; h++) {
        products[g * order + h] = (char) rule.applyAsInt(g, h);
      }
    }
    return new Table(order, products);
  }

  /**
   * The table in which row s p is row p moved by s, for the left products of a few elements.
   *
   * @param images for each element p, in an order in which parents come first, the numbers of s p
   * @param parents for each element but the first the p of which it is s p
   * @param steps and that s
   */
  static Multiplication table(int[][] images, int[] parents, int[] steps) {
    int n = images.length;
    char[] products = new char[Math.multiplyExact(n, n)];
    for (int x = 0; x < n; x++) {
      products[x] = (char) x;
    }
    for (int g = 1; g < n; g++) {
      int parent = parents[g] * n;
      int step = steps[g];
      for (int x = 0; x < n; x++) {
        products[g * n + x] = (char) images[products[parent + x]][step];
      }
    }
    return new Table(n, products);
  }

  /** Row by row. */
  final class Table implements Multiplication {
    private final int order;
    private final char[] products;

    private Table(int order, char[] products) {
      this.order = order;
      this.products = products;
    }

    @Override
    public int product(int g, int h) {
      return products[g * order + h];
    }

    /** Four sums at a time, so that none waits for its last addition. */
    @Override
    public void weigh(int[] elements, double[] values, double[] weights, double[] sums) {
      if (elements.length != 4) {
        Multiplication.super.weigh(elements, values, weights, sums);
        return;
      }
      int first = elements[0] * order;
      int second = elements[1] * order;
      int third = elements[2] * order;
      int fourth = elements[3] * order;
      double a = 0;
      double b = 0;
      double c = 0;
      double d = 0;
      for (int h = 0; h < order; h++) {
        double value = values[h];
        a += value * weights[products[first + h]];
        b += value * weights[products[second + h]];
        c += value * weights[products[third + h]];
        d += value * weights[products[fourth + h]];
      }
      sums[0] = a;
      sums[1] = b;
      sums[2] = c;
      sums[3] = d;
    }

    @Override
    public void row(int g, int[] row) {
      int start = g * order;
      for (int h = 0; h < order; h++) {
        row[h] = products[start + h];
      }
    }
  }
}
