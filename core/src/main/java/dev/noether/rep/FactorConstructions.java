package dev.noether.rep;

import static dev.noether.algebra.Checks.require;

import dev.noether.group.FiniteGroup;
import dev.noether.group.FiniteIrrep;
import dev.noether.group.Irrep;
import dev.noether.group.IrrepId;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Representations of a direct product in which one factor acts and the others do nothing. */
final class FactorConstructions {
  private final FiniteGroup product;
  private final int index;

  private FactorConstructions(FiniteGroup product, int index) {
    this.product = product;
    this.index = index;
  }

  static Representation of(FiniteGroup product, int index, Representation rho) {
    List<FiniteGroup> factors = product.factors();
    require(
        factors.size() > 1,
        "%s is not built as a direct product, so that no factor of it can act; build it by times "
            + "or by a name such as 'S5 x Oh'",
        product);
    require(
        index >= 0 && index < factors.size(),
        "%s has %d direct factors, numbered from 0, got %d",
        product,
        factors.size(),
        index);
    require(
        rho.group().equals(factors.get(index)),
        "factor %d of %s is %s, got a representation of %s",
        index,
        product,
        factors.get(index),
        rho.group());
    FactorConstructions factor = new FactorConstructions(product, index);
    IdentityHashMap<Part, Part> known = new IdentityHashMap<>();
    List<Part> parts =
        rho.parts().stream().map(part -> known.computeIfAbsent(part, factor::part)).toList();
    String text = "factor(" + factor.name() + ": " + Term.text(rho.terms()) + ")";
    return new Representation(product, Term.of(text), parts);
  }

  /** The factor as text gives it: its name, and its place where others have that name too. */
  private String name() {
    FiniteGroup factor = product.factors().get(index);
    boolean once =
        product.factors().stream().filter(f -> f.name().equals(factor.name())).count() == 1;
    return once ? factor.name() : factor.name() + ", " + index;
  }

  private Part part(Part part) {
    return new Part(
        product,
        part.irreps().stream().map(this::irrep).toList(),
        part.basis(),
        action(part.action()));
  }

  private @Nullable SignedPermutations action(@Nullable SignedPermutations known) {
    return known == null ? null : known.along(product, g -> product.component(g, index));
  }

  /** The tensor product of an irrep of the factor with the trivial ones of the others. */
  private FiniteIrrep irrep(Irrep own) {
    List<Integer> numbers = new ArrayList<>();
    for (int i = 0; i < product.factors().size(); i++) {
      IrrepId id = i == index ? own.id() : product.factors().get(i).trivialIrrep().id();
      numbers.addAll(id.numbers());
    }
    return product.irrep(new IrrepId(numbers));
  }
}
