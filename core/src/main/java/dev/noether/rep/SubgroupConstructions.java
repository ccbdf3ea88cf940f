package dev.noether.rep;

import static dev.noether.algebra.Checks.require;

import dev.noether.algebra.Limits;
import dev.noether.algebra.Matrix;
import dev.noether.algebra.Sizes;
import dev.noether.group.FiniteGroup;
import dev.noether.group.Irrep;
import dev.noether.group.Subgroup;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.stream.Collectors;

/** Representations between a group and its subgroups: restricted, induced, on cosets. */
final class SubgroupConstructions {
  private SubgroupConstructions() {}

  /** The same matrices for the subgroup, every copy of an irrep split by itself. */
  static Representation branch(Representation whole, Subgroup subgroup) {
    FiniteGroup large = whole.finiteGroup();
    requireSubgroup(large, subgroup);
    IdentityHashMap<Part, Representation> known = new IdentityHashMap<>();
    IdentityHashMap<Irrep, Part> split = new IdentityHashMap<>();
    return Representation.directSum(
        whole.parts().stream()
            .map(part -> known.computeIfAbsent(part, p -> branched(p, subgroup, split)))
            .toList());
  }

  private static Representation branched(
      Part part, Subgroup subgroup, IdentityHashMap<Irrep, Part> split) {
    FiniteGroup small = subgroup.asGroup();
    List<Part> pieces =
        part.irreps().stream()
            .map(irrep -> split.computeIfAbsent(irrep, i -> split(i, subgroup)))
            .toList();
    Matrix inner = Matrix.blockDiagonal(pieces.stream().map(Part::basis).toList());
    SignedPermutations action = part.action();
    Part whole =
        new Part(
            small,
            pieces.stream().flatMap(piece -> piece.irreps().stream()).toList(),
            part.basis().isIdentity() ? inner : part.basis().times(inner),
            action == null ? null : action.along(small, subgroup::embed));
    if (whole.irreps().size() == 1 && whole.basis().isIdentity()) {
      return Representation.irrep(whole.irreps().get(0));
    }
    return new Representation(small, Term.of(quoted(part, subgroup)), List.of(whole));
  }

  private static String quoted(Part part, Subgroup subgroup) {
    String what = part.irreps().size() == 1 ? part.irreps().get(0).toString() : "summand";
    return '"' + what + " of " + subgroup.group() + '"';
  }

  private static Part split(Irrep irrep, Subgroup subgroup) {
    FiniteGroup small = subgroup.asGroup();
    if (small.generators().isEmpty()) {
      return Part.of(small, Collections.nCopies(irrep.dimension(), small.trivialIrrep()));
    }
    return Decomposer.split(
        small,
        irrep.dimension(),
        small.generators().stream()
            .map(a -> LinearMap.of(irrep.at(subgroup.group().element(subgroup.embed(a)))))
            .toList());
  }

  private static void requireSubgroup(FiniteGroup large, Subgroup subgroup) {
    require(
        subgroup.group().equals(large),
        "the subgroup must be one of %s, got one of %s",
        large,
        subgroup.group());
  }

  /** The same matrices, for the elements of the subgroup alone. */
  static Representation restrict(Representation whole, Subgroup subgroup) {
    FiniteGroup large = whole.finiteGroup();
    requireSubgroup(large, subgroup);
    FiniteGroup small = subgroup.asGroup();
    Part part =
        Decomposer.split(
            small,
            whole.size(),
            small.generators().stream()
                .map(a -> LinearMap.of(whole.at(large.element(subgroup.embed(a)))))
                .toList());
    String along = isTheNamedOne(subgroup) ? "" : ", " + generators(subgroup);
    String text = "restrict(" + whole.group() + along + ": " + Term.text(whole.terms()) + ")";
    return new Representation(small, Term.of(text), List.of(part));
  }

  /**
   * Functions on the whole group with values in the small representation: for the representatives
   * t_i of the left cosets, g t_i = t_j h moves block i to block j by rho(h).
   */
  static Representation induce(Representation small, Subgroup subgroup) {
    require(
        small.finiteGroup().equals(subgroup.asGroup()),
        "the representation must be one of the subgroup %s, got %s",
        subgroup.asGroup(),
        small);
    FiniteGroup group = subgroup.group();
    int[] inside = new int[group.order()];
    Arrays.fill(inside, -1);
    for (int h = 0; h < subgroup.order(); h++) {
      inside[subgroup.embed(h)] = h;
    }
    List<Integer> representatives = subgroup.leftCosetRepresentatives();
    Part part =
        Decomposer.split(
            group,
            Sizes.total("an induced representation", (long) small.size() * representatives.size()),
            group.generators().stream()
                .map(a -> LinearMap.of(induced(small, group, a, inside, representatives)))
                .toList());
    String along = isTheNamedOne(subgroup) ? subgroup.asGroup().name() : generators(subgroup);
    String text = "induce(" + along + ": " + Term.text(small.terms()) + ")";
    return new Representation(group, Term.of(text), List.of(part));
  }

  private static Matrix induced(
      Representation small, FiniteGroup group, int g, int[] inside, List<Integer> representatives) {
    int d = small.size();
    int n = Sizes.total("an induced representation", (long) d * representatives.size());
    double[] entries = new double[Sizes.entries("an induced representation of " + group, n, n)];
    for (int i = 0; i < representatives.size(); i++) {
      int moved = group.multiply(g, representatives.get(i));
      for (int j = 0; j < representatives.size(); j++) {
        int h = inside[group.multiply(group.inverse(representatives.get(j)), moved)];
        if (h >= 0) {
          Matrix block = small.at(small.finiteGroup().element(h));
          for (int row = 0; row < d; row++) {
            for (int column = 0; column < d; column++) {
              entries[(j * d + row) * n + i * d + column] = block.get(row, column);
            }
          }
        }
      }
    }
    return Matrix.of(n, n, entries);
  }

  /** The permutations of the left cosets. */
  static Representation quotient(Subgroup subgroup) {
    FiniteGroup group = subgroup.group();
    List<List<Integer>> cosets = subgroup.leftCosets();
    int[] cosetOf = new int[group.order()];
    for (int i = 0; i < cosets.size(); i++) {
      for (int g : cosets.get(i)) {
        cosetOf[g] = i;
      }
    }
    List<Integer> points = new ArrayList<>();
    for (int i = 0; i < cosets.size(); i++) {
      points.add(i);
    }
    Representation found =
        Representation.permutation(
            group,
            points,
            (g, coset) -> cosetOf[group.multiply(g.index(), cosets.get(coset).get(0))]);
    String text = isTheNamedOne(subgroup) ? subgroup.asGroup().name() : generators(subgroup);
    return found.withTerms(Term.of("quotient(" + text + ")"));
  }

  private static String generators(Subgroup subgroup) {
    return subgroup.generators().stream()
        .map(String::valueOf)
        .collect(Collectors.joining(", ", "<", ">"));
  }

  /** Whether the name of the subgroup leads back to it. */
  private static boolean isTheNamedOne(Subgroup subgroup) {
    if (subgroup.group().order() > Limits.LISTED_SUBGROUPS || subgroup.name().isEmpty()) {
      return false;
    }
    try {
      return subgroup.group().subgroup(subgroup.asGroup().name()).equals(subgroup);
    } catch (IllegalArgumentException tooManySubgroups) {
      return false;
    }
  }
}
