package dev.noether.group;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
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
    // Then all irreps are lines and planes of characters, which take no memory until asked for.
    return group.order() > Multiplication.LARGEST_WRITTEN_OUT && group.isAbelian()
        ? RealIrreps.of(group)
        : new SemidirectIrreps(group, normal, acting, action).irreps();
  }

  private List<FiniteIrrep> irreps() {
    int[][] moved = IrrepOrbits.of(normal, acting, action);
    List<InducedIrrep> found = new ArrayList<>();
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
  private List<InducedIrrep> over(int k, int[][] moved) {
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
    Supplier<List<TypedMatrices>> small =
        () -> LittleGroup.irreps(normal.irreps().get(k).matricesOnce(), stabilizer, restricted);
    List<TypedMatrices> found = small.get();
    boolean keep = group.order() <= Multiplication.LARGEST_WRITTEN_OUT;
    List<InducedIrrep> irreps = new ArrayList<>();
    for (int i = 0; i < found.size(); i++) {
      int number = i;
      Supplier<TypedMatrices> kept = keep ? keeping(found.get(i)) : () -> small.get().get(number);
      irreps.add(InducedIrrep.of(induction, found.get(i), group.classes(), kept));
    }
    return irreps;
  }

  private static Supplier<TypedMatrices> keeping(TypedMatrices matrices) {
    return () -> matrices;
  }

  private List<FiniteIrrep> numbered(List<InducedIrrep> irreps) {
    int classes = group.classes().count();
    List<InducedIrrep> sorted =
        irreps.stream()
            .map(irrep -> oriented(irrep, classes))
            .sorted(
                Comparator.comparing((InducedIrrep irrep) -> !isTrivial(irrep, classes))
                    .thenComparing(InducedIrrep::dimension)
                    .thenComparing((a, b) -> compareDescending(a, b, classes)))
            .toList();
    return IntStream.range(0, sorted.size())
        .mapToObj(k -> sorted.get(k).of(group, IrrepId.of(k)))
        .toList();
  }

  private static boolean isTrivial(InducedIrrep irrep, int classes) {
    return irrep.dimension() == 1
        && IntStream.range(0, classes).allMatch(c -> Math.abs(irrep.trace(c) - 1) < TOLERANCE);
  }

  /** Larger values first, class by class; values that differ by rounding only are equal. */
  private static int compareDescending(InducedIrrep a, InducedIrrep b, int classes) {
    return IntStream.range(0, classes)
        .filter(c -> Math.abs(a.trace(c) - b.trace(c)) > TOLERANCE)
        .map(c -> Double.compare(b.trace(c), a.trace(c)))
        .findFirst()
        .orElse(0);
  }

  /** Of a complex pair the one whose first value that is not real has a positive imaginary part. */
  private static InducedIrrep oriented(InducedIrrep irrep, int classes) {
    return irrep.type() == IrrepType.COMPLEX
            && IntStream.range(0, classes)
                    .mapToDouble(irrep::imaginaryTrace)
                    .filter(part -> Math.abs(part) > TOLERANCE)
                    .findFirst()
                    .orElse(1)
                < 0
        ? irrep.conjugate()
        : irrep;
  }
}
