package dev.noether.group;

import java.util.ArrayList;
import java.util.List;

/** The real irreps of a direct product from those of its factors, by {@link TypedTensor}. */
final class ProductIrreps {
  private ProductIrreps() {}

  /** Element (a, b) of the product has the number a |B| + b. */
  static List<FiniteIrrep> of(FiniteGroup group, FiniteGroup left, FiniteGroup right) {
    int m = right.order();
    List<FiniteIrrep> irreps = new ArrayList<>();
    for (FiniteIrrep a : left.irreps()) {
      for (FiniteIrrep b : right.irreps()) {
        List<TypedMatrices> parts =
            TypedTensor.of(a.matrices(), b.matrices(), group.order(), g -> g / m, g -> g % m);
        for (int i = 0; i < parts.size(); i++) {
          irreps.add(new FiniteIrrep(group, numbered(a, b, parts.size(), i), parts.get(i)));
        }
      }
    }
    return irreps;
  }

  /** The factors' ids one after the other, and the number of the part where there are two. */
  private static IrrepId numbered(FiniteIrrep left, FiniteIrrep right, int parts, int part) {
    List<Integer> numbers = new ArrayList<>(left.id().numbers());
    numbers.addAll(right.id().numbers());
    if (parts > 1) {
      numbers.add(part);
    }
    return new IrrepId(numbers);
  }
}
