package dev.noether.group;

import dev.noether.algebra.CyclotomicField;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * The conjugacy classes of a group, the identity's first, with the orders of their elements and
 * their powers.
 */
final class ConjugacyClasses {
  private final FiniteGroup group;
  private final int[] classOf;
  private final List<List<Integer>> classes;
  private final int[] orders;
  private final Map<Integer, CyclotomicField> fields = new TreeMap<>();
  private final Map<Integer, Turns> turns = new TreeMap<>();

  private ConjugacyClasses(
      FiniteGroup group, int[] classOf, List<List<Integer>> classes, int[] orders) {
    this.group = group;
    this.classOf = classOf;
    this.classes = classes;
    this.orders = orders;
    for (int order : orders) {
      fields.computeIfAbsent(order, CyclotomicField::of);
      turns.computeIfAbsent(order, Turns::new);
    }
  }

  static ConjugacyClasses of(FiniteGroup group) {
    int n = group.order();
    int[] classOf = new int[n];
    Arrays.fill(classOf, -1);
    int[] queue = new int[n];
    classOf[group.identity()] = 0;
    int count = 1;
    for (int g = 0; g < n; g++) {
      if (classOf[g] < 0) {
        orbit(group, g, count++, classOf, queue);
      }
    }
    List<List<Integer>> classes = new ArrayList<>();
    for (int c = 0; c < count; c++) {
      classes.add(new ArrayList<>());
    }
    for (int g = 0; g < n; g++) {
      classes.get(classOf[g]).add(g);
    }
    int[] orders =
        classes.stream().mapToInt(members -> elementOrder(group, members.get(0))).toArray();
    return new ConjugacyClasses(
        group, classOf, classes.stream().map(List::copyOf).toList(), orders);
  }

  private static void orbit(FiniteGroup group, int first, int number, int[] classOf, int[] queue) {
    int filled = 0;
    queue[filled++] = first;
    classOf[first] = number;
    for (int next = 0; next < filled; next++) {
      for (int a : group.generators()) {
        int conjugate = group.multiply(group.multiply(a, queue[next]), group.inverse(a));
        if (classOf[conjugate] < 0) {
          classOf[conjugate] = number;
          queue[filled++] = conjugate;
        }
      }
    }
  }

  /** The smallest divisor k of the group's order with g^k the identity, prime by prime. */
  private static int elementOrder(FiniteGroup group, int g) {
    int order = group.order();
    int rest = order;
    for (int p = 2; rest > 1; p = p * p > rest ? rest : p + 1) {
      while (rest % p == 0) {
        rest /= p;
        order = power(group, g, order / p) == group.identity() ? order / p : order;
      }
      if (rest == 1) {
        return order;
      }
    }
    return order;
  }

  private static int power(FiniteGroup group, int g, int exponent) {
    int result = group.identity();
    int square = g;
    for (int rest = exponent; rest > 0; rest /= 2) {
      result = rest % 2 == 1 ? group.multiply(result, square) : result;
      square = group.multiply(square, square);
    }
    return result;
  }

  int count() {
    return classes.size();
  }

  List<List<Integer>> all() {
    return classes;
  }

  int of(int element) {
    return classOf[element];
  }

  int size(int c) {
    return classes.get(c).size();
  }

  int representative(int c) {
    return classes.get(c).get(0);
  }

  int elementOrder(int c) {
    return orders[c];
  }

  /** The multiples of one turn over the order of the elements of a class. */
  Turns turns(int c) {
    return Objects.requireNonNull(turns.get(orders[c]));
  }

  /** The field that holds the characters of a class. */
  CyclotomicField field(int c) {
    return Objects.requireNonNull(fields.get(orders[c]));
  }

  int inverse(int c) {
    return classOf[group.inverse(representative(c))];
  }

  int square(int c) {
    int g = representative(c);
    return classOf[group.multiply(g, g)];
  }

  int identity() {
    return classOf[group.identity()];
  }

  int exponent() {
    int exponent = 1;
    for (int order : orders) {
      exponent = exponent / greatestCommonDivisor(exponent, order) * order;
    }
    return exponent;
  }

  static int greatestCommonDivisor(int a, int b) {
    return b == 0 ? a : greatestCommonDivisor(b, a % b);
  }
}
