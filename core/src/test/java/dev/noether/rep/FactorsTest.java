package dev.noether.rep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.noether.DrawnGroups;
import dev.noether.group.FiniteElement;
import dev.noether.group.FiniteGroup;
import dev.noether.group.GroupProducts;
import dev.noether.group.Groups;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Representations of a factor as ones of the direct product. */
class FactorsTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "S3 x D4|0|S3: permutation(3; 2 1 3; 2 3 1)",
        "S3 x D4|1|D4: 2 x regular + irrep(1,1)",
        "C3 x C4 x Q8|1|C4: regular * irrep(1)",
        "C3 x C4 x Q8|2|Q8: irrep(1,1) + regular",
        "C3 x (C4 x C3)|0|C3: irrep(1)",
        "Td x C3v|0|Td: vectors + sym(2, vectors)"
      })
  void theFactorActsAsItDoesAloneAndTheOthersDoNothing(String name, int index, String text) {
    Representation rho = Representation.parse(text);
    Representation lifted = assertIsTheFactorAlone(FiniteGroup.named(name), index, rho);
    assertThat(Representation.parse(lifted.toString())).isEqualTo(lifted);
  }

  /** Drawn groups of one's own, with labels too, and a drawn sum of one of them. */
  @ParameterizedTest
  @MethodSource("seeds")
  void drawnFactorsAreLifted(long seed) {
    List<FiniteGroup> factors =
        List.of(DrawnGroups.few(seed).finiteGroup(), DrawnGroups.few(seed + 1).finiteGroup());
    FiniteGroup product = GroupProducts.direct(factors.get(0), factors.get(1));
    assertThat(product.factors()).hasSizeGreaterThanOrEqualTo(2);
    for (int index = 0; index < product.factors().size(); index++) {
      FiniteGroup factor = product.factors().get(index);
      assertIsTheFactorAlone(product, index, DrawnGroups.sum(factor, 4, seed));
      assertIsTheFactorAlone(product, index, Representation.regular(factor));
    }
  }

  static LongStream seeds() {
    return DrawnGroups.seeds(600);
  }

  private static Representation assertIsTheFactorAlone(
      FiniteGroup product, int index, Representation rho) {
    Representation lifted = Representation.ofFactor(product, index, rho);
    assertThat(lifted.changeOfBasis()).isEqualTo(rho.changeOfBasis());
    for (FiniteElement g : product.elements()) {
      FiniteElement part = rho.finiteGroup().element(product.component(g.index(), index));
      assertThat(lifted.at(g).distance(rho.at(part))).isLessThan(1e-13);
    }
    assertThat(SignedPermutations.of(lifted).isPresent())
        .isEqualTo(SignedPermutations.of(rho).isPresent());
    SignedPermutations.of(lifted)
        .ifPresent(
            action -> {
              SignedPermutations own = SignedPermutations.of(rho).orElseThrow();
              for (int g = 0; g < product.order(); g++) {
                int part = product.component(g, index);
                assertThat(action.imagesOf(g)).isEqualTo(own.imagesOf(part));
                assertThat(action.signsOf(g)).isEqualTo(own.signsOf(part));
              }
            });
    return lifted;
  }

  @Test
  void pointsTimesVectorsAreSaidWithoutLabels() {
    Representation both =
        Representation.parse("S4 x Td: factor(S4: quotient(S3)) * factor(Td: vectors)");
    assertThat(both.size()).isEqualTo(12);
    FiniteGroup product = Groups.symmetric(4).times(Groups.fullTetrahedral());
    Representation points = Representation.parse("S4: quotient(S3)");
    assertThat(
            Representation.ofFactor(product, 0, points)
                .tensor(
                    Representation.ofFactor(
                        product, 1, Representation.vectors(Groups.fullTetrahedral()))))
        .isEqualTo(both);
  }

  @Test
  void equalFactorsAreToldApartByTheirPlace() {
    Representation rho = Representation.parse("C2 x C2: factor(C2, 1: irrep(1))");
    assertThat(rho).hasToString("C2 x C2: factor(C2, 1: irrep(1))");
    assertThat(rho.irreps()).hasToString("[irrep(0,1)]");
    assertThatThrownBy(() -> Representation.parse("C2 x C2: factor(C2: irrep(1))"))
        .hasMessage(
            "C2 is a factor of C2 x C2 in several places, counted from 0; give one, as in "
                + "'factor(C2, 0: ...)'");
    assertThatThrownBy(() -> Representation.parse("C2 x C2: factor(C2, 2: irrep(1))"))
        .hasMessage("C2 is a factor of C2 x C2 in the places [0, 1], got 2");
  }

  @Test
  void whatIsNoFactorIsRefused() {
    assertThatThrownBy(() -> Representation.parse("S3 x D4: factor(C5: irrep(1))"))
        .hasMessage("S3 x D4 has the direct factors S3, D4, got factor(C5: irrep(1))");
    assertThatThrownBy(() -> Representation.parse("S3 x D4: factor(S3)"))
        .hasMessage("a representation of a factor reads 'factor(GROUP: SUM)', got 'factor(S3)'");
    Representation line = Representation.parse("C3: irrep(1)");
    assertThatThrownBy(() -> Representation.ofFactor(Groups.cyclic(3), 0, line))
        .hasMessageStartingWith("C3 is not built as a direct product");
    FiniteGroup product = Groups.cyclic(3).times(Groups.cyclic(2));
    assertThatThrownBy(() -> Representation.ofFactor(product, 2, line))
        .hasMessage("C3 x C2 has 2 direct factors, numbered from 0, got 2");
    assertThatThrownBy(() -> Representation.ofFactor(product, 1, line))
        .hasMessage("factor 1 of C3 x C2 is C2, got a representation of C3");
  }
}
