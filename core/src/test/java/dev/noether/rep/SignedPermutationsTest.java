package dev.noether.rep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.noether.algebra.Matrix;
import dev.noether.group.FiniteElement;
import dev.noether.group.FiniteIrrep;
import dev.noether.group.Groups;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Signed permutations are the matrices of the representation, read exactly. */
class SignedPermutationsTest {
  static Stream<Representation> monomial() {
    return Stream.of(
        Representation.parse("trivial: regular + 2 x trivial"),
        Representation.parse("C5: 2 x regular"),
        Representation.parse("C4: regular + irrep(1) + irrep(2)"),
        Representation.parse("D4: irrep(1,1) + irrep(1,2) + regular"),
        Representation.parse("D6: irrep(0,3) + regular"),
        Representation.parse("Octahedral: irrep(-1) + irrep(1) + irrep(3)"),
        Representation.parse("Icosahedral: regular + trivial"));
  }

  @ParameterizedTest
  @MethodSource("monomial")
  void everyElementActsAsItsSignedPermutation(Representation rho) {
    SignedPermutations action = SignedPermutations.of(rho).orElseThrow();
    assertThat(action.size()).isEqualTo(rho.size());
    assertThat(action.group()).isEqualTo(rho.finiteGroup());
    boolean negative = false;
    for (FiniteElement g : rho.finiteGroup().elements()) {
      int[] images = action.imagesOf(g.index());
      int[] signs = action.signsOf(g.index());
      double[] entries = new double[rho.size() * rho.size()];
      for (int j = 0; j < rho.size(); j++) {
        entries[images[j] * rho.size() + j] = signs[j];
        negative |= signs[j] < 0;
      }
      assertThat(Matrix.of(rho.size(), rho.size(), entries).distance(rho.at(g))).isLessThan(1e-12);
    }
    assertThat(action.isUnsigned()).isEqualTo(!negative);
    for (int i = 0; i < rho.finiteGroup().generators().size(); i++) {
      int generator = rho.finiteGroup().generators().get(i);
      assertThat(action.images(i)).isEqualTo(action.imagesOf(generator));
      assertThat(action.signs(i)).isEqualTo(action.signsOf(generator));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "C3: irrep(1)",
        "C5: regular + irrep(1)",
        "D3: irrep(1,1)",
        "Icosahedral: irrep(1)"
      })
  void otherMatricesAreNone(String text) {
    assertThat(SignedPermutations.of(Representation.parse(text))).isEmpty();
  }

  @Test
  void aRotatedPermutationIsNone() {
    Representation regular = Representation.regular(Groups.dihedral(4));
    assertThat(SignedPermutations.of(regular.changeBasis(RepresentationLawsTest.orthogonal(8))))
        .isEmpty();
  }

  /** No power of a permutation representation is formed as a dense matrix to see that it is one. */
  @Test
  void powersOfPermutationsPermute() {
    Representation rho = Representation.parse("C4: regular * regular * regular * regular");
    SignedPermutations action = SignedPermutations.of(rho).orElseThrow();
    assertThat(action.matrix(1).distance(rho.at(rho.finiteGroup().element(1)))).isLessThan(1e-12);
    Representation power = Representation.parse("C5: ext(2, regular)");
    assertThat(SignedPermutations.of(power).orElseThrow().isUnsigned()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(doubles = {1e-8, 1e-6, 1e-3})
  void aBasisTurnedByALittleIsNone(double angle) {
    double c = StrictMath.cos(angle);
    double s = StrictMath.sin(angle);
    Matrix turn = Matrix.of(4, 4, c, -s, 0, 0, s, c, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1);
    assertThat(SignedPermutations.of(Representation.regular(Groups.cyclic(4)).changeBasis(turn)))
        .isEmpty();
  }

  @Test
  void badIndicesAreRefused() {
    FiniteIrrep sign = Groups.cyclic(2).irrep(1);
    SignedPermutations action = SignedPermutations.of(Representation.irrep(sign)).orElseThrow();
    assertThatThrownBy(() -> action.images(1))
        .hasMessage("C2 has 1 generators, numbered from 0, got 1");
    assertThatThrownBy(() -> action.imagesOf(2))
        .hasMessage("elements of C2 are numbered 0 to 1, got 2");
  }
}
