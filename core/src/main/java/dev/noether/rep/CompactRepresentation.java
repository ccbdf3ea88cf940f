package dev.noether.rep;

import static dev.noether.algebra.Checks.require;

import dev.noether.algebra.Matrix;
import dev.noether.group.CompactElement;
import dev.noether.group.CompactGroup;
import dev.noether.group.CompactIrrep;
import dev.noether.group.FiniteGroup;
import dev.noether.group.IrrepId;
import dev.noether.lie.CompactClebschGordan;
import dev.noether.lie.FiniteEmbedding;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * A direct sum of irreps of a compact group, acting side by side on their own coordinates.
 *
 * @param group the group
 * @param irreps the irreps in the order of the coordinates, at least one
 */
public record CompactRepresentation(CompactGroup group, List<CompactIrrep> irreps) {
  /**
   * Checks and copies the list.
   *
   * @param group the group
   * @param irreps the irreps
   * @throws IllegalArgumentException if there is none or one is of another group
   */
  public CompactRepresentation {
    irreps = List.copyOf(irreps);
    require(!irreps.isEmpty(), "a representation has at least one irrep, got none");
    for (CompactIrrep irrep : irreps) {
      require(
          irrep.group() == group, "the irreps must be of %s, got one of %s", group, irrep.group());
    }
  }

  /**
   * One irrep.
   *
   * @param irrep the irrep
   * @return the representation
   */
  public static CompactRepresentation of(CompactIrrep irrep) {
    return new CompactRepresentation(irrep.group(), List.of(irrep));
  }

  /**
   * Reads what {@link #toString} prints, and more: {@code SO(3): 2 x irrep(1) + irrep(0)}, {@code
   * O(3): irrep(1,1)}, {@code SO(3): regular(2) + harmonics(3)}, where the number is the highest
   * frequency, and {@code SO(3): irrep(1) * irrep(1)}, which is {@link #tensor}.
   *
   * @param text the group, a colon, and a sum
   * @return the representation
   * @throws IllegalArgumentException if the text is none of these
   */
  public static CompactRepresentation parse(String text) {
    return CompactParser.parse(text);
  }

  /**
   * Functions on the group up to a frequency: every irrep as often as its dimension over the
   * dimension of its endomorphisms (Peter and Weyl).
   *
   * @param group the group
   * @param highest the highest frequency or degree, at least 0
   * @return the band-limited regular representation
   * @throws IllegalArgumentException if the frequency is negative
   */
  public static CompactRepresentation regular(CompactGroup group, int highest) {
    List<CompactIrrep> all = new ArrayList<>();
    for (CompactIrrep irrep : group.irreps(highest)) {
      int times = irrep.dimension() / irrep.type().endomorphismDimension();
      all.addAll(Collections.nCopies(times, irrep));
    }
    return new CompactRepresentation(group, all);
  }

  /**
   * Functions on the circle or the sphere up to a frequency: every frequency once, in space with
   * the sign (-1)^l of a spherical harmonic under inversion.
   *
   * @param group the group
   * @param highest the highest frequency or degree, at least 0
   * @return the representation on band-limited functions
   * @throws IllegalArgumentException if the frequency is negative
   */
  public static CompactRepresentation harmonics(CompactGroup group, int highest) {
    return new CompactRepresentation(
        group,
        group.irreps(highest).stream()
            .filter(
                irrep ->
                    !group.hasImproperElements()
                        || (group == CompactGroup.O3
                            ? irrep.parity() == irrep.frequency() % 2
                            : irrep.parity() == Math.min(1, irrep.frequency())))
            .toList());
  }

  /**
   * The direct sum.
   *
   * @param other a representation of the same group
   * @return the irreps of this, then those of the other
   * @throws IllegalArgumentException if the groups differ
   */
  public CompactRepresentation plus(CompactRepresentation other) {
    List<CompactIrrep> all = new ArrayList<>(irreps);
    all.addAll(other.irreps);
    return new CompactRepresentation(group, all);
  }

