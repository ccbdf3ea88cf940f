package dev.noether.group;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.noether.algebra.Cyclotomic;
import dev.noether.algebra.Matrix;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Groups from permutations, matrices, tables and names; what is refused and with which words. */
class GroupBuildingTest {
  private static final String TOO_LARGE =
      "groups have at most 10000 elements, or up to 100000 where GroupOptions are given; take a "
          + "subgroup or a factor that is enough for the symmetry";

  private static FiniteGroup symmetric(int points, GroupOptions options) {
    int[] swap = IntStream.range(0, points).map(x -> x < 2 ? 1 - x : x).toArray();
    int[] cycle = IntStream.range(0, points).map(x -> (x + 1) % points).toArray();
    return FiniteGroup.fromPermutations("all of " + points, List.of(swap, cycle), options);
  }

  private static List<Integer> degrees(FiniteGroup group) {
    CharacterTable table = group.characterTable();
    return IntStream.range(0, table.size()).mapToObj(table::degree).toList();
  }

  @Test
  void permutationsGenerateTheSymmetricGroup() {
    FiniteGroup group = symmetric(6, GroupOptions.defaults());
    assertThat(group.order()).isEqualTo(720);
    assertThat(group.exponent()).isEqualTo(60);
    assertThat(degrees(group)).isEqualTo(degrees(FiniteGroup.named("S6")));
    assertThat(group.label(group.identity())).isEqualTo("()");
    assertThat(group.label(group.generators().get(1))).isEqualTo("(0 1 2 3 4 5)");
    assertThat(group.center().order()).isEqualTo(1);
    assertThat(group.commutatorSubgroup().order()).isEqualTo(360);
  }

  @Test
  void theProductOfPermutationsAppliesTheRightOneFirst() {
    FiniteGroup group = symmetric(3, GroupOptions.defaults());
    int swap = group.generators().get(0);
    int cycle = group.generators().get(1);
    assertThat(group.label(group.multiply(swap, cycle))).isEqualTo("(1 2)");
  }

  @Test
  void matricesGenerateAGroupEvenWhereTheyAreNotOrthogonal() {
    Matrix shear = Matrix.of(2, 2, 0, -1, 1, -1);
    Matrix swap = Matrix.of(2, 2, 0, 1, 1, 0);
    FiniteGroup group = FiniteGroup.fromMatrices("hexagon", List.of(shear, swap));
    assertThat(group.order()).isEqualTo(6);
    assertThat(group.elementOrder(group.generators().get(0))).isEqualTo(3);
    assertThat(group.label(group.generators().get(1))).isEqualTo("s2");
    assertThat(degrees(group)).containsExactly(1, 1, 2);
    assertThat(group.elements().stream().map(FiniteElement::toString))
        .containsExactly("e", "s1", "s2", "s1^2", "s2 s1", "s1 s2");
  }

  @Test
  void rotationMatricesOfTheIcosahedronGiveItsCharacters() {
    FiniteIrrep vectors = Groups.icosahedral().irrep(1);
    List<Integer> generators = vectors.group().generators();
    FiniteGroup group =
        FiniteGroup.fromMatrices("I", generators.stream().map(vectors::at).toList());
    assertThat(group.order()).isEqualTo(60);
    assertThat(group.irreps().stream().map(FiniteIrrep::dimension)).containsExactly(1, 3, 3, 4, 5);
  }

  @Test
  void tablesKeepTheLabelsOfTheUser() {
    int[][] table = {{0, 1, 2}, {1, 2, 0}, {2, 0, 1}};
    FiniteGroup group = FiniteGroup.fromTable("third", table, List.of("stay", "left", "right"));
    assertThat(group.elements().stream().map(FiniteElement::toString))
        .containsExactly("stay", "left", "right");
    FiniteGroup renamed = group.withLabels(List.of("0", "120", "240"));
    assertThat(renamed).isEqualTo(group);
    assertThat(renamed.label(2)).isEqualTo("240");
    assertThat(renamed.irreps()).isEqualTo(group.irreps());
    assertThat(renamed.irreps().get(1).group()).isSameAs(renamed);
  }

