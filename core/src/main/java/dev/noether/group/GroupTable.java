package dev.noether.group;

import static dev.noether.algebra.Checks.require;

import dev.noether.algebra.Limits;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.IntStream;

/** Checks that a multiplication table is a group, and reads off what a table decides. */
final class GroupTable {
  private static final int FINGERPRINT_BYTES = 8;

  private GroupTable() {}

  static FiniteGroup of(String name, int[][] rows, List<String> labels) {
    int n = rows.length;
    require(n >= 1, "the table of %s must have at least one element", name);
    require(
        n <= GroupOptions.LARGEST_TABLE,
        "the table of %s has %d elements, and %d are the most: beyond, give generators to "
            + "FiniteGroup.fromPermutations",
        name,
        n,
        GroupOptions.LARGEST_TABLE);
    requireLabels(name, labels, n);
    for (int g = 0; g < n; g++) {
      require(
          rows[g].length == n,
          "the table of %s must be square: row %d must have %d entries, got %d",
          name,
          g,
          n,
          rows[g].length);
      for (int h = 0; h < n; h++) {
        require(
            rows[g][h] >= 0 && rows[g][h] < n,
            "the table of %s must be closed: %d * %d must be from 0 to %d, got %d",
            name,
            g,
            h,
            n - 1,
            rows[g][h]);
      }
    }
    Multiplication table = Multiplication.table(n, (g, h) -> rows[g][h]);
    int identity = requireIdentity(name, table, n);
    requireInverses(name, table, n, identity);
    List<Integer> generators = generators(table, n, identity);
    requireAssociative(name, table, n, generators);
    return new FiniteGroup(
        name, table, List.copyOf(labels), generators, new Origin.Table(), RealIrreps::of);
  }

  static void requireLabels(String name, List<String> labels, int n) {
    require(
        labels.size() == n, "%s needs %d labels, one per element, got %d", name, n, labels.size());
    require(
        labels.stream().distinct().count() == n,
        "the labels of %s must be distinct, got %s",
        name,
        Limits.shown(labels.toString()));
  }

  private static int requireIdentity(String name, Multiplication table, int n) {
    for (int e = 0; e < n; e++) {
      int candidate = e;
      if (IntStream.range(0, n)
          .allMatch(g -> table.product(candidate, g) == g && table.product(g, candidate) == g)) {
        return e;
      }
    }
    throw new IllegalArgumentException(
        "the table of " + name + " must have an identity e with e * g = g * e = g; it has none");
  }

  private static void requireInverses(String name, Multiplication table, int n, int identity) {
    for (int g = 0; g < n; g++) {
      int element = g;
      require(
          IntStream.range(0, n)
              .anyMatch(
                  h ->
                      table.product(element, h) == identity
                          && table.product(h, element) == identity),
          "each element of %s must have an inverse; no h gives %d * h = h * %d = %d, the identity",
          name,
          g,
          g,
          identity);
    }
  }

  /** Light's test: (x s) y = x (s y) for the generators s decides it for all elements. */
  private static void requireAssociative(
      String name, Multiplication table, int n, List<Integer> generators) {
    for (int s : generators) {
      for (int x = 0; x < n; x++) {
        for (int y = 0; y < n; y++) {
          int left = table.product(table.product(x, s), y);
          int right = table.product(x, table.product(s, y));
          require(
              left == right,
              "the table of %s must be associative: (%d * %d) * %d = %d, but %d * (%d * %d) = %d",
              name,
              x,
              s,
              y,
              left,
              x,
              s,
              y,
              right);
        }
      }
    }
  }

  /** Takes the first element not yet reached by left multiplication, until all are. */
  static List<Integer> generators(Multiplication table, int n, int identity) {
    List<Integer> generators = new ArrayList<>();
    boolean[] reached = new boolean[n];
    reached[identity] = true;
    for (int g = 0; g < n; g++) {
      if (!reached[g]) {
        generators.add(g);
        reached = reach(table, n, identity, generators);
      }
    }
    return generators;
  }

  static boolean[] reach(FiniteGroup group, List<Integer> generators) {
    return reach(group.multiplication(), group.order(), group.identity(), generators);
  }

  private static boolean[] reach(
      Multiplication table, int n, int identity, List<Integer> generators) {
    boolean[] reached = new boolean[n];
    reached[identity] = true;
    ArrayDeque<Integer> open = new ArrayDeque<>(List.of(identity));
    while (!open.isEmpty()) {
      int element = open.remove();
      for (int s : generators) {
        int next = table.product(s, element);
        if (!reached[next]) {
          reached[next] = true;
          open.add(next);
        }
      }
    }
    return reached;
  }

  /** The inverses of all elements, along words: (s p)^-1 = p^-1 s^-1. */
  static int[] inverses(FiniteGroup group) {
    int n = group.order();
    int e = group.identity();
    int[] inverses = new int[n];
    Arrays.fill(inverses, -1);
    inverses[e] = e;
    List<Integer> generators = group.generators();
    int[] back = generators.stream().mapToInt(s -> inverse(group, s)).toArray();
    ArrayDeque<Integer> open = new ArrayDeque<>(List.of(e));
    while (!open.isEmpty()) {
      int p = open.remove();
      for (int i = 0; i < back.length; i++) {
        int next = group.multiply(generators.get(i), p);
        if (inverses[next] < 0) {
          inverses[next] = group.multiply(inverses[p], back[i]);
          open.add(next);
        }
      }
    }
    return inverses;
  }

  private static int inverse(FiniteGroup group, int s) {
    int power = s;
    int before = group.identity();
    while (power != group.identity()) {
      before = power;
      power = group.multiply(power, s);
    }
    return before;
  }

  /** Whether two tables are the same: the left products of generators decide it. */
  static boolean areEqual(FiniteGroup a, FiniteGroup b) {
    if (a.order() != b.order() || a.identity() != b.identity()) {
      return false;
    }
    return a.multiplication() == b.multiplication()
        || a.generators().stream()
            .allMatch(
                s ->
                    IntStream.range(0, a.order())
                        .allMatch(x -> a.multiply(s, x) == b.multiply(s, x)));
  }

  /** A hash of the left products of the generators that the table itself gives. */
  static String fingerprint(FiniteGroup group) {
    int n = group.order();
    MessageDigest digest = sha256();
    ByteBuffer bytes = ByteBuffer.allocate(Integer.BYTES * (n + 1));
    bytes.putInt(n).putInt(group.identity());
    digest.update(bytes.array(), 0, bytes.position());
    for (int s : generators(group.multiplication(), n, group.identity())) {
      bytes.clear().putInt(s);
      for (int x = 0; x < n; x++) {
        bytes.putInt(group.multiply(s, x));
      }
      digest.update(bytes.array());
    }
    return HexFormat.of().formatHex(digest.digest(), 0, FINGERPRINT_BYTES);
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException everyPlatformHasIt) {
      throw new IllegalStateException(everyPlatformHasIt);
    }
  }
}
