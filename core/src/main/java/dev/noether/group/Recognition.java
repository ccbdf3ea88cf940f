package dev.noether.group;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** A group under the name it is known by, with an explicit isomorphism. */
final class Recognition {
  private static final int LARGEST = 1000;

  private final FiniteGroup group;
  private final int[] embedding;
  private final boolean named;

  Recognition(FiniteGroup group, int[] embedding, boolean named) {
    this.group = group;
    this.embedding = embedding;
    this.named = named;
  }

  FiniteGroup group() {
    return group;
  }

  int[] embedding() {
    return embedding;
  }

  boolean named() {
    return named;
  }

  static Recognition of(Subgroup subgroup) {
    FiniteGroup raw = subgroup.renumbered();
    Recognition found =
        subgroup.order() == subgroup.group().order() && isParseable(subgroup.group())
            ? new Recognition(subgroup.group(), IntStream.range(0, raw.order()).toArray(), true)
            : of(raw, Families.isOfPermutations(subgroup.group()));
    List<Integer> elements = subgroup.elements();
    int[] embedding = IntStream.of(found.embedding).map(elements::get).toArray();
    return new Recognition(found.group, embedding, found.named);
  }

  private static boolean isParseable(FiniteGroup group) {
    return GroupNames.find(group.name()).filter(group::equals).isPresent();
  }

  /** Tries the named groups of the same order; symmetric names come first when asked for. */
  static Recognition of(FiniteGroup raw, boolean symmetric) {
    if (raw.order() <= LARGEST) {
      for (String name : candidates(raw, symmetric)) {
        FiniteGroup candidate = FiniteGroup.named(name);
        Optional<int[]> isomorphism = Isomorphism.find(candidate, raw);
        if (isomorphism.isPresent()) {
          return new Recognition(candidate, isomorphism.get(), true);
        }
      }
    }
    return new Recognition(raw, IntStream.range(0, raw.order()).toArray(), false);
  }

  private static List<String> candidates(FiniteGroup raw, boolean symmetric) {
    int n = raw.order();
    if (raw.isAbelian()) {
      return List.of(abelian(raw));
    }
    List<String> names = new ArrayList<>();
    List<String> base = Families.namesOfOrder(n, false);
    if (symmetric) {
      names.addAll(Families.namesOfOrder(n, true));
    }
    names.addAll(base);
    names.addAll(Families.namesOfOrder(n, true));
    for (int k = 2; k <= n / 6; k++) {
      if (n % k == 0) {
        int factor = k;
        Families.namesOfOrder(n / k, false).forEach(name -> names.add("C" + factor + " x " + name));
        Families.namesOfOrder(n / k, true).forEach(name -> names.add("C" + factor + " x " + name));
        Families.namesOfOrder(n / k, false)
            .forEach(name -> names.add("C2 x C" + factor + " x " + name));
      }
    }
    for (int k = 3; 2 * k * 6 <= n; k++) {
      if (n % (4 * k) == 0 && n / (4 * k) >= k) {
        names.add("D" + k + " x D" + n / (4 * k));
      }
    }
    for (int m = 3; m <= n / 2; m++) {
      if (n % m == 0 && n / m > 2) {
        for (int step = 2; step < m && n <= 200; step++) {
          if (isSemidirect(m, n / m, step)) {
            names.add("C" + m + " semidirect(" + step + ") C" + n / m);
          }
        }
      }
    }
    names.addAll(Families.wreathProductsOfOrder(n));
    return names;
  }

  private static boolean isSemidirect(int m, int k, int step) {
    long power = 1;
    for (int i = 0; i < k; i++) {
      power = power * step % m;
    }
    return power == 1;
  }

  /** The invariant factors, each dividing the next, from the number of solutions of x^k = 1. */
  private static String abelian(FiniteGroup group) {
    List<Integer> factors = new ArrayList<>();
    int rest = group.order();
    for (int p = 2; p <= rest; p++) {
      if (rest % p == 0) {
        List<Integer> primary = primary(group, p);
        for (int i = 0; i < primary.size(); i++) {
          if (i < factors.size()) {
            factors.set(i, factors.get(i) * primary.get(i));
          } else {
            factors.add(primary.get(i));
          }
        }
        while (rest % p == 0) {
          rest /= p;
        }
      }
    }
    if (factors.equals(List.of(2, 2))) {
      return "V4";
    }
    List<String> names = new ArrayList<>();
    factors.forEach(factor -> names.add(0, "C" + factor));
    return names.isEmpty() ? "trivial" : String.join(" x ", names);
  }

  /** The orders of the cyclic factors of the p-part, largest first. */
  private static List<Integer> primary(FiniteGroup group, int p) {
    List<Integer> orders = new ArrayList<>();
    int before = 1;
    for (int q = p; ; q *= p) {
      int power = q;
      int solutions =
          (int)
              IntStream.range(0, group.order())
                  .filter(g -> power % group.elementOrder(g) == 0)
                  .count();
      if (solutions == before) {
        return orders;
      }
      int number = 0;
      for (int ratio = solutions / before; ratio > 1; ratio /= p) {
        if (number < orders.size()) {
          orders.set(number, q);
        } else {
          orders.add(q);
        }
        number++;
      }
      before = solutions;
    }
  }
}
