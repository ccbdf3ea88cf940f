package dev.noether.group;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The irreps of semidirect and wreath products, which come from those of their factors. */
class SemidirectProductsTest {
  private static final double TOLERANCE = 1e-12;

  static Stream<FiniteGroup> groups() {
    return Stream.concat(
        Stream.of(
                "C7 semidirect(2) C3",
                "C3 semidirect(2) C4",
                "C5 semidirect(2) C4",
                "C8 semidirect(3) C2",
                "C8 semidirect(5) C2",
                "C9 semidirect(2) C6",
                "C2 wr C4",
                "C2 wr S4",
                "C2 wr S5",
                "C3 wr S3",
                "C4 wr C2",
                "S3 wr C2",
                "S3 wr S3",
                "Q8 wr C2",
                "A4 wr C2",
                "2T wr C2")
            .map(FiniteGroup::named),
        Stream.of(
            nineTimesFour(),
            nineTimesQuaternions(),
            quaternionsTurnedByThree(),
            squareTurnedByAQuarter(),
            squareTurnedByAnEighth(),
            squareAndItsInnerAutomorphisms(),
            shiftsAndPhasesOfThreePoints(),
            threeTimesQuaternionsTurned(),
            binaryTetrahedralTurned(),
            sevenTimesThreeTurned(),
            inverted("C4 x Q8", 0),
            inverted("Q8 wr C2", 4)));
  }

  /** (C3 x C3) by a quarter turn of the plane over the field of three elements. */
  private static FiniteGroup nineTimesFour() {
    return product("C3 x C3", "C4", plane(0, -1, 1, 0));
  }

  private static FiniteGroup nineTimesQuaternions() {
    return product("C3 x C3", "Q8", plane(0, -1, 1, 0), plane(1, 1, 1, -1));
  }

  /** The binary tetrahedral group: i goes to j to k. */
  private static FiniteGroup quaternionsTurnedByThree() {
    return product("Q8", "C3", automorphism("Q8", 4, 5));
  }

  /** The square turns itself by a quarter, whose square -1 is no square of 1 or -1. */
  private static FiniteGroup squareTurnedByAQuarter() {
    return product("D4", "C2", inner("D4", 1));
  }

  private static FiniteGroup squareTurnedByAnEighth() {
    return product("D4", "C4", automorphism("D4", 1, 5));
  }

  /** A quarter turn and a reflection, which anticommute. */
  private static FiniteGroup squareAndItsInnerAutomorphisms() {
    return product("D4", "V4", inner("D4", 1), inner("D4", 4));
  }

  /** Shifts and phases of three points, which commute up to a third root of unity. */
  private static FiniteGroup shiftsAndPhasesOfThreePoints() {
    String name = "C9 semidirect(4) C3";
    return product(name, "C3 x C3", inner(name, 3), inner(name, 1));
  }

  /** Q8 moved by i to i, j to k, as (1 + i) / sqrt(2) does. */
  private static FiniteGroup threeTimesQuaternionsTurned() {
    int[] turned = automorphism("Q8", 1, 5);
    return product(
        "C3 x Q8", "C4", IntStream.range(0, 24).map(x -> x / 8 * 8 + turned[x % 8]).toArray());
  }

  /** The binary tetrahedral group moved by an element of order 8 of the binary octahedral one. */
  private static FiniteGroup binaryTetrahedralTurned() {
    return conjugated("2O", "2T", 8, "C4");
  }

  /** The 21 rotations in the 42 affine maps of the field of 7, moved by the inversion. */
  private static FiniteGroup sevenTimesThreeTurned() {
    return conjugated("C7 semidirect(3) C6", "C7 semidirect(2) C3", 2, "C2");
  }

  /** C3, which one of the generators of a group inverts. */
  private static FiniteGroup inverted(String acting, int generator) {
    int[][] automorphisms = new int[FiniteGroup.named(acting).generators().size()][];
    Arrays.fill(automorphisms, new int[] {0, 1, 2});
    automorphisms[generator] = new int[] {0, 2, 1};
    return product("C3", acting, automorphisms);
  }

  /** The linear map of C3 x C3. */
  private static int[] plane(int a, int b, int c, int d) {
    return IntStream.range(0, 9)
        .map(
            x ->
                3 * Math.floorMod(a * (x / 3) + b * (x % 3), 3)
                    + Math.floorMod(c * (x / 3) + d * (x % 3), 3))
        .toArray();
  }

  /** The automorphism that moves the generators to the images. */
  private static int[] automorphism(String name, int... images) {
    FiniteGroup group = FiniteGroup.named(name);
    int[] moved = new int[group.order()];
    Arrays.fill(moved, -1);
    moved[group.identity()] = group.identity();
    ArrayDeque<Integer> open = new ArrayDeque<>(List.of(group.identity()));
    while (!open.isEmpty()) {
      int x = open.remove();
      for (int i = 0; i < images.length; i++) {
        int next = group.multiply(group.generators().get(i), x);
        if (moved[next] < 0) {
          moved[next] = group.multiply(images[i], moved[x]);
          open.add(next);
        }
      }
    }
    return moved;
  }

  /** The automorphism x g x^-1. */
  private static int[] inner(String name, int x) {
    FiniteGroup group = FiniteGroup.named(name);
    return IntStream.range(0, group.order())
        .map(g -> group.multiply(group.multiply(x, g), group.inverse(x)))
        .toArray();
  }