  /**
   * The direct sum of copies.
   *
   * @param copies at least 1
   * @return this, that many times
   * @throws IllegalArgumentException if the number is below 1
   */
  public CompactRepresentation times(int copies) {
    require(copies >= 1, "a multiplicity must be at least 1, got %d", copies);
    List<CompactIrrep> all = new ArrayList<>();
    for (int i = 0; i < copies; i++) {
      all.addAll(irreps);
    }
    return new CompactRepresentation(group, all);
  }

  /**
   * The irreps of the tensor product, by the Clebsch-Gordan series. {@link CompactClebschGordan}
   * gives the change of basis for two irreps.
   *
   * @param other a representation of the same group
   * @return a representation equivalent to the tensor product
   * @throws IllegalArgumentException if the groups differ
   */
  public CompactRepresentation tensor(CompactRepresentation other) {
    List<CompactIrrep> all = new ArrayList<>();
    for (CompactIrrep left : irreps) {
      for (CompactIrrep right : other.irreps) {
        all.addAll(CompactClebschGordan.series(left, right));
      }
    }
    return new CompactRepresentation(group, all);
  }

  /**
   * The dimension.
   *
   * @return the sum of the irreps' dimensions
   */
  public int size() {
    return irreps.stream().mapToInt(CompactIrrep::dimension).sum();
  }

  /**
   * The matrix of an element.
   *
   * @param element an element of the group
   * @return orthogonal and block diagonal, {@code [size, size]}
   * @throws IllegalArgumentException if it is no element of the group
   */
  public Matrix at(CompactElement element) {
    return Matrix.blockDiagonal(irreps.stream().map(irrep -> irrep.at(element)).toList());
  }

  /**
   * How often each irrep occurs.
   *
   * @return the multiplicities by id, in ascending order of ids
   */
  public Map<IrrepId, Integer> multiplicities() {
    Map<IrrepId, Integer> counts = new TreeMap<>();
    irreps.forEach(irrep -> counts.merge(irrep.id(), 1, Integer::sum));
    return Collections.unmodifiableMap(counts);
  }

  /**
   * The trace of the matrix.
   *
   * @param element an element of the group
   * @return the character
   * @throws IllegalArgumentException if it is no element of the group
   */
  public double character(CompactElement element) {
    return irreps.stream().mapToDouble(irrep -> irrep.character(element)).sum();
  }

  /**
   * The representation of a finite subgroup: the same matrices, decomposed into its irreps.
   *
   * @param subgroup a finite group inside this one
   * @return a representation of the finite group with rho(h) = at(image of h); its text reads back
   *     where the embedding is {@linkplain FiniteEmbedding#standard standard}
   * @throws IllegalArgumentException if the finite group lies in another compact group
   */
  public Representation restrict(FiniteEmbedding subgroup) {
    require(
        subgroup.into() == group,
        "the finite group must lie in %s, got one in %s",
        group,
        subgroup.into());
    FiniteGroup small = subgroup.group();
    List<Representation> parts = new ArrayList<>();
    for (CompactIrrep irrep : irreps) {
      List<Matrix> matrices =
          small.generators().stream().map(a -> irrep.at(subgroup.images().get(a))).toList();
      Representation part =
          small.generators().isEmpty()
              ? Representation.trivial(small).times(irrep.dimension())
              : Representation.of(small, matrices);
      parts.add(
          subgroup.isStandard()
              ? part.withTerms(Term.of("restrict(" + group + ": " + irrep + ")"))
              : part.named(irrep + " of " + group + " on " + small));
    }
    return Representation.directSum(parts);
  }

  /** As {@code SO(3): 2 x irrep(0) + irrep(2)}. */
  @Override
  public String toString() {
    TreeMap<Integer, String> words = new TreeMap<>();
    for (int i = 0, end; i < irreps.size(); i = end) {
      end = i;
      while (end < irreps.size() && irreps.get(end).equals(irreps.get(i))) {
        end++;
      }
      words.put(i, (end - i > 1 ? end - i + " x " : "") + irreps.get(i));
    }
    return group + ": " + words.values().stream().collect(Collectors.joining(" + "));
  }
}
