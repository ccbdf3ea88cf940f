package dev.noether.rep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.noether.TestedGroups;
import dev.noether.algebra.Matrix;
import dev.noether.group.FiniteElement;
import dev.noether.group.FiniteGroup;
import dev.noether.group.FiniteIrrep;
import dev.noether.group.Groups;
import dev.noether.group.Subgroup;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Restriction, induction and functions on cosets, over all elements. */
class SubgroupConstructionsTest {
  static Stream<FiniteGroup> groups() {
    return Stream.concat(
        TestedGroups.all(), Stream.of("S3 x S3", "C2 wr C4", "2O").map(FiniteGroup::named));
  }

  /** On every irrep of every group of the list, and every subgroup of it up to conjugacy. */
  @ParameterizedTest
  @MethodSource("groups")
  void frobeniusReciprocityHoldsAndRestrictionAgreesWithCharacters(FiniteGroup group) {
    for (Subgroup subgroup : group.subgroups()) {
      FiniteGroup small = subgroup.asGroup();
      List<Representation> restrictions =
          group.irreps().stream().map(i -> Representation.irrep(i).restrict(subgroup)).toList();
      for (FiniteIrrep inner : small.irreps()) {
        Representation rho = Representation.irrep(inner);
        Representation induced = rho.induce(subgroup);
        assertThat(induced.size()).isEqualTo(rho.size() * subgroup.index());
        for (int i = 0; i < restrictions.size(); i++) {
          FiniteIrrep outer = group.irreps().get(i);
          int hom = HomSpace.between(rho, restrictions.get(i)).dim();
          assertThat(HomSpace.between(induced, Representation.irrep(outer)).dim()).isEqualTo(hom);
          assertThat(innerProduct(inner, outer, subgroup)).isCloseTo(hom, within(1e-10));
        }
      }
    }
  }

  /** The mean over the subgroup of the product of the characters. */
  private static double innerProduct(FiniteIrrep inner, FiniteIrrep outer, Subgroup subgroup) {
    double sum = 0;
    for (int h = 0; h < subgroup.order(); h++) {
      sum += inner.character(h) * outer.character(subgroup.embed(h));
    }
    return sum / subgroup.order();
  }

  /** Every copy falls apart by itself, in the same way, and summands stay summands. */
  @ParameterizedTest
  @CsvSource({"Icosahedral,D3", "Octahedral,V4", "2T,C4", "Q8,C2", "D4,C1"})
  void branchingKeepsMatricesSummandsAndCopies(String group, String name) {
    FiniteGroup whole = FiniteGroup.named(group);
    Subgroup subgroup = whole.subgroup(name);
    Representation largest = Representation.irrep(whole.irreps().get(whole.irreps().size() - 1));
    Representation rho = Representation.regular(whole).times(2).plus(largest.tensor(largest));
    Representation branch = rho.branch(subgroup);
    for (int h = 0; h < subgroup.order(); h++) {
      FiniteElement image = whole.element(subgroup.embed(h));
      assertThat(branch.at(subgroup.asGroup().element(h)).distance(rho.at(image)))
          .isLessThan(1e-12);
      assertThat(
              branch
                  .changeOfBasis()
                  .transpose()
                  .times(rho.at(image))
                  .times(branch.changeOfBasis())
                  .distance(blocks(branch, h)))
          .isLessThan(1e-12);
    }
    assertThat(branch.summands().stream().map(Representation::size))
        .containsExactlyElementsOf(rho.summands().stream().map(Representation::size).toList());
    assertThat(branch.runs()).hasSameSizeAs(rho.runs());
    List<Integer> starts = branch.copies().stream().map(Representation.Copy::start).toList();
    assertThat(starts).containsAll(rho.copies().stream().map(Representation.Copy::start).toList());
  }

  private static Matrix blocks(Representation rho, int element) {
    return Matrix.blockDiagonal(
        rho.irreps().stream().map(irrep -> irrep.at(rho.finiteGroup().element(element))).toList());
  }

  @ParameterizedTest
  @CsvSource({"Icosahedral,D3", "Octahedral,V4", "2T,C4", "S4,D4"})
  void restrictionHasTheSameMatrices(String name, String small) {
    FiniteGroup group = FiniteGroup.named(name);
    Subgroup subgroup = group.subgroup(small);
    Representation regular = Representation.regular(group);
    Representation restricted = regular.restrict(subgroup);
    assertThat(restricted.finiteGroup()).isEqualTo(subgroup.asGroup());
    for (FiniteElement h : restricted.finiteGroup().elements()) {
      FiniteElement g = group.element(subgroup.embed(h.index()));
      assertThat(restricted.at(h).distance(regular.at(g))).isLessThan(1e-10);
      assertThat(restricted.character(h)).isCloseTo(regular.character(g), within(1e-10));
    }
    assertThat(
            restricted.isEquivalentTo(
                Representation.regular(restricted.finiteGroup()).times(subgroup.index())))
        .isTrue();
  }

