package dev.noether.group;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.noether.TestedGroups;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The laws of subgroups, their cosets and quotients, over all subgroups up to conjugacy. */
class SubgroupTest {
  static Stream<Subgroup> subgroups() {
    return TestedGroups.all().flatMap(group -> group.subgroups().stream());
  }

  /**
   * Published numbers of conjugacy classes of subgroups, and of all subgroups (OEIS A029725...).
   */
  @ParameterizedTest
  @CsvSource({
    "C12, 6, 6",
    "D4, 8, 10",
    "Q8, 6, 6",
    "A4, 5, 10",
    "S4, 11, 30",
    "A5, 9, 59",
    "S5, 19, 156",
    "A6, 22, 501",
    "S6, 56, 1455",
    "Icosahedral, 9, 59",
    "V4, 5, 5",
    "C2 x C2 x C2, 16, 16",
    "2T, 7, 15",
    "2I, 12, 76"
  })
  void subgroupsAreAsManyAsPublished(String name, int classes, int all) {
    List<Subgroup> subgroups = FiniteGroup.named(name).subgroups();
    assertThat(subgroups).hasSize(classes);
    assertThat(subgroups.stream().mapToInt(subgroup -> subgroup.normalizer().index()).sum())
        .isEqualTo(all);
  }

  @Test
  void theIcosahedralGroupHasItsTetrahedralAndDihedralSubgroups() {
    FiniteGroup group = Groups.icosahedral();
    assertThat(group.subgroups().stream().map(Subgroup::toString))
        .containsExactly(
            "C1 in Icosahedral",
            "C2 in Icosahedral",
            "C3 in Icosahedral",
            "V4 in Icosahedral",
            "C5 in Icosahedral",
            "D3 in Icosahedral",
            "D5 in Icosahedral",
            "Tetrahedral in Icosahedral",
            "Icosahedral in Icosahedral");
    assertThat(group.subgroup("D2").name()).contains("V4");
    assertThat(group.subgroup("Tetrahedral").asGroup()).isEqualTo(FiniteGroup.named("Tetrahedral"));
  }

