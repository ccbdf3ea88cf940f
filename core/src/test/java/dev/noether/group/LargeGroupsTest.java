package dev.noether.group;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.noether.DrawnGroups;
import dev.noether.rep.HomSpace;
import dev.noether.rep.Representation;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Groups of thousands of elements: what is not asked for is not made. */
class LargeGroupsTest {
  private static final GroupOptions LARGE = GroupOptions.defaults().withLimit(100_000);

  private static int[] cycles(int points, int[]... cycles) {
    int[] images = IntStream.range(0, points).toArray();
    for (int[] cycle : cycles) {
      for (int i = 0; i < cycle.length; i++) {
        images[cycle[i]] = cycle[(i + 1) % cycle.length];
      }
    }
    return images;
  }

  private static Representation natural(FiniteGroup group, List<int[]> generators) {
    return Representation.signedPermutation(
        group, generators.stream().map(s -> Arrays.stream(s).map(i -> i + 1).toArray()).toList());
  }

  private static void assertAssociative(FiniteGroup group) {
    Random random = new Random(1);
    for (int i = 0; i < 1000; i++) {
      int a = random.nextInt(group.order());
      int b = random.nextInt(group.order());
      int c = random.nextInt(group.order());
      assertThat(group.multiply(group.multiply(a, b), c))
          .isEqualTo(group.multiply(a, group.multiply(b, c)));
      assertThat(group.multiply(a, group.inverse(a))).isEqualTo(group.identity());
    }
  }

  @Test
  void theMathieuGroupActsOnElevenPointsAsOneAndTen() {
    List<int[]> generators =
        List.of(
            cycles(11, new int[] {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10}),
            cycles(11, new int[] {2, 6, 10, 7}, new int[] {3, 9, 4, 5}));
    FiniteGroup group = FiniteGroup.fromPermutations("M11", generators, LARGE);
    assertThat(group.order()).isEqualTo(7920);
    assertThat(natural(group, generators).irreps().stream().map(Irrep::dimension))
        .containsExactly(1, 10);
  }

  @Test
  void theTranslationsOfATorusFromTwoPermutations() {
    int n = 96;
    int[] first = IntStream.range(0, 2 * n).map(i -> i < n ? (i + 1) % n : i).toArray();
    int[] second = IntStream.range(0, 2 * n).map(i -> i < n ? i : n + (i - n + 1) % n).toArray();
    List<int[]> generators = List.of(first, second);
    FiniteGroup group = FiniteGroup.fromPermutations("torus", generators, LARGE);
    assertThat(group.order()).isEqualTo(n * n);
    assertAssociative(group);
    assertThat(group.irreps()).hasSize(4610);
    Representation rho = natural(group, generators);
    assertThat(rho.irreps()).hasSize(2 * (n / 2 + 1));
    assertThat(HomSpace.between(rho, rho).dim()).isEqualTo(2 * n + 2);
  }

  @Test
  void aWreathProductFromPermutationsHasTheIrrepsOfItsName() {
    List<int[]> generators =
        List.of(
            cycles(16, new int[] {0, 1, 2, 3}),
            cycles(16, new int[] {0, 1}),
            cycles(16, new int[] {0, 4}, new int[] {1, 5}, new int[] {2, 6}, new int[] {3, 7}),
            cycles(16, new int[] {8, 9, 10, 11, 12, 13, 14, 15}));
    FiniteGroup group = FiniteGroup.fromPermutations("G", generators, LARGE);
    FiniteGroup named = FiniteGroup.named("S4 wr C2 x C8");
    assertThat(group.order()).isEqualTo(9216).isEqualTo(named.order());
    assertThat(group.conjugacyClasses()).hasSize(160).hasSameSizeAs(named.conjugacyClasses());
    assertThat(dimensions(group)).isEqualTo(dimensions(named));
  }

  private static List<Integer> dimensions(FiniteGroup group) {
    return group.irreps().stream().map(Irrep::dimension).sorted().toList();
  }

  /** Real irreps of an abelian group: one for each element of order up to 2, one for two others. */
  @Test
  void abelianGroupsFromAnyPermutationsAreKnownByTheirElements() {
    for (int seed = 0; seed < 12; seed++) {
      Random random = new Random(seed);
      int[] lengths = random.ints(1 + random.nextInt(3), 2, 20).toArray();
      int points = IntStream.of(lengths).sum();
      List<int[]> generators = new ArrayList<>();
      int start = 0;
      for (int length : lengths) {
        int first = start;
        generators.add(cycles(points, IntStream.range(first, first + length).toArray()));
        start += length;
      }
      FiniteGroup group = FiniteGroup.fromPermutations("A", generators, LARGE);
      assertThat(group.order()).isEqualTo(IntStream.of(lengths).reduce(1, (a, b) -> a * b));
      long real =
          IntStream.range(0, group.order())
              .filter(g -> group.multiply(g, g) == group.identity())
              .count();
      assertThat(group.irreps()).hasSize((int) (real + (group.order() - real) / 2));
      assertThat(natural(group, generators).irreps().stream().filter(Irrep::isTrivial))
          .hasSize(lengths.length);
    }
  }