  @ParameterizedTest
  @CsvSource({"Icosahedral,D5", "Octahedral,D4", "D6,C2", "2T,Q8"})
  void functionsOnCosetsAreInducedByTheTrivialRepresentation(String name, String small) {
    Subgroup subgroup = FiniteGroup.named(name).subgroup(small);
    Representation cosets = Representation.quotient(subgroup);
    assertThat(cosets.size()).isEqualTo(subgroup.index());
    Representation trivial = Representation.trivial(subgroup.asGroup());
    assertThat(cosets.isEquivalentTo(trivial.induce(subgroup))).isTrue();
    assertThat(SignedPermutations.of(cosets).orElseThrow().isUnsigned()).isTrue();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "Icosahedral: quotient(D5) + trivial",
        "Icosahedral: induce(D5: irrep(1,1)) + 2 x regular",
        "D5: restrict(Icosahedral: irrep(1) + irrep(2))",
        "S4: induce(S3: regular) * irrep(1)",
        "D4: quotient(<2, 5>) + quotient(V4)",
        "D4: induce(<2, 5>: irrep(0,1) + 2 x trivial)",
        "V4: restrict(D4, <2, 5>: irrep(1,1) * irrep(1,1))",
        "<3, 25, 121> in S6: regular + restrict(S6, <3, 25, 121>: irrep(2))",
        "Octahedral: restrict(SO(3): irrep(2)) + restrict(O(3): irrep(1,1))"
      })
  void textRoundTrips(String text) {
    Representation parsed = Representation.parse(text);
    assertThat(parsed).hasToString(text);
    assertThat(Representation.parse(parsed.toString())).isEqualTo(parsed);
  }

  /** Whichever subgroup it is, and however many conjugates and namesakes it has. */
  @ParameterizedTest
  @ValueSource(strings = {"D4", "2T", "C2 x C4", "S4", "Icosahedral", "C2 wr C3"})
  void everySubgroupHasAText(String name) {
    FiniteGroup group = FiniteGroup.named(name);
    Representation irrep = Representation.irrep(group.irreps().get(group.irreps().size() - 1));
    for (Subgroup representative : group.subgroups()) {
      Subgroup subgroup = representative.conjugate(group.generators().get(0));
      Representation trivial = Representation.trivial(subgroup.asGroup());
      for (Representation built :
          List.of(
              Representation.quotient(subgroup),
              trivial.induce(subgroup),
              irrep.restrict(subgroup))) {
        assertThat(Representation.parse(built.toString())).as("%s", built).isEqualTo(built);
      }
    }
  }

  @Test
  void sumsAreReadForAGroupThatHasNoName() {
    FiniteGroup group =
        FiniteGroup.fromPermutations("my own", List.of(new int[] {1, 2, 0}, new int[] {1, 0, 2}));
    Representation rho = Representation.parse(group, "2 x regular + quotient(C2) * irrep(2)");
    assertThat(rho).hasToString("my own: 2 x regular + quotient(C2) * irrep(2)");
    assertThatThrownBy(() -> Representation.parse(group, "irrep(3)"))
        .hasMessage("my own has no irrep(3); it has irrep(0), irrep(1), irrep(2)");
  }

  @Test
  void groupsWithTooManySubgroupsToListHaveTextsToo() {
    FiniteGroup group = FiniteGroup.named("C2 x C2 x C2 x C2 x C2 x C2 x C2");
    Representation cosets = Representation.quotient(group.subgroupGeneratedBy(1, 2, 4, 8, 16));
    assertThat(cosets.toString()).endsWith(": quotient(<1, 2, 4, 8, 16>)");
    assertThat(cosets.size()).isEqualTo(4);
  }

  @Test
  void badInputIsRefusedWithTheReason() {
    FiniteGroup icosahedral = Groups.icosahedral();
    Subgroup d5 = icosahedral.subgroup("D5");
    assertThatThrownBy(() -> Representation.parse("C5: regular").induce(d5))
        .hasMessage("the representation must be one of the subgroup D5, got C5: regular");
    assertThatThrownBy(() -> Representation.parse("C5: regular").restrict(d5))
        .hasMessage("the subgroup must be one of C5, got one of Icosahedral");
    assertThatThrownBy(() -> Representation.parse("Icosahedral: quotient(C4)"))
        .hasMessageStartingWith("Icosahedral has no subgroup C4; it has");
    assertThatThrownBy(() -> Representation.parse("D4: quotient(<8>)"))
        .hasMessage("elements of D4 are numbered 0 to 7, got 8");
    assertThatThrownBy(() -> Representation.parse("D4: induce(regular)"))
        .hasMessage(
            "an induced representation reads 'induce(SUBGROUP: SUM)', got 'induce(regular)'");
    assertThatThrownBy(() -> Representation.parse("C4: restrict(D4, <2, 5>: regular)"))
        .hasMessage("<2, 5> of D4 is V4, so a restriction to it cannot be a representation of C4");
  }
}
