package dev.noether.group;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * The real irreps of the semidirect product of N and H from those of N and of subgroups of H, by
 * the method of little groups.
 *
 * <p>H permutes the irreps of N. For one of each orbit, with the stabilizer S, the irreps of the
 * product of N and S over it ({@link LittleGroup}) are induced: that gives each irrep of the whole
 * group once, of the same type (Serre, <em>Linear Representations of Finite Groups</em>, section
 * 8.2, for abelian N; Isaacs, <em>Character Theory of Finite Groups</em>, theorem 6.11, for any).
 * They are numbered as by {@link RealIrreps}: the trivial one, then by dimension, then by
 * character.
 */
final class SemidirectIrreps {
  private static final double TOLERANCE = 1e-9;

  private final FiniteGroup group;
  private final FiniteGroup normal;
  private final FiniteGroup acting;
  private final int[][] action;
  private final Map<BitSet, FiniteGroup> stabilizers = new HashMap<>();

  private SemidirectIrreps(
      FiniteGroup group, FiniteGroup normal, FiniteGroup acting, int[][] action) {
    this.group = group;
    this.normal = normal;
    this.acting = acting;
    this.action = action;
  }

  /** Element (n, h) of the product has the number n |H| + h; h moves n to {@code action[h][n]}. */
  static List<FiniteIrrep> of(
      FiniteGroup group, FiniteGroup normal, FiniteGroup acting, int[][] action) {
    return new SemidirectIrreps(group, normal, acting, action).irreps();
  }

  private List<FiniteIrrep> irreps() {
    int[][] moved = IrrepOrbits.of(normal, acting, action);
    List<TypedMatrices> found = new ArrayList<>();
    boolean[] seen = new boolean[normal.irreps().size()];
    for (int k = 0; k < seen.length; k++) {
      if (!seen[k]) {
        for (int h = 0; h < acting.order(); h++) {
          seen[moved[h][k]] = true;
        }
        found.addAll(over(k, moved));
      }
    }
    return numbered(found);
  }

  /** The irreps over the k-th irrep of N. */
  private List<TypedMatrices> over(int k, int[][] moved) {
    BitSet fixing = new BitSet(acting.order());
    IntStream.range(0, acting.order()).filter(h -> moved[h][k] == k).forEach(fixing::set);
    int[] members = fixing.stream().toArray();
    FiniteGroup stabilizer =
        stabilizers.computeIfAbsent(
            fixing,
            set ->
                members.length == acting.order() ? acting : new Subgroup(acting, set).renumbered());
    int[][] restricted = IntStream.of(members).mapToObj(h -> action[h]).toArray(int[][]::new);
    Induction induction = new Induction(acting, action, members, h -> moved[h][k]);
    return LittleGroup.irreps(normal.irreps().get(k).matrices(), stabilizer, restricted).stream()
        .map(induction::of)
        .toList();
  }

  private List<FiniteIrrep> numbered(List<TypedMatrices> irreps) {
    int[] classes =
        IntStream.range(0, group.classes().count())
            .map(c -> group.classes().representative(c))
            .toArray();
    List<TypedMatrices> sorted =
        irreps.stream()
            .map(irrep -> oriented(irrep, classes))
            .sorted(
                Comparator.comparing((TypedMatrices irrep) -> !isTrivial(irrep, classes))
                    .thenComparing(TypedMatrices::dimension)
                    .thenComparing((a, b) -> compareDescending(a, b, classes)))
            .toList();
    return IntStream.range(0, sorted.size())
        .mapToObj(k -> new FiniteIrrep(group, IrrepId.of(k), sorted.get(k)))
        .toList();
  }

  private static boolean isTrivial(TypedMatrices irrep, int[] classes) {
    return irrep.dimension() == 1
        && IntStream.of(classes).allMatch(g -> Math.abs(irrep.trace(g) - 1) < TOLERANCE);
  }

  /** Larger values first, class by class; values that differ by rounding only are equal. */
  private static int compareDescending(TypedMatrices a, TypedMatrices b, int[] classes) {
    return IntStream.of(classes)
        .filter(g -> Math.abs(a.trace(g) - b.trace(g)) > TOLERANCE)
        .map(g -> Double.compare(b.trace(g), a.trace(g)))
        .findFirst()
        .orElse(0);
  }

  /** Of a complex pair the one whose first value that is not real has a positive imaginary part. */
  private static TypedMatrices oriented(TypedMatrices irrep, int[] classes) {
    return irrep.type() == IrrepType.COMPLEX
            && IntStream.of(classes)
                    .mapToDouble(irrep::imaginaryTrace)
                    .filter(part -> Math.abs(part) > TOLERANCE)
                    .findFirst()
                    .orElse(1)
                < 0
        ? irrep.conjugate()
        : irrep;
  }
}
