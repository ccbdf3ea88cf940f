package dev.noether.group;

import static dev.noether.algebra.Checks.require;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;

/** Direct, semidirect and wreath products of finite groups. */
public final class GroupProducts {
  private static final GroupOptions USUAL =
      GroupOptions.defaults().withLimit(GroupOptions.USUAL_ORDER);

  private GroupProducts() {}

  /**
   * The direct product A x B: pairs, multiplied side by side.
   *
   * <p>Element (a, b) has the number a |B| + b. The irreps come from those of the factors; their
   * ids are the factors' ids one after the other, and a 0 or 1 where a tensor product splits in
   * two.
   *
   * @param left the group A
   * @param right the group B
   * @return A x B
   * @throws IllegalArgumentException if the order is above 10000
   */
  public static FiniteGroup direct(FiniteGroup left, FiniteGroup right) {
    return direct(left, right, USUAL);
  }

  /**
   * The direct product A x B up to an order that options allow. No table is kept of a large one;
   * its irreps are made when each is asked for.
   *
   * @param left the group A
   * @param right the group B
   * @param options the largest order allowed
   * @return A x B
   * @throws IllegalArgumentException if the order is above the limit
   */
  public static FiniteGroup direct(FiniteGroup left, FiniteGroup right, GroupOptions options) {
    return direct(nameOfDirect(left, right), left, right, options);
  }

  static String nameOfDirect(FiniteGroup left, FiniteGroup right) {
    return operand(left, true, false) + " x " + operand(right, false, false);
  }

  /** The same under a name of its own, which does not show the factors. */
  static FiniteGroup direct(String name, FiniteGroup left, FiniteGroup right) {
    return direct(name, left, right, USUAL);
  }

  static FiniteGroup direct(
      String name, FiniteGroup left, FiniteGroup right, GroupOptions options) {
    int m = right.order();
    int n = requireOrder(name, (long) left.order() * m, options);
    Multiplication table =
        Multiplication.of(
            n, (g, h) -> left.multiply(g / m, h / m) * m + right.multiply(g % m, h % m));
    return build(
        name,
        table,
        left,
        right,
        new Origin.Direct(left, right),
        group -> ProductIrreps.of(group, left, right));
  }

  /**
   * The semidirect product of a normal group N and a group H that acts on it: (n, h)(n', h') = (n
   * h(n'), h h').
   *
   * <p>The irreps come from those of N and of subgroups of H. They are numbered from 0: the trivial
   * one, then by dimension, then larger characters first.
   *
   * @param normal the group N
   * @param acting the group H
   * @param action {@code action[h][n]} is the element of N that h moves n to
   * @param name the name to give it
   * @return the product; element (n, h) has the number n |H| + h
   * @throws IllegalArgumentException if the action is not one by automorphisms (the message gives a
   *     witness) or the order is above 10000
   */
  public static FiniteGroup semidirect(
      FiniteGroup normal, FiniteGroup acting, int[][] action, String name) {
    return semidirect(normal, acting, action, name, USUAL);
  }

  /**
   * The semidirect product up to an order that options allow. No table is kept of a large one; its
   * irreps are all made when the first is asked for, and take as many numbers as the order times
   * the square of their dimension each.
   *
   * @param normal the group N
   * @param acting the group H
   * @param action {@code action[h][n]} is the element of N that h moves n to
   * @param name the name to give it
   * @param options the largest order allowed
   * @return the product; element (n, h) has the number n |H| + h
   * @throws IllegalArgumentException if the action is not one by automorphisms (the message gives a
   *     witness) or the order is above the limit
   */
  public static FiniteGroup semidirect(
      FiniteGroup normal, FiniteGroup acting, int[][] action, String name, GroupOptions options) {
    requireOrder(name, (long) normal.order() * acting.order(), options);
    requireAction(normal, acting, action);
    return twisted(
        name,
        normal,
        acting,
        Arrays.stream(action).map(int[]::clone).toArray(int[][]::new),
        options);
  }

