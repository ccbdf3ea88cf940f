package dev.noether.group;

import static dev.noether.algebra.Checks.require;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The classical families of finite groups beside those of {@link FiniteGroup}.
 *
 * <p>Irreps are numbered 0, 1, 2, ...: the trivial one, then by dimension, then by character;
 * except where a method says otherwise.
 */
public final class GroupFamilies {
  private GroupFamilies() {}

  /**
   * The Klein four group C2 x C2. Irreps are named by two signs (0 or 1 each).
   *
   * @return V4
   */
  public static FiniteGroup kleinFour() {
    return GroupProducts.direct("V4", FiniteGroup.cyclic(2), FiniteGroup.cyclic(2))
        .withLabels(List.of("e", "b", "a", "a b"));
  }

  /**
   * The 12 rotations of the tetrahedron, with the elements of the octahedral group's first half.
   * Irrep 1 is that of the vectors of space, irrep 2 has complex type.
   *
   * @return the tetrahedral group T
   */
  public static FiniteGroup tetrahedral() {
    return PolyhedralGroups.tetrahedral();
  }

  /**
   * The 24 rotations and reflections of the tetrahedron. The table and the irreps are those of the
   * octahedral group, with irrep 1 (vectors) and -1 (pseudovectors) exchanged.
   *
   * @return the full tetrahedral group T_d
   */
  public static FiniteGroup fullTetrahedral() {
    return PolyhedralGroups.fullTetrahedral();
  }

  /**
   * The 24 products of rotations of the tetrahedron with the inversion. Irreps are named by parity
   * (0 even, 1 odd) and irrep of T.
   *
   * @return the pyritohedral group T_h
   */
  public static FiniteGroup pyritohedral() {
    return withInversion("Th", tetrahedral());
  }

  /**
   * The 48 symmetries of the cube. Irreps are named by parity (0 even, 1 odd) and irrep of O.
   *
   * @return the full octahedral group O_h
   */
  public static FiniteGroup fullOctahedral() {
    return withInversion("Oh", FiniteGroup.octahedral());
  }

  /**
   * The 120 symmetries of the icosahedron. Irreps are named by parity (0 even, 1 odd) and irrep of
   * I.
   *
   * @return the full icosahedral group I_h
   */
  public static FiniteGroup fullIcosahedral() {
    return withInversion("Ih", FiniteGroup.icosahedral());
  }

  /**
   * The n rotations about an axis and their products with the inversion of space. Irreps are named
   * by parity and frequency.
   *
   * @param n the number of rotations
   * @return C2 x C_n
   * @throws IllegalArgumentException if n is below 1 or above 5000
   */
  public static FiniteGroup cylinder(int n) {
    return withInversion("Cylinder" + n, FiniteGroup.cyclic(n));
  }

  /**
   * The symmetries of a cylinder with n rotations about its axis: D_n and the inversion of space.
   * Irreps are named by parity, reflection and frequency.
   *
   * @param n the number of rotations about the axis
   * @return C2 x D_n
   * @throws IllegalArgumentException if n is below 1 or above 2500
   */
  public static FiniteGroup fullCylinder(int n) {
    return withInversion("FullCylinder" + n, FiniteGroup.dihedral(n));
  }

  private static FiniteGroup withInversion(String name, FiniteGroup rotations) {
    List<String> labels = new ArrayList<>();
    for (int g = 0; g < 2 * rotations.order(); g++) {
      String rotation = rotations.label(g % rotations.order());
      String inverted = rotation.indexOf(' ') < 0 ? "-" + rotation : "-(" + rotation + ")";
      labels.add(g < rotations.order() ? rotation : inverted);
    }
    return GroupProducts.direct(name, FiniteGroup.cyclic(2), rotations).withLabels(labels);
  }

  /**
   * All permutations of n points, in lexicographic order of their images.
   *
   * @param n the number of points, from 1 to 6
   * @return S_n
   * @throws IllegalArgumentException if n is out of range
   */
  public static FiniteGroup symmetric(int n) {
    requirePoints("S_n", n);
    return PermutationGroups.symmetric(n);
  }

  /**
   * All even permutations of n points, in lexicographic order of their images.
   *
   * @param n the number of points, from 1 to 6
   * @return A_n
   * @throws IllegalArgumentException if n is out of range
   */
  public static FiniteGroup alternating(int n) {
    requirePoints("A_n", n);
    return PermutationGroups.alternating(n);
  }

  private static void requirePoints(String family, int n) {
    require(
        n >= 1 && n <= 6,
        "%s needs n from 1 to 6, got %d; build larger ones with FiniteGroup.fromPermutations",
        family,
        n);
  }

  /**
   * The dicyclic group of order 4n: a^2n = 1, x^2 = a^n, x a x^-1 = a^-1. Where n is a power of two
   * it is the generalized quaternion group and named by its order: Q8, Q16, ...
   *
   * <p>Elements 0 to 2n-1 are the powers of a, the others a^k x. Irreps are named as those of D_2n:
   * (0, 0), (1, 0), then (1, k) for a turning at frequency k, which has quaternionic type for odd
   * k, then (1, n) and (0, n); where n is odd these two are one of complex type, (1, n).
   *
   * @param n from 2 to 2500
   * @return Dic_n
   * @throws IllegalArgumentException if n is out of range
   */
  public static FiniteGroup dicyclic(int n) {
    require(n >= 2 && n <= 2500, "Dic_n needs n from 2 to 2500, got %d", n);
    return DicyclicGroups.dicyclic(n);
  }

  /**
   * The quaternion group of the units 1, i, j, k and their negatives.
   *
   * @return Q8
   */
  public static FiniteGroup quaternion() {
    return dicyclic(2);
  }

  /**
   * The 24 unit quaternions over the tetrahedral group.
   *
   * @return the binary tetrahedral group 2T
   */
  public static FiniteGroup binaryTetrahedral() {
    return PolyhedralGroups.binary("2T", "tetrahedron");
  }

  /**
   * The 48 unit quaternions over the octahedral group.
   *
   * @return the binary octahedral group 2O
   */
  public static FiniteGroup binaryOctahedral() {
    return PolyhedralGroups.binary("2O", "octahedron");
  }

  /**
   * The 120 unit quaternions over the icosahedral group.
   *
   * @return the binary icosahedral group 2I
   */
  public static FiniteGroup binaryIcosahedral() {
    return PolyhedralGroups.binary("2I", "icosahedron");
  }

  /**
   * The permutations by which a group acts on points: n points for S_n, A_n, C_n and D_n, the
   * elements themselves for other groups.
   */
  static int[][] naturalAction(FiniteGroup group) {
    if (group.name().matches("[SACD][0-9]+") && group.equals(FiniteGroup.named(group.name()))) {
      int n = Integer.parseInt(group.name().substring(1));
      return switch (group.name().charAt(0)) {
        case 'S' -> PermutationGroups.permutations(n, false);
        case 'A' -> PermutationGroups.permutations(n, true);
        case 'C' -> corners(n, n);
        default -> corners(n, 2 * n);
      };
    }
    return IntStream.range(0, group.order())
        .mapToObj(g -> IntStream.range(0, group.order()).map(h -> group.multiply(g, h)).toArray())
        .toArray(int[][]::new);
  }

  /** Rotations i to i + k, then the reflections i to k - i. */
  private static int[][] corners(int n, int order) {
    int[][] action = new int[order][n];
    for (int g = 0; g < order; g++) {
      for (int i = 0; i < n; i++) {
        action[g][i] = Math.floorMod(g < n ? i + g : g - i, n);
      }
    }
    return action;
  }
}