  @Test
  void largerGroupsNeedAHigherLimit() {
    assertThatThrownBy(() -> symmetric(4, GroupOptions.defaults().withLimit(23)))
        .hasMessage(
            "the generators of all of 4 give more than 23 elements; if the group is larger, raise "
                + "the limit with GroupOptions.defaults().withLimit(...), else check the "
                + "generators");
    assertThat(symmetric(4, GroupOptions.defaults().withLimit(24)).order()).isEqualTo(24);
    assertThatThrownBy(() -> GroupOptions.defaults().withLimit(0))
        .hasMessage("the limit on the order must be from 1 to 100000, got 0");
    assertThatThrownBy(() -> GroupOptions.defaults().withTolerance(0))
        .hasMessage("the tolerance must be above 0 and at most 1e-3, got 0.0");
  }

  @Test
  void groupsBeyondTenThousandElementsNeedAnOptionAndHaveAnEnd() {
    assertThatThrownBy(() -> GroupOptions.defaults().withLimit(100_001))
        .hasMessage("the limit on the order must be from 1 to 100000, got 100001");
    assertThatThrownBy(() -> symmetric(9, GroupOptions.defaults().withLimit(100_000)))
        .hasMessage(
            "the generators of all of 9 give more than 100000 elements, the most there are; take a "
                + "subgroup that is enough for the symmetry, or check the generators");
    assertThatThrownBy(() -> FiniteGroup.fromTable("G", new int[10_001][]))
        .hasMessage(
            "the table of G has 10001 elements, and 10000 are the most: beyond, give generators to "
                + "FiniteGroup.fromPermutations");
    assertThatThrownBy(() -> FiniteGroup.named("C10001"))
        .hasMessage("C_n needs n from 1 to 10000, got 10001: " + TOO_LARGE);
    assertThatThrownBy(() -> FiniteGroup.named("D9 wr S5"))
        .hasMessage("D9 wr S5 would have 226748160 elements: " + TOO_LARGE);
  }

  @Test
  void badPermutationsAreRefused() {
    assertThatThrownBy(() -> FiniteGroup.fromPermutations("G", List.of(new int[] {0, 0, 1})))
        .hasMessage("generator 0 of G must hold each of 0 to 2 once, got [0, 0, 1]");
    assertThatThrownBy(
            () -> FiniteGroup.fromPermutations("G", List.of(new int[] {1, 0}, new int[] {0})))
        .hasMessage("generators of G must permute the same points, got 2 and 1 points");
    assertThatThrownBy(() -> FiniteGroup.fromPermutations(" ", List.of()))
        .hasMessage("a group needs a name that is not blank");
  }

  @Test
  void badMatricesAreRefused() {
    assertThatThrownBy(() -> matrices(Matrix.of(1, 1, Double.NaN)))
        .hasMessage("generator 0 of G must have finite entries, got NaN");
    assertThatThrownBy(() -> matrices(Matrix.of(2, 2, 1, 2, 2, 4)))
        .hasMessage("generator 0 of G must be invertible, but its determinant is 0.00");
    assertThatThrownBy(() -> matrices(Matrix.of(1, 1, 2)))
        .hasMessage(
            "generator 0 of G has determinant 2.0 and so no finite order; a finite group needs 1 "
                + "or -1");
    assertThatThrownBy(() -> matrices(Matrix.of(1, 2, 1, 2)))
        .hasMessage("generators of G must be square of one size, got [1, 2] after [1, 1]");
    double c = StrictMath.cos(1);
    double s = StrictMath.sin(1);
    assertThatThrownBy(() -> matrices(Matrix.of(2, 2, c, -s, s, c)))
        .hasMessageStartingWith("the generators of G give more than 2000 elements");
    double close = 1e-7;
    assertThatThrownBy(() -> matrices(Matrix.of(2, 2, 1, close, 0, 1)))
        .hasMessage(
            "two elements of G differ by 1.00e-07, too much for the tolerance 1e-08 and too little "
                + "to be told apart; rounded matrices need more digits or a larger tolerance: "
                + "GroupOptions.defaults().withTolerance(5.5e-08) gives a group of order 1");
  }