  private static FiniteGroup twisted(
      String name, FiniteGroup normal, FiniteGroup acting, int[][] action, GroupOptions options) {
    int m = acting.order();
    int n = requireOrder(name, (long) normal.order() * m, options);
    Multiplication table =
        Multiplication.of(
            n,
            (g, h) ->
                normal.multiply(g / m, action[g % m][h / m]) * m + acting.multiply(g % m, h % m));
    int[][] ofGenerators = acting.generators().stream().map(h -> action[h]).toArray(int[][]::new);
    return build(
        name,
        table,
        normal,
        acting,
        new Origin.Semidirect(normal, acting, ofGenerators),
        g -> SemidirectIrreps.of(g, normal, acting, action));
  }

  /**
   * The semidirect product of two cyclic groups: the generator of C_k moves each element of C_n to
   * its power {@code step}.
   *
   * @param n the order of the normal cyclic group
   * @param step the power; its k-th power must be 1 modulo n
   * @param k the order of the acting cyclic group
   * @return the group {@code Cn semidirect(step) Ck}
   * @throws IllegalArgumentException if step^k is not 1 modulo n or the order is above 10000
   */
  public static FiniteGroup metacyclic(int n, int step, int k) {
    String name = "C" + n + " semidirect(" + step + ") C" + k;
    requireOrder(name, (long) n * k, USUAL);
    FiniteGroup normal = Groups.cyclic(n);
    FiniteGroup acting = Groups.cyclic(k);
    int[][] action = new int[k][n];
    long power = 1 % n;
    for (int h = 0; h < k; h++) {
      for (int x = 0; x < n; x++) {
        action[h][x] = (int) (power * x % n);
      }
      power = power * step % n;
    }
    require(
        power == 1 % n,
        "C%d semidirect(%d) C%d needs %d^%d = 1 modulo %d, got %d",
        n,
        step,
        k,
        step,
        k,
        n,
        power);
    return twisted(name, normal, acting, action, USUAL);
  }

  /**
   * The wreath product of A by a permutation group H of m points: m copies of A, permuted by H.
   *
   * <p>S_n and A_n permute n points, C_n and D_n the corners of the n-gon, other groups their own
   * elements. The element (a_0, ..., a_m-1; h) has the number of (a_0, ..., a_m-1) read as digits,
   * times |H|, plus h.
   *
   * @param base the group A
   * @param top the group H
   * @return the group {@code A wr H} of order |A|^m |H|
   * @throws IllegalArgumentException if the order is above 10000
   */
  public static FiniteGroup wreath(FiniteGroup base, FiniteGroup top) {
    String name = operand(base, false, true) + " wr " + operand(top, false, true);
    int[][] points = Families.naturalAction(top);
    int m = points[0].length;
    double order = StrictMath.pow(base.order(), m) * top.order();
    requireOrder(name, order > 1e9 ? 1_000_000_000L : (long) order, USUAL);
    FiniteGroup power = base;
    for (int copy = 1; copy < m; copy++) {
      power = direct("power", power, base);
    }
    int[][] action = new int[top.order()][power.order()];
    for (int h = 0; h < top.order(); h++) {
      for (int x = 0; x < power.order(); x++) {
        action[h][x] = permuted(x, base.order(), points[h]);
      }
    }
    List<String> labels = new ArrayList<>();
    for (int g = 0; g < power.order() * top.order(); g++) {
      labels.add(wreathLabel(base, m, g / top.order()) + "; " + top.label(g % top.order()) + ")");
    }
    return twisted(name, power, top, action, USUAL).withLabels(labels);
  }

  /** {@code (a_0, a_1, ...}, without the end. */
  private static String wreathLabel(FiniteGroup base, int m, int number) {
    String text = "";
    int rest = number;
    for (int i = 0; i < m; i++) {
      text = base.label(rest % base.order()) + (i == 0 ? "" : ", " + text);
      rest /= base.order();
    }
    return "(" + text;
  }

