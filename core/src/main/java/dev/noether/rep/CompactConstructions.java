package dev.noether.rep;

import static dev.noether.algebra.Checks.require;

import dev.noether.algebra.Matrix;
import dev.noether.group.CompactGroup;
import dev.noether.group.CompactIrrep;
import dev.noether.group.FiniteGroup;
import dev.noether.group.FiniteIrrep;
import dev.noether.group.Group;
import dev.noether.group.Irrep;
import dev.noether.lie.FiniteEmbedding;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;

/** Representations of compact groups: band-limited functions, and restriction to finite groups. */
final class CompactConstructions {
  private CompactConstructions() {}

  /** Every irrep as often as its dimension over that of its endomorphisms (Peter and Weyl). */
  static Representation regular(CompactGroup group, int highest) {
    List<Representation> all = new ArrayList<>();
    for (CompactIrrep irrep : group.irreps(highest)) {
      all.add(Representation.irrep(irrep).times(irrep.rows()));
    }
    return Representation.directSum(all);
  }

  /** Every frequency once, in space with the sign (-1)^l of a harmonic under inversion. */
  static Representation harmonics(CompactGroup group, int highest) {
    return Representation.directSum(
        group.irreps(highest).stream()
            .filter(irrep -> irrep.parity() == harmonicParity(group, irrep.frequency()))
            .map(Representation::irrep)
            .toList());
  }

  private static int harmonicParity(CompactGroup group, int frequency) {
    if (!group.hasImproperElements()) {
      return 0;
    }
    return group == CompactGroup.O3 ? frequency % 2 : Math.min(1, frequency);
  }

  /** The vectors of the plane or of space, which irreps of space give in the order (y, z, x). */
  static Representation vectors(CompactGroup group) {
    Irrep irrep = group.hasImproperElements() ? group.irrep(1, 1) : group.irrep(1);
    Matrix basis =
        group.spaceDimension() == 2
            ? Matrix.identity(2)
            : Matrix.of(3, 3, 0, 0, 1, 1, 0, 0, 0, 1, 0);
    Part part = new Part(group, List.of(irrep), basis, null);
    return new Representation(group, Term.of("vectors"), List.of(part));
  }

  /** The same matrices for the elements of a finite subgroup, irrep by irrep. */
  static Representation restrict(Representation whole, FiniteEmbedding subgroup) {
    Group group = whole.group();
    require(
        subgroup.into().equals(group),
        "the finite group must lie in %s, got one in %s",
        group,
        subgroup.into());
    boolean standard = subgroup.isStandard();
    IdentityHashMap<Part, Representation> known = new IdentityHashMap<>();
    List<Representation> parts =
        whole.parts().stream()
            .map(part -> known.computeIfAbsent(part, p -> restricted(p, subgroup, standard)))
            .toList();
    Representation sum = Representation.directSum(parts);
    if (whole.parts().stream().allMatch(CompactConstructions::isIrrep)) {
      return sum;
    }
    String text = standard ? "restrict(" + whole + ")" : name(Term.text(whole.terms()), subgroup);
    return sum.withTerms(Term.of(text));
  }

  private static boolean isIrrep(Part part) {
    return part.irreps().size() == 1 && part.basis().equals(Matrix.identity(part.size()));
  }

  private static String name(String text, FiniteEmbedding subgroup) {
    return '"' + text + " of " + subgroup.into() + " on " + subgroup.group() + '"';
  }

  /** Q times the bases that split the irreps, with the irreps of the finite group. */
  private static Representation restricted(Part part, FiniteEmbedding subgroup, boolean standard) {
    FiniteGroup small = subgroup.group();
    IdentityHashMap<Irrep, Part> known = new IdentityHashMap<>();
    List<Part> pieces =
        part.irreps().stream()
            .map(irrep -> known.computeIfAbsent(irrep, i -> split(i, subgroup)))
            .toList();
    Matrix inner = Matrix.blockDiagonal(pieces.stream().map(Part::basis).toList());
    boolean alone = isIrrep(part);
    Part whole =
        new Part(
            small,
            pieces.stream().flatMap(piece -> piece.irreps().stream()).toList(),
            alone ? inner : part.basis().times(inner),
            null);
    String text =
        alone && standard
            ? "restrict(" + subgroup.into() + ": " + part.irreps().get(0) + ")"
            : name(alone ? part.irreps().get(0).toString() : "summand", subgroup);
    return new Representation(small, Term.of(text), List.of(whole));
  }

  private static Part split(Irrep irrep, FiniteEmbedding subgroup) {
    FiniteGroup small = subgroup.group();
    if (small.generators().isEmpty()) {
      FiniteIrrep trivial = small.trivialIrrep();
      return Part.of(small, Collections.nCopies(irrep.dimension(), trivial));
    }
    List<Matrix> matrices =
        small.generators().stream().map(a -> irrep.at(subgroup.images().get(a))).toList();
    return Representation.of(small, matrices).parts().get(0);
  }
}