  /** The irreps of drawn permutations: their characters add up to the numbers of fixed points. */
  @ParameterizedTest
  @MethodSource("seeds")
  void pointsSplitAsTheirCharactersSay(long seed) {
    Random random = new Random(seed);
    int points = 4 + random.nextInt(4);
    List<Integer> order = new ArrayList<>(IntStream.range(0, points).boxed().toList());
    List<int[]> generators = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      Collections.shuffle(order, random);
      generators.add(order.stream().mapToInt(p -> p).toArray());
    }
    FiniteGroup group = FiniteGroup.fromPermutations("G", generators);
    Representation rho = natural(group, generators);
    assertThat(rho.irreps().stream().mapToInt(Irrep::dimension).sum()).isEqualTo(points);
    for (FiniteElement g : group.elements()) {
      double sum = rho.irreps().stream().mapToDouble(irrep -> irrep.character(g)).sum();
      assertThat(sum).isCloseTo(rho.at(g).trace(), within(1e-9));
    }
  }

  static LongStream seeds() {
    return DrawnGroups.seeds(800);
  }

  @Test
  void permutationsBeyondTenThousandElementsNeedNoTable() {
    List<int[]> generators =
        List.of(cycles(8, new int[] {0, 1}), cycles(8, new int[] {0, 1, 2, 3, 4, 5, 6, 7}));
    FiniteGroup group = FiniteGroup.fromPermutations("all of 8", generators, LARGE);
    assertThat(group.order()).isEqualTo(40_320);
    assertAssociative(group);
    assertThat(group.characterTable().size()).isEqualTo(22);
    assertThat(natural(group, generators).irreps().stream().map(Irrep::dimension))
        .containsExactly(1, 7);
    FiniteGroup product =
        GroupProducts.direct(
            Groups.dihedral(200), GroupProducts.direct(Groups.cyclic(50), mirror()), LARGE);
    assertThat(product.order()).isEqualTo(40_000);
    assertAssociative(product);
    assertThat(Representation.trivial(product).size()).isEqualTo(1);
  }

  private static FiniteGroup mirror() {
    return Groups.cyclic(2);
  }

  @Test
  void memoryThatIsNotThereIsNamed() {
    int n = 40_000;
    int[] turn = IntStream.range(0, n).map(i -> (i + 1) % n).toArray();
    int[] flip = IntStream.range(0, n).map(i -> (n - i) % n).toArray();
    assertThatThrownBy(() -> FiniteGroup.fromPermutations("D", List.of(turn, flip), LARGE))
        .hasMessageStartingWith("D has ")
        .hasMessageContaining(" elements that permute 40000 points: they would take ");
  }

  /** The abelian rule and the table give one group. */
  @Test
  void coordinatesMultiplyAsTheTableDoes() {
    int[] first = cycles(9, new int[] {0, 1, 2, 3, 4, 5}, new int[] {6, 7, 8});
    int[] second = cycles(9, new int[] {6, 7, 8});
    PermutationClosure closure = PermutationClosure.of("G", 9, List.of(first, second), 100);
    Multiplication rule = AbelianCoordinates.of(closure.order(), closure.images()).multiplication();
    Multiplication table = closure.multiplication();
    for (int g = 0; g < closure.order(); g++) {
      for (int h = 0; h < closure.order(); h++) {
        assertThat(rule.product(g, h)).isEqualTo(table.product(g, h));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("dev.noether.TestedGroups#all")
  void charactersNeedNoMatricesAndAreTheirTraces(FiniteGroup group) {
    for (FiniteIrrep irrep : group.irreps()) {
      for (int g = 0; g < group.order(); g++) {
        assertThat(irrep.character(g)).isCloseTo(irrep.at(g).trace(), within(1e-12));
        if (irrep.type() == IrrepType.COMPLEX) {
          assertThat(irrep.character().imaginary(g))
              .isCloseTo(irrep.matrices().imaginaryTrace(g), within(1e-12));
        }
      }
    }
  }
}