  private static FiniteGroup matrices(Matrix matrix) {
    return FiniteGroup.fromMatrices("G", List.of(matrix));
  }

  @Test
  void tablesThatAreNoGroupsNameTheAxiomAndAWitness() {
    assertThatThrownBy(() -> FiniteGroup.fromTable("G", new int[][] {{0, 1}, {1, 2}}))
        .hasMessage("the table of G must be closed: 1 * 1 must be from 0 to 1, got 2");
    assertThatThrownBy(() -> FiniteGroup.fromTable("G", new int[][] {{0, 0}, {1, 1}}))
        .hasMessage("the table of G must have an identity e with e * g = g * e = g; it has none");
    assertThatThrownBy(() -> FiniteGroup.fromTable("G", new int[][] {{0, 1}, {1, 1}}))
        .hasMessage(
            "each element of G must have an inverse; no h gives 1 * h = h * 1 = 0, the identity");
    int[][] loop = {
      {0, 1, 2, 3, 4}, {1, 0, 3, 4, 2}, {2, 4, 0, 1, 3}, {3, 2, 4, 0, 1}, {4, 3, 1, 2, 0}
    };
    assertThatThrownBy(() -> FiniteGroup.fromTable("G", loop))
        .hasMessage("the table of G must be associative: (1 * 1) * 2 = 2, but 1 * (1 * 2) = 4");
    assertThatThrownBy(() -> FiniteGroup.fromTable("G", new int[][] {{0, 1}, {1}}))
        .hasMessage("the table of G must be square: row 1 must have 2 entries, got 1");
    assertThatThrownBy(() -> FiniteGroup.fromTable("G", new int[][] {{0}}, List.of("a", "b")))
        .hasMessage("G needs 1 labels, one per element, got 2");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "C5",
        "D4",
        "Tetrahedral",
        "Octahedral",
        "Icosahedral",
        "Td",
        "Th",
        "Oh",
        "Ih",
        "V4",
        "S4",
        "A5",
        "Q8",
        "Q16",
        "Dic3",
        "2T",
        "2O",
        "2I",
        "Cylinder5",
        "FullCylinder4",
        "C2 x D4",
        "C2 x C3 x C5",
        "C2 x (C3 x C5)",
        "C2 wr S3",
        "(C2 wr C2) wr C2",
        "C2 wr (C2 x C2)",
        "(C2 x C3) wr C2",
        "C7 semidirect(2) C3",
        "C7 semidirect(2) C3 x C2",
        "C3 x (C2 wr C2)"
      })
  void namesAreReadBackInAnyLetterCase(String name) {
    FiniteGroup group = FiniteGroup.named(name);
    assertThat(group.name()).isEqualTo(name);
    assertThat(FiniteGroup.named("  " + name.toLowerCase(java.util.Locale.ROOT))).isEqualTo(group);
  }

  @ParameterizedTest
  @CsvSource({"t,Tetrahedral", "O,Octahedral", "i,Icosahedral", "Z5,C5", "Klein,V4", "Dic4,Q16"})
  void aliasesGiveTheSameGroup(String alias, String name) {
    assertThat(FiniteGroup.named(alias).name()).isEqualTo(name);
  }

  @ParameterizedTest
  @CsvSource({
    "C2xC2,C2 x C2",
    "c2*D4,C2 x D4",
    "C2\u00d7C3\u00d7C4,C2 x C3 x C4",
    "C2x(C2 wr C2),C2 x (C2 wr C2)",
    "TdxOh,Td x Oh",
    "C3vxC2,C3v x C2"
  })
  void productsAreReadWithoutSpacesAndWithOtherSigns(String text, String name) {
    assertThat(FiniteGroup.named(text)).isEqualTo(FiniteGroup.named(name)).hasToString(name);
  }

  @ParameterizedTest
  @CsvSource({
    "Octahedrl,Octahedral",
    "icosaedral,Icosahedral",
    "fulcylinder4,FullCylinder4",
    "Cylnder12,Cylinder12",
    "C2 x Tetrahedrall,Tetrahedral",
    "Rotorefelction8,Rotoreflection8"
  })
  void aNearMissNamesWhatWasPerhapsMeant(String text, String name) {
    assertThatThrownBy(() -> FiniteGroup.named(text))
        .hasMessageContaining("; did you mean " + name + "? Known are trivial,");
  }

  @ParameterizedTest
  @ValueSource(strings = {"C2 x E8", "G2", "SU5"})
  void whatIsNearNoNameSuggestsNone(String text) {
    assertThatThrownBy(() -> FiniteGroup.named(text))
        .hasMessageStartingWith("unknown group")
        .hasMessageNotContaining("did you mean");
  }

  /** The largest group of each family is built, the next one is refused with the limit. */
  @ParameterizedTest
  @CsvSource({
    "A6,A7,'A_n needs n from 1 to 6, got 7; build larger ones with FiniteGroup.fromPermutations'",
    "Dic2,Dic1,'Dic_n needs n from 2 to 2500, got 1'",
    "Q8,Q4,'Q_n needs n from 8 to 10000, got 4'",
    "C2v,C1 x C0v,'C_nv needs n from 2 to 5000, got 0'",
    "D2d,D1d,'D_nd needs n from 2 to 2500, got 1'",
    "Rotoreflection4,Rotoreflection5,'Rotoreflectionn needs an even n, as Rotoreflection4, got 5; "
        + "for an odd n the group is C5h'"
  })
  void limitsAreTold(String allowed, String refused, String message) {
    assertThat(FiniteGroup.named(allowed).name()).isNotEmpty();
    assertThatThrownBy(() -> FiniteGroup.named(refused)).hasMessage(message);
  }

  @Test
  void largeNumbersOfEveryFamilyAreRefusedWithTheReason() {
    for (String name :
        List.of(
            "D5001",
            "Dic2501",
            "Cylinder5001",
            "FullCylinder2501",
            "C5001v",
            "C5001h",
            "D2501h",
            "D2501d",
            "Rotoreflection10002",
            "Q10004")) {
      assertThatThrownBy(() -> FiniteGroup.named(name)).hasMessageEndingWith(TOO_LARGE);
    }
  }

  @Test
  void productsKnowTheirFactorsAndTheComponentsOfElements() {
    FiniteGroup group = Groups.cyclic(2).times(Groups.dihedral(3)).times(Groups.quaternion());
    assertThat(group).hasToString("C2 x D3 x Q8");
    assertThat(group.factors()).hasToString("[C2, D3, Q8]");
    for (int factor = 0; factor < 3; factor++) {
      FiniteGroup part = group.factors().get(factor);
      for (int g : group.generators()) {
        for (int h = 0; h < group.order(); h++) {
          assertThat(group.component(group.multiply(g, h), factor))
              .isEqualTo(part.multiply(group.component(g, factor), group.component(h, factor)));
        }
      }
    }
    assertThat(Groups.fullOctahedral().factors()).hasToString("[Oh]");
    assertThatThrownBy(() -> group.component(0, 3))
        .hasMessage("C2 x D3 x Q8 has 3 direct factors, numbered from 0, got 3");
    assertThatThrownBy(() -> group.component(96, 0))
        .hasMessage("elements of C2 x D3 x Q8 are numbered 0 to 95, got 96");
  }

  @Test
  void subgroupsHaveNamesThatReadBack() {
    FiniteGroup group = FiniteGroup.named("S6").subgroupGeneratedBy(3, 25, 121).asGroup();
    assertThat(group.name()).isEqualTo("<3, 25, 121> in S6");
    assertThat(FiniteGroup.named(group.name())).isEqualTo(group);
    assertThat(FiniteGroup.named("<4, 0> in Icosahedral").name()).isEqualTo("Tetrahedral");
    assertThat(FiniteGroup.named("<> in S3").name()).isEqualTo("C1");
    assertThatThrownBy(() -> FiniteGroup.named("<9> in C5"))
        .hasMessage("elements of C5 are numbered 0 to 4, got 9");
  }

  @Test
  void badNamesSayWhatIsWrong() {
    assertThatThrownBy(() -> FiniteGroup.named(" "))
        .hasMessage("a group needs a name, as C5, Icosahedral or 'C2 x D4'");
    assertThatThrownBy(() -> FiniteGroup.named("C2 x"))
        .hasMessage("a group is missing at the end of 'C2 x'");
    assertThatThrownBy(() -> FiniteGroup.named("D0"))
        .hasMessage("D_n needs n from 1 to 5000, got 0");
    assertThatThrownBy(() -> FiniteGroup.named("C-3"))
        .hasMessage("C_n needs n from 1 to 10000, got -3");
    assertThatThrownBy(() -> FiniteGroup.named("C99999999999"))
        .hasMessage("C_n needs n from 1 to 10000, got 99999999999");
    assertThatThrownBy(() -> FiniteGroup.named("so3"))
        .hasMessageStartingWith("so3 is compact, not finite");
    assertThatThrownBy(() -> Groups.cyclic(100).irrep(51))
        .hasMessage(
            "C100 has no irrep(51); it has 51 of them: irrep(0), irrep(1), irrep(2), irrep(3), "
                + "irrep(4), irrep(5), irrep(6), irrep(7), irrep(8), irrep(9), irrep(10), "
                + "irrep(11), ..., irrep(50)");
    assertThatThrownBy(() -> FiniteGroup.named("C2 x G9"))
        .hasMessageStartingWith("unknown group 'C2 x G9' at 'g9': know trivial,");
    assertThatThrownBy(() -> FiniteGroup.named("(C2 x C3"))
        .hasMessage("a parenthesis is left open in '(C2 x C3'");
    assertThatThrownBy(() -> FiniteGroup.named("Q10"))
        .hasMessage("Qn needs n divisible by 4, as Q8 or Q16, got Q10");
    assertThatThrownBy(() -> FiniteGroup.named("S7"))
        .hasMessage(
            "S_n needs n from 1 to 6, got 7; build larger ones with FiniteGroup.fromPermutations");
    assertThatThrownBy(() -> FiniteGroup.named("C7 semidirect(3) C3"))
        .hasMessage("C7 semidirect(3) C3 needs 3^3 = 1 modulo 7, got 6");
    assertThatThrownBy(() -> FiniteGroup.named("S6 x S6"))
        .hasMessage("S6 x S6 would have 518400 elements: " + TOO_LARGE);
    assertThatThrownBy(() -> FiniteGroup.named("D4 semidirect(3) C2"))
        .hasMessageStartingWith("semidirect(k) joins two cyclic groups, got D4 and C2");
  }

  @Test
  void semidirectProductsNeedAnActionByAutomorphisms() {
    FiniteGroup four = Groups.cyclic(4);
    FiniteGroup two = Groups.cyclic(2);
    int[][] inversion = {{0, 1, 2, 3}, {0, 3, 2, 1}};
    FiniteGroup group = GroupProducts.semidirect(four, two, inversion, "turned");
    assertThat(Isomorphism.find(Groups.dihedral(4), group)).isPresent();
    int[][] noAutomorphism = {{0, 1, 2, 3}, {0, 2, 1, 3}};
    assertThatThrownBy(() -> GroupProducts.semidirect(four, two, noAutomorphism, "G"))
        .hasMessageStartingWith("r must act on C4 by an automorphism");
    int[][] noAction = {{0, 3, 2, 1}, {0, 3, 2, 1}};
    assertThatThrownBy(() -> GroupProducts.semidirect(four, two, noAction, "G"))
        .hasMessageStartingWith("an action must respect products");
    int[][] notOneToOne = {{0, 1, 2, 3}, {0, 1, 1, 3}};
    assertThatThrownBy(() -> GroupProducts.semidirect(four, two, notOneToOne, "G"))
        .hasMessage("r must move the elements of C4 one to one, but r^2 goes to 1");
  }

  private static List<double[]> bytes(FiniteGroup group) {
    return group.irreps().stream()
        .flatMap(irrep -> IntStream.range(0, group.order()).mapToObj(g -> irrep.at(g).toArray()))
        .toList();
  }

  @ParameterizedTest
  @ValueSource(strings = {"S5", "2I", "C3 wr C3", "C7 semidirect(2) C3", "2T x Q8"})
  void freshGroupsHaveTheSameBytes(String name) {
    List<double[]> first = bytes(FiniteGroup.named(name));
    List<double[]> second = bytes(FiniteGroup.named(name));
    assertThat(IntStream.range(0, first.size()))
        .allMatch(i -> Arrays.equals(first.get(i), second.get(i)));
  }

  /** Hashes of all matrices from another run: a change of one bit shows here. */
  @ParameterizedTest
  @CsvSource({"S5, -518410982", "2I, 770245771", "C3 wr C3, -1893120450", "Q8 x Q8, -2032722943"})
  void item13EveryRunAndMachineGivesTheSameBytes(String name, int expected) {
    int hash =
        bytes(FiniteGroup.named(name)).stream()
            .mapToInt(Arrays::hashCode)
            .reduce(1, (a, b) -> 31 * a + b);
    assertThat(hash).isEqualTo(expected);
  }

  @Test
  void sixteenThreadsGetOneResult() throws Exception {
    FiniteGroup group = FiniteGroup.named("S5");
    ExecutorService threads = Executors.newFixedThreadPool(16);
    try {
      List<Callable<List<FiniteIrrep>>> askers =
          Stream.generate(() -> ask(group)).limit(16).toList();
      List<List<FiniteIrrep>> results = new ArrayList<>();
      for (Future<List<FiniteIrrep>> future : threads.invokeAll(askers)) {
        results.add(future.get());
      }
      assertThat(results).allMatch(result -> result == results.get(0));
    } finally {
      threads.shutdown();
    }
  }

  private static Callable<List<FiniteIrrep>> ask(FiniteGroup group) {
    return group::irreps;
  }

  @Test
  void structureOfKnownGroups() {
    assertThat(FiniteGroup.named("Q8").center().order()).isEqualTo(2);
    assertThat(FiniteGroup.named("Q8").exponent()).isEqualTo(4);
    assertThat(FiniteGroup.named("2I").commutatorSubgroup().order()).isEqualTo(120);
    assertThat(FiniteGroup.named("S4").commutatorSubgroup().name()).contains("A4");
    assertThat(FiniteGroup.named("D6").center().name()).contains("C2");
    assertThat(FiniteGroup.named("V4").isAbelian()).isTrue();
    assertThat(FiniteGroup.named("S3").isAbelian()).isFalse();
    assertThat(FiniteGroup.named("2O").elementOrder(12)).isEqualTo(8);
  }

  @Test
  void productsNameIrrepsByTheFactorsAndSplitTwoComplexTypes() {
    assertThat(FiniteGroup.named("C3 x C3").irreps().stream().map(FiniteIrrep::toString))
        .containsExactly("irrep(0,0)", "irrep(0,1)", "irrep(1,0)", "irrep(1,1,0)", "irrep(1,1,1)");
    assertThat(FiniteGroup.named("Oh").irrep(1, -1).dimension()).isEqualTo(3);
    assertThat(FiniteGroup.named("Q8 x Q8").irrep(1, 1, 1, 1).type()).isEqualTo(IrrepType.REAL);
  }

  /** Each with its value, which the text must not change. */
  @ParameterizedTest
  @CsvSource({
    "1, 0, 1",
    "3, 1, E(3)",
    "6, 1, -E(3)^2",
    "6, 2, E(3)",
    "4, 3, -E(4)",
    "8, 3, E(8)^3",
    "8, 5, -E(8)",
    "5, 1 4, (-1 + sqrt(5))/2",
    "5, 1 2, E(5) + E(5)^2",
    "8, 1 7, sqrt(2)",
    "8, 3 5, -sqrt(2)",
    "8, 1 7 0, 1 + sqrt(2)",
    "12, 1 11, sqrt(3)",
    "12, 1 11 1 11, 2*sqrt(3)",
    "7, 1 2 4, (-1 + sqrt(-7))/2",
    "7, 3 5 6, (-1 - sqrt(-7))/2",
    "4, 0 1, 1 + E(4)",
    "4, 0 0 3, 2 - E(4)",
    "3, 1 1, 2*E(3)",
    "9, 3 3 3, 3*E(3)",
    "7, 1 6, E(7) + E(7)^6",
    "14, 1 13, -E(7)^3 - E(7)^4",
    "7, 0 1 6, -E(7)^2 - E(7)^3 - E(7)^4 - E(7)^5",
    "5, 1 1 2, 2*E(5) + E(5)^2",
    "16, 1 3 0, 1 + E(16) + E(16)^3"
  })
  void sumsOfRootsOfUnityAreWrittenShortly(int order, String exponents, String text) {
    int[] powers = Stream.of(exponents.split(" ")).mapToInt(Integer::parseInt).toArray();
    assertThat(Cyclotomic.sumOfRoots(order, powers)).hasToString(text);
  }

  @Test
  void theIdentityStandsInTheFirstClass() {
    for (String name : List.of("Icosahedral", "2O", "Oh", "C2 x Tetrahedral", "S4")) {
      FiniteGroup group = FiniteGroup.named(name);
      assertThat(group.conjugacyClasses().get(0)).containsExactly(group.identity());
      assertThat(group.conjugacyClass(group.identity())).isZero();
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "C5 | 3 | r^3",
        "D4 | 6 | r^2 f",
        "Icosahedral | 3 | e",
        "Icosahedral | 22 | 1/5 turn about (1.618, 0, -1)",
        "Octahedral | 12 | 1/4 turn about (1, 0, 0)",
        "Octahedral | 0 | 1/2 turn about (1, 0, 0)",
        "Td | 12 | -(1/4 turn about (1, 0, 0))",
        "Ih | 63 | -e",
        "Th | 4 | 1/3 turn about (1, -1, -1)",
        "2T | 4 | 0.5 + 0.5 i - 0.5 j - 0.5 k",
        "2O | 3 | 1",
        "2O | 24 | -i",
        "V4 | 3 | a b",
        "C2 x C3 x C5 | 29 | (r, r^2, r^4)",
        "C2 wr S3 | 47 | (r, r, r; (0 2))",
        "C7 semidirect(2) C3 | 4 | (r, r)"
      })
  void elementsHaveLabelsToRead(String name, int element, String label) {
    assertThat(FiniteGroup.named(name).label(element)).isEqualTo(label);
  }

  @Test
  void cyclotomicValuesAreExact() {
    CharacterTable table = FiniteGroup.named("A5").characterTable();
    assertThat(table.value(3, 1).isInteger()).isTrue();
    Stream<String> values = IntStream.range(0, 5).mapToObj(c -> table.value(1, c).toString());
    assertThat(values)
        .containsExactlyInAnyOrder("3", "-1", "0", "(1 + sqrt(5))/2", "(1 - sqrt(5))/2");
    assertThatThrownBy(() -> table.degree(5)).hasMessage("A5 has characters 0 to 4, got 5");
    assertThatThrownBy(() -> table.real(0, -1))
        .hasMessage("A5 has conjugacy classes 0 to 4, got -1");
  }
}