  /** A normal subgroup moved by the first element of an order outside of it. */
  private static FiniteGroup conjugated(String parent, String normal, int order, String acting) {
    FiniteGroup group = FiniteGroup.named(parent);
    Subgroup subgroup = group.subgroup(normal);
    int g =
        IntStream.range(0, group.order())
            .filter(x -> group.elementOrder(x) == order && !subgroup.contains(x))
            .findFirst()
            .orElseThrow();
    int n = subgroup.order();
    int[] embedded = IntStream.range(0, n).map(subgroup::embed).toArray();
    int[] moved =
        IntStream.of(embedded)
            .map(x -> group.multiply(group.multiply(g, x), group.inverse(g)))
            .map(y -> IntStream.range(0, n).filter(k -> embedded[k] == y).findFirst().orElseThrow())
            .toArray();
    return semidirect(subgroup.asGroup(), FiniteGroup.named(acting), moved);
  }

  private static FiniteGroup product(String normal, String acting, int[]... automorphisms) {
    return semidirect(FiniteGroup.named(normal), FiniteGroup.named(acting), automorphisms);
  }

  /** The product in which the generators of a group act by automorphisms. */
  private static FiniteGroup semidirect(
      FiniteGroup normal, FiniteGroup acting, int[]... automorphisms) {
    int[][] action = new int[acting.order()][];
    action[acting.identity()] = IntStream.range(0, normal.order()).toArray();
    ArrayDeque<Integer> open = new ArrayDeque<>(List.of(acting.identity()));
    while (!open.isEmpty()) {
      int h = open.remove();
      for (int i = 0; i < automorphisms.length; i++) {
        int[] last = automorphisms[i];
        int next = acting.multiply(acting.generators().get(i), h);
        if (action[next] == null) {
          action[next] = IntStream.of(action[h]).map(x -> last[x]).toArray();
          open.add(next);
        }
      }
    }
    return GroupProducts.semidirect(normal, acting, action, normal + " moved by " + acting);
  }

  @ParameterizedTest
  @MethodSource("groups")
  void irrepsAreOrthogonalHomomorphismsThatCommuteWithTheirEndomorphisms(FiniteGroup group) {
    for (FiniteIrrep irrep : group.irreps()) {
      assertThat(IrrepLaws.defectOfEachElement(irrep)).isLessThan(TOLERANCE);
      assertThat(IrrepLaws.defectOfProducts(irrep)).isLessThan(TOLERANCE);
    }
  }

  @ParameterizedTest
  @MethodSource("groups")
  void irrepsAreIrreducibleOfTheirTypeAndFillTheGroup(FiniteGroup group) {
    int n = group.order();
    int sum = 0;
    for (FiniteIrrep irrep : group.irreps()) {
      int copies = irrep.type().endomorphismDimension();
      sum += irrep.dimension() * irrep.dimension() / copies;
      double norm = 0;
      double squares = 0;
      for (int g = 0; g < n; g++) {
        norm += irrep.character(g) * irrep.character(g) / n;
        squares += irrep.character(group.multiply(g, g)) / n;
      }
      assertThat(norm).isCloseTo(copies, within(TOLERANCE));
      assertThat(squares).isCloseTo(copies == 1 ? 1 : copies == 2 ? 0 : -2, within(TOLERANCE));
    }
    assertThat(sum).isEqualTo(n);
  }

  /** The exact characters, the trivial one first, then by dimension and by value. */
  @ParameterizedTest
  @MethodSource("groups")
  void irrepsAreNumberedByTheirCharactersOfTheExactTable(FiniteGroup group) {
    List<RealCharacter> characters = RealCharacter.of(group);
    assertThat(group.irreps()).hasSameSizeAs(characters);
    for (int k = 0; k < characters.size(); k++) {
      RealCharacter character = characters.get(k);
      FiniteIrrep irrep = group.irrep(k);
      assertThat(irrep.type()).isEqualTo(character.type());
      for (int g = 0; g < group.order(); g++) {
        int c = group.conjugacyClass(g);
        assertThat(irrep.character(g)).isCloseTo(character.value(c), within(TOLERANCE));
        if (irrep.type() == IrrepType.COMPLEX) {
          assertThat(irrep.matrices().imaginaryTrace(g))
              .isCloseTo(character.complex().imaginary(c), within(TOLERANCE));
        }
      }
    }
    assertThat(group.trivialIrrep().isTrivial()).isTrue();
  }

  /**
   * The plane of the square extends to no representation of these products on the plane: an irrep
   * over it has twice its dimension at least.
   */
  @Test
  void planesThatDoNotExtendAreDoubled() {
    FiniteIrrep plane = Groups.dihedral(4).irrep(1, 1);
    for (FiniteGroup group : List.of(squareTurnedByAQuarter(), squareAndItsInnerAutomorphisms())) {
      int acting = group.order() / 8;
      List<Integer> over =
          group.irreps().stream()
              .filter(irrep -> multiplicity(plane, irrep, acting) > 0.5)
              .map(FiniteIrrep::dimension)
              .toList();
      assertThat(over).isNotEmpty().allMatch(dimension -> dimension >= 4);
    }
  }

  /** How often an irrep of N is in the restriction; n has the number n |H|. */
  private static double multiplicity(FiniteIrrep part, FiniteIrrep whole, int acting) {
    int n = part.group().order();
    return IntStream.range(0, n)
        .mapToDouble(g -> part.character(g) * whole.character(g * acting) / n)
        .sum();
  }
}