  @ParameterizedTest
  @MethodSource("subgroups")
  void theEmbeddingIsAnInjectiveHomomorphismOntoTheSubgroup(Subgroup subgroup) {
    FiniteGroup own = subgroup.asGroup();
    FiniteGroup parent = subgroup.group();
    List<Integer> image =
        IntStream.range(0, own.order()).mapToObj(subgroup::embed).sorted().toList();
    assertThat(image).isEqualTo(subgroup.elements());
    for (int g = 0; g < own.order(); g++) {
      for (int h = 0; h < own.order(); h++) {
        assertThat(subgroup.embed(own.multiply(g, h)))
            .isEqualTo(parent.multiply(subgroup.embed(g), subgroup.embed(h)));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("subgroups")
  void cosetsPartitionTheGroup(Subgroup subgroup) {
    FiniteGroup group = subgroup.group();
    assertThat(subgroup.leftCosets()).hasSize(subgroup.index());
    assertThat(new TreeSet<>(subgroup.leftCosets().stream().flatMap(List::stream).toList()))
        .hasSize(group.order());
    for (int i = 0; i < subgroup.index(); i++) {
      int left = subgroup.leftCosetRepresentatives().get(i);
      int right = subgroup.rightCosetRepresentatives().get(i);
      for (int h : subgroup.elements()) {
        assertThat(subgroup.leftCosets().get(i)).contains(group.multiply(left, h));
        assertThat(subgroup.rightCosets().get(i)).contains(group.multiply(h, right));
      }
    }
    assertThat(subgroup.isNormal()).isEqualTo(subgroup.leftCosets().equals(subgroup.rightCosets()));
  }

  @ParameterizedTest
  @MethodSource("subgroups")
  void quotientsByNormalSubgroupsAreProjectedOntoByAHomomorphism(Subgroup subgroup) {
    if (!subgroup.isNormal()) {
      assertThatThrownBy(subgroup::quotient).hasMessageContaining("needs a normal subgroup");
      return;
    }
    Quotient quotient = subgroup.quotient();
    FiniteGroup group = subgroup.group();
    assertThat(quotient.group().order()).isEqualTo(subgroup.index());
    for (int g = 0; g < group.order(); g++) {
      assertThat(quotient.project(g) == quotient.group().identity())
          .isEqualTo(subgroup.contains(g));
      for (int s : group.generators()) {
        assertThat(quotient.project(group.multiply(s, g)))
            .isEqualTo(quotient.group().multiply(quotient.project(s), quotient.project(g)));
      }
    }
  }

  @Test
  void quotientsHaveNames() {
    FiniteGroup group = FiniteGroup.named("2O");
    assertThat(group.center().quotient().group().name()).isEqualTo("Octahedral");
    assertThat(group.commutatorSubgroup().quotient().group().name()).isEqualTo("C2");
  }

  @Test
  void normalizersAndCentralizersAreThoseOfTheTheory() {
    FiniteGroup group = FiniteGroup.named("A5");
    Subgroup five = group.subgroup("C5");
    assertThat(five.normalizer().name()).contains("D5");
    assertThat(five.centralizer()).isEqualTo(five);
    assertThat(five.conjugate(group.generators().get(0))).isNotEqualTo(five);
    assertThat(five.intersection(five.conjugate(group.generators().get(0))).order()).isEqualTo(1);
    assertThat(five.normalizer().contains(five)).isTrue();
    int fiveCycle = five.elements().get(1);
    assertThat(group.centralizer(fiveCycle)).isEqualTo(five);
  }

  @Test
  void stabilizersArePredicates() {
    FiniteGroup group = FiniteGroup.named("S4");
    int[][] points = PermutationGroups.permutations(4, false);
    Subgroup stabilizer = group.subgroupWhere(g -> points[g][3] == 3);
    assertThat(stabilizer.name()).contains("S3");
    assertThat(stabilizer.isNormal()).isFalse();
  }

  @Test
  void whatIsNoSubgroupIsRefusedWithAWitness() {
    FiniteGroup group = Groups.cyclic(6);
    assertThatThrownBy(() -> group.subgroupWhere(g -> g < 2))
        .hasMessage(
            "a subgroup of C6 must be closed: r and r are in it, but their product "
                + "r^2 is not; subgroupGeneratedBy(...) gives the subgroup that they "
                + "generate");
    assertThatThrownBy(() -> group.subgroupWhere(g -> g == 3))
        .hasMessage("a subgroup of C6 must hold the identity e; the elements given do not");
    assertThatThrownBy(() -> group.subgroup("C4"))
        .hasMessage("C6 has no subgroup C4; it has C1, C2, C3, C6");
    assertThatThrownBy(() -> group.subgroupGeneratedBy(6))
        .hasMessage("elements of C6 are numbered 0 to 5, got 6");
    assertThatThrownBy(() -> FiniteGroup.named("S3").subgroup("C2").quotient())
        .hasMessageContaining("its normalizer() has it as a normal subgroup");
  }

  @Test
  void tooManySubgroupsAreRefusedWithTheWaysAround() {
    FiniteGroup group = FiniteGroup.named("C2 x C2 x C2 x C2 x C2 x C2 x C2");
    assertThatThrownBy(group::subgroups)
        .hasMessage(
            "C2 x C2 x C2 x C2 x C2 x C2 x C2 has more than 10000 subgroups, too many to list; ask "
                + "for particular ones with subgroupGeneratedBy(...), subgroupWhere(...), "
                + "centralizer(...) or normalizer()");
    assertThat(group.subgroupGeneratedBy(1, 2, 4).name()).contains("C2 x C2 x C2");
  }

  /** Only subgroups of its own lie below a subgroup, so that one order is listed by itself. */
  @ParameterizedTest
  @ValueSource(strings = {"S4", "D4 x C2", "C2 wr C4", "A4 x C4", "Icosahedral", "C2 x C4 x C3"})
  void subgroupsOfOneOrderAreThoseOfTheWholeList(String name) {
    FiniteGroup group = FiniteGroup.named(name);
    for (int order = 1; order <= group.order(); order++) {
      int own = order;
      assertThat(SubgroupLattice.ofOrder(group, order))
          .isEqualTo(
              group.subgroups().stream().filter(subgroup -> subgroup.order() == own).toList());
    }
  }

  @Test
  void ofALargeGroupOnlyTheSubgroupsOfTheOrderAreListed() {
    FiniteGroup group = FiniteGroup.named("C2 wr C4 x Q8");
    assertThatThrownBy(() -> group.subgroup("C3"))
        .hasMessage("C2 wr C4 x Q8 has no subgroup C3: its order 512 is no multiple of 3");
    assertThatThrownBy(() -> FiniteGroup.named("A5 x S3").subgroup("C12"))
        .hasMessage("A5 x S3 has no subgroup C12; of its order it has D6, C2 x C6, Tetrahedral");
    assertThat(group.subgroup("C2").order()).isEqualTo(2);
  }
}
