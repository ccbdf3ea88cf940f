package dev.noether;

import dev.noether.algebra.Matrix;
import dev.noether.group.FiniteGroup;
import dev.noether.group.FiniteIrrep;
import dev.noether.group.GroupProducts;
import dev.noether.group.Groups;
import dev.noether.group.Subgroup;
import dev.noether.rep.Representation;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/** Groups of one's own: a seed chooses how they are built, how large they are, and their labels. */
public final class DrawnGroups {
  private static final List<String> NAMES =
      List.of("C2", "C3", "C4", "C7", "D3", "D5", "A4", "Q8", "Dic3", "V4");
  private static final int[] PRIMES = {3, 5, 7, 11, 13};

  private DrawnGroups() {}

  public static Stream<FiniteGroup> of(long first, int count) {
    return LongStream.range(first, first + count).mapToObj(DrawnGroups::of);
  }

  /** The seeds of a law: one in the suite, as many as {@code -Dnoether.seeds} says by hand. */
  public static LongStream seeds(long first) {
    return LongStream.range(first, first + Long.getLong("noether.seeds", 1));
  }

  /** A sum under a group of few elements, for laws over all layers. */
  public static Representation few(long seed) {
    FiniteGroup group =
        LongStream.iterate(1000 * seed, next -> next + 1)
            .mapToObj(DrawnGroups::of)
            .filter(drawn -> drawn.order() > 2 && drawn.order() <= 12)
            .findFirst()
            .orElseThrow();
    return sum(group, 4, seed).plus(Representation.trivial(group));
  }

  /** Of 2 to 200 elements. */
  public static FiniteGroup of(long seed) {
    Random random = new Random(seed);
    random.nextInt(); // the first numbers of neighbouring seeds are alike
    FiniteGroup group = drawn(random, 2);
    if (group.order() == 1) {
      group = named(random);
    }
    return random.nextInt(3) == 0 ? group.withLabels(labels(random, group.order())) : group;
  }

  /** A sum of irreps, one at least, of about a size. */
  public static Representation sum(FiniteGroup group, int size, long seed) {
    Random random = new Random(seed);
    List<Representation> summands = new ArrayList<>();
    for (int total = 0; total < Math.max(1, size); ) {
      FiniteIrrep irrep = group.irreps().get(random.nextInt(group.irreps().size()));
      summands.add(Representation.irrep(irrep));
      total += irrep.dimension();
    }
    return Representation.directSum(summands);
  }

  private static FiniteGroup drawn(Random random, int depth) {
    return switch (random.nextInt(depth > 0 ? 8 : 3)) {
      case 0 -> FiniteGroup.fromPermutations(name(random), permutations(random));
      case 1 -> fromMatrices(random);
      case 2 -> table(random, named(random));
      case 3 -> semidirect(random);
      case 4 -> GroupProducts.direct(small(random, 14), small(random, 14));
      case 5 -> GroupProducts.wreath(small(random, 4), Groups.cyclic(2 + random.nextInt(2)));
      case 6 -> {
        List<Subgroup> subgroups =
            GroupProducts.direct(small(random, 6), small(random, 6)).subgroups();
        yield subgroups.get(random.nextInt(subgroups.size())).asGroup();
      }
      default -> quotient(random);
    };
  }

  private static FiniteGroup small(Random random, int most) {
    FiniteGroup group = drawn(random, 0);
    return group.order() <= most ? group : Groups.cyclic(2).withLabels(labels(random, 2));
  }

  private static FiniteGroup named(Random random) {
    return FiniteGroup.named(NAMES.get(random.nextInt(NAMES.size())));
  }

  private static String name(Random random) {
    return "G" + random.nextInt(1000);
  }

  private static List<String> labels(Random random, int order) {
    return IntStream.range(0, order)
        .mapToObj(g -> (char) ('a' + random.nextInt(26)) + "\" " + g)
        .toList();
  }

  private static List<int[]> permutations(Random random) {
    int points = 2 + random.nextInt(4);
    return IntStream.range(0, 1 + random.nextInt(2))
        .mapToObj(k -> permutation(random, points))
        .toList();
  }

  private static int[] permutation(Random random, int points) {
    List<Integer> images = new ArrayList<>(IntStream.range(0, points).boxed().toList());
    Collections.shuffle(images, random);
    return images.stream().mapToInt(i -> i).toArray();
  }

  /** The matrices of some of its irreps, in another basis. */
  private static FiniteGroup fromMatrices(Random random) {
    FiniteGroup group = named(random);
    Representation rho = sum(group, 3, random.nextLong());
    Matrix turn = Rounding.rotation(rho.size(), random.nextLong());
    return FiniteGroup.fromMatrices(
        name(random),
        group.generators().stream()
            .map(a -> turn.times(rho.at(group.element(a))).timesTranspose(turn))
            .toList());
  }

  /** A table with its elements in an order of its own. */
  private static FiniteGroup table(Random random, FiniteGroup group) {
    int[] order = permutation(random, group.order());
    int[][] table = new int[group.order()][group.order()];
    for (int g = 0; g < group.order(); g++) {
      for (int h = 0; h < group.order(); h++) {
        table[order[g]][order[h]] = order[group.multiply(g, h)];
      }
    }
    return FiniteGroup.fromTable(name(random), table);
  }

  /** Affine maps x to a^h x + b of the integers modulo a prime. */
  private static FiniteGroup semidirect(Random random) {
    int p = PRIMES[random.nextInt(PRIMES.length)];
    int a = 2 + random.nextInt(p - 2);
    int order = 1;
    for (int power = a; power != 1; power = power * a % p) {
      order++;
    }
    int[][] action = new int[order][p];
    for (int h = 0, power = 1; h < order; h++, power = power * a % p) {
      for (int x = 0; x < p; x++) {
        action[h][x] = power * x % p;
      }
    }
    return GroupProducts.semidirect(Groups.cyclic(p), Groups.cyclic(order), action, name(random));
  }

  private static FiniteGroup quotient(Random random) {
    List<Subgroup> normal =
        GroupProducts.direct(small(random, 8), named(random)).subgroups().stream()
            .filter(Subgroup::isNormal)
            .toList();
    return normal.get(random.nextInt(normal.size())).quotient().group();
  }
}
