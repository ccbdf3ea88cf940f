package dev.noether.rep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.noether.group.Element;
import dev.noether.group.FiniteGroup;
import dev.noether.group.Irrep;
import dev.noether.group.Subgroup;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Restriction, induction and functions on cosets, over all elements. */
class SubgroupConstructionsTest {
  @ParameterizedTest
  @CsvSource({
    "Icosahedral,D5", "Icosahedral,Tetrahedral", "Icosahedral,C3", "Octahedral,D4", "D6,C6",
    "D6,V4", "S4,S3", "Q8,C4", "2T,Q8", "C6,C2"
  })
  void frobeniusReciprocity(String name, String small) {
    FiniteGroup group = FiniteGroup.named(name);
    Subgroup subgroup = group.subgroup(small);
    for (Irrep inner : subgroup.asGroup().irreps()) {
      Representation rho = Representation.irrep(inner);
      Representation induced = rho.induce(subgroup);
      assertThat(induced.size()).isEqualTo(rho.size() * subgroup.index());
      for (Irrep outer : group.irreps()) {
        Representation sigma = Representation.irrep(outer);
        assertThat(HomSpace.between(induced, sigma).dim())
            .isEqualTo(HomSpace.between(rho, sigma.restrict(subgroup)).dim());
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"Icosahedral,D3", "Octahedral,V4", "2T,C4", "S4,D4"})
  void restrictionHasTheSameMatrices(String name, String small) {
    FiniteGroup group = FiniteGroup.named(name);
    Subgroup subgroup = group.subgroup(small);
    Representation regular = Representation.regular(group);
    Representation restricted = regular.restrict(subgroup);
    assertThat(restricted.group()).isEqualTo(subgroup.asGroup());
    for (Element h : restricted.group().elements()) {
      Element g = group.element(subgroup.embed(h.index()));
      assertThat(restricted.at(h).distance(regular.at(g))).isLessThan(1e-10);
      assertThat(restricted.character(h)).isCloseTo(regular.character(g), within(1e-10));
    }
    assertThat(
            restricted.isEquivalentTo(
                Representation.regular(restricted.group()).times(subgroup.index())))
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
        "S4: induce(S3: regular) * irrep(1)"
      })
  void textRoundTrips(String text) {
    Representation parsed = Representation.parse(text);
    assertThat(parsed).hasToString(text);
    assertThat(Representation.parse(parsed.toString())).isEqualTo(parsed);
  }

  @Test
  void badInputIsRefusedWithTheReason() {
    FiniteGroup icosahedral = FiniteGroup.icosahedral();
    Subgroup d5 = icosahedral.subgroup("D5");
    assertThatThrownBy(() -> Representation.parse("C5: regular").induce(d5))
        .hasMessage("the representation must be one of the subgroup D5, got C5: regular");
    assertThatThrownBy(() -> Representation.parse("C5: regular").restrict(d5))
        .hasMessage("the subgroup must be one of C5, got one of Icosahedral");
    assertThatThrownBy(() -> Representation.parse("Icosahedral: quotient(C4)"))
        .hasMessageStartingWith("Icosahedral has no subgroup C4; it has");
  }
}
