package dev.noether.rep;

import static dev.noether.algebra.Checks.require;

import dev.noether.algebra.Matrix;
import dev.noether.group.CompactIrrep;
import dev.noether.group.FiniteGroup;
import dev.noether.group.FiniteIrrep;
import dev.noether.group.Irrep;
import dev.noether.lie.CompactClebschGordan;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The Clebsch-Gordan coefficients of two irreps: the orthogonal matrix C with left(g) (x) right(g)
 * = C (irrep_1(g) + irrep_2(g) + ...) C^T.
 *
 * <p>Row {@code i * right.dimension() + j} belongs to e_i (x) e_j; the columns of a copy of an
 * irrep to its coordinates. Copies stand in the group's order of irreps. For compact groups signs
 * are those of {@link CompactClebschGordan}. For finite ones signs, and the choice among several
 * copies of one irrep, are fixed thus: go through the rows v in order, and for each through the
 * first d / S columns c of the irrep. The first v and c that reach maps outside the copies found
 * before (by more than 1 / (2 sqrt(rows)), so that no copy is badly scaled) give the next copy: it
 * is orthogonal to those before, its entry (v, c) is positive, and its entries (v, E c) under the
 * other endomorphisms E of the irrep are zero.
 *
 * @param left the first factor
 * @param right the second factor
 * @param irreps the irreps of the product, each as often as it occurs, in the order of the columns
 * @param matrix C, orthogonal, {@code [left.dimension * right.dimension, the same]}
 */
public record ClebschGordan(Irrep left, Irrep right, List<Irrep> irreps, Matrix matrix) {
  /**
   * Copies the list.
   *
   * @param left the first factor
   * @param right the second factor
   * @param irreps the irreps of the product
   * @param matrix the coefficients
   */
  public ClebschGordan {
    irreps = List.copyOf(irreps);
  }

  /**
   * The coefficients of two irreps.
   *
   * @param left an irrep
   * @param right an irrep of the same group
   * @return their coefficients
   * @throws IllegalArgumentException if the groups differ
   */
  public static ClebschGordan of(Irrep left, Irrep right) {
    require(
        right.group().equals(left.group()),
        "Clebsch-Gordan coefficients need irreps of one group, got %s and %s",
        left.group(),
        right.group());
    if (left instanceof CompactIrrep first && right instanceof CompactIrrep second) {
      List<Irrep> irreps = List.copyOf(CompactClebschGordan.series(first, second));
      return new ClebschGordan(left, right, irreps, CompactClebschGordan.matrix(first, second));
    }
    return ofFinite((FiniteIrrep) left, (FiniteIrrep) right);
  }

  private static ClebschGordan ofFinite(FiniteIrrep left, FiniteIrrep right) {
    FiniteGroup group = left.group();
    List<LinearMap> generators =
        group.generators().stream()
            .map(a -> LinearMap.of(left.at(a).kronecker(right.at(a))))
            .toList();
    Part part = Decomposer.split(group, left.dimension() * right.dimension(), generators);
    return new ClebschGordan(left, right, part.irreps(), part.basis());
  }

  /**
   * Where the copies of irreps stand.
   *
   * @return a copy for each of {@link #irreps}, with its columns
   */
  public List<Representation.Copy> copies() {
    return Representation.Copy.inARow(irreps);
  }

  /**
   * How often an irrep occurs in the product.
   *
   * @param irrep an irrep of the group
   * @return its multiplicity
   */
  public int multiplicity(Irrep irrep) {
    return (int) irreps.stream().filter(irrep::equals).count();
  }

  /**
   * The coefficients of one copy: the isometry T with (left(g) (x) right(g)) T = T irrep(g).
   *
   * @param irrep an irrep of the group
   * @param copy which of its copies, from 0
   * @return T, {@code [left.dimension * right.dimension, irrep.dimension]}
   * @throws IllegalArgumentException if there is no such copy
   */
  public Matrix coefficients(Irrep irrep, int copy) {
    require(
        copy >= 0 && copy < multiplicity(irrep),
        "%s * %s of %s holds %s %d times, got copy %d",
        left,
        right,
        left.group(),
        irrep,
        multiplicity(irrep),
        copy);
    Representation.Copy found =
        copies().stream()
            .filter(each -> each.irrep().equals(irrep) && each.number() == copy)
            .findFirst()
            .orElseThrow();
    return matrix.columns(IntStream.range(found.start(), found.end()).toArray());
  }
}
