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
        int parts = TypedTensor.parts(a.type(), b.type());
        for (int i = 0; i < parts; i++) {
          int part = i;
          irreps.add(
              new FiniteIrrep(
                  group,
                  numbered(a, b, parts, i),
                  TypedTensor.type(a.type(), b.type()),
                  TypedTensor.dimension(a, b),
                  character(a, b, part, m),
                  () ->
                      TypedTensor.of(
                              a.matrices(), b.matrices(), group.order(), g -> g / m, g -> g % m)
                          .get(part)));
        }
      }
    }
    return irreps;
  }

  private static IrrepCharacter character(FiniteIrrep left, FiniteIrrep right, int part, int m) {
    IrrepCharacter a = left.character();
    IrrepCharacter b = right.character();
    if (left.type() == IrrepType.COMPLEX && right.type() == IrrepType.COMPLEX) {
      int sign = part == 0 ? 1 : -1;
      return IrrepCharacter.of(
          g -> a.real(g / m) * b.real(g % m) - sign * (a.imaginary(g / m) * b.imaginary(g % m)),
          g -> a.imaginary(g / m) * b.real(g % m) + sign * (a.real(g / m) * b.imaginary(g % m)));
    }
    boolean quaternions =
        left.type() == IrrepType.QUATERNIONIC && right.type() == IrrepType.QUATERNIONIC;
    boolean doubled =
        left.type() != IrrepType.REAL && right.type() != IrrepType.REAL && !quaternions;
    double scale = quaternions ? 0.25 : doubled ? 0.5 : 1;
    return IrrepCharacter.of(
        g -> scale * (a.real(g / m) * b.real(g % m)),
        g -> scale * (a.imaginary(g / m) * b.real(g % m) + a.real(g / m) * b.imaginary(g % m)));
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