  /** Moves digit i of a number to place h(i). */
  private static int permuted(int number, int radix, int[] h) {
    int[] digits = new int[h.length];
    int rest = number;
    for (int i = h.length - 1; i >= 0; i--) {
      digits[h[i]] = rest % radix;
      rest /= radix;
    }
    int moved = 0;
    for (int digit : digits) {
      moved = moved * radix + digit;
    }
    return moved;
  }

  private static FiniteGroup build(
      String name,
      Multiplication table,
      FiniteGroup left,
      FiniteGroup right,
      Origin origin,
      Function<FiniteGroup, List<FiniteIrrep>> irreps) {
    int m = right.order();
    List<String> labels = new ArrayList<>();
    for (int g = 0; g < left.order() * m; g++) {
      labels.add("(" + inner(left, g / m) + ", " + right.label(g % m) + ")");
    }
    List<Integer> generators = new ArrayList<>();
    left.generators().forEach(g -> generators.add(g * m + right.identity()));
    right.generators().forEach(h -> generators.add(left.identity() * m + h));
    return new FiniteGroup(name, table, List.copyOf(labels), generators, origin, irreps);
  }

  /** The label; of an element of a product, without its parentheses. */
  private static String inner(FiniteGroup left, int g) {
    String label = left.label(g);
    boolean isPair = left.name().contains(" x ") && label.matches("\\([^;]*\\)");
    return isPair ? label.substring(1, label.length() - 1) : label;
  }

  /** The name, in parentheses where the text would be read otherwise. */
  private static String operand(FiniteGroup group, boolean first, boolean tight) {
    String name = group.name();
    return name.indexOf(' ') < 0 || (first && !tight) ? name : "(" + name + ")";
  }

  private static int requireOrder(String name, long order, GroupOptions options) {
    require(
        order <= options.limit(),
        "%s would have %s elements: %s",
        name,
        order >= 1_000_000_000 ? "more than 10^9" : String.valueOf(order),
        options.limit() == GroupOptions.USUAL_ORDER
            ? GroupOptions.TOO_LARGE
            : "the options allow " + options.limit());
    return (int) order;
  }

  private static void requireAction(FiniteGroup normal, FiniteGroup acting, int[][] action) {
    require(
        action.length == acting.order(),
        "an action of %s needs %d rows, one per element, got %d",
        acting,
        acting.order(),
        action.length);
    for (int h = 0; h < acting.order(); h++) {
      requireAutomorphism(normal, acting, action, h);
      for (int k : acting.generators()) {
        for (int x = 0; x < normal.order(); x++) {
          require(
              action[acting.multiply(k, h)][x] == action[k][action[h][x]],
              "an action must respect products: %s %s must move %s as %s after %s does",
              acting.element(k),
              acting.element(h),
              normal.element(x),
              acting.element(k),
              acting.element(h));
        }
      }
    }
  }

  private static void requireAutomorphism(
      FiniteGroup normal, FiniteGroup acting, int[][] action, int h) {
    int n = normal.order();
    require(
        action[h].length == n,
        "row %d of the action must have %d entries, one per element of %s, got %d",
        h,
        n,
        normal,
        action[h].length);
    boolean[] hit = new boolean[n];
    for (int x = 0; x < n; x++) {
      int image = action[h][x];
      require(
          image >= 0 && image < n && !hit[image],
          "%s must move the elements of %s one to one, but %s goes to %d",
          acting.element(h),
          normal,
          normal.element(x),
          image);
      hit[image] = true;
    }
    for (int x : normal.generators()) {
      for (int y = 0; y < n; y++) {
        require(
            action[h][normal.multiply(x, y)] == normal.multiply(action[h][x], action[h][y]),
            "%s must act on %s by an automorphism, but it moves %s times %s elsewhere than the "
                + "product of their images",
            acting.element(h),
            normal,
            normal.element(x),
            normal.element(y));
      }
    }
  }
}
