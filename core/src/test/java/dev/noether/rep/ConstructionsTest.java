package dev.noether.rep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.noether.algebra.Matrix;
import dev.noether.group.FiniteElement;
import dev.noether.group.FiniteGroup;
import dev.noether.group.FiniteIrrep;
import dev.noether.group.Groups;
import dev.noether.group.IrrepType;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Products, powers and permutations are what their names say, and print as text that reads back.
 */
class ConstructionsTest {
  private static final double TOLERANCE = 1e-11;

  private static Representation sample(FiniteGroup group) {
    Representation last = Representation.irrep(group.irreps().get(group.irreps().size() - 1));
    return last.plus(Representation.irrep(group.irreps().get(group.irreps().size() / 2)));
  }

  private static void assertRepresentation(Representation rho) {
    assertThat(rho.changeOfBasis().orthogonalityDefect()).isLessThan(TOLERANCE);
    for (FiniteElement g : rho.finiteGroup().elements()) {
      assertThat(rho.at(g).trace()).isCloseTo(rho.character(g), within(TOLERANCE));
      for (int a : rho.finiteGroup().generators()) {
        FiniteElement letter = rho.finiteGroup().element(a);
        Matrix product = rho.at(letter).times(rho.at(g));
        assertThat(rho.at(letter.times(g)).distance(product)).isLessThan(TOLERANCE);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("dev.noether.TestedGroups#all")
  void tensorProductIsTheKroneckerProduct(FiniteGroup group) {
    Representation left =
        sample(group).changeBasis(RepresentationLawsTest.orthogonal(sample(group).size()));
    Representation right = sample(group);
    Representation product = left.tensor(right);
    for (FiniteElement g : group.elements()) {
      assertThat(product.at(g).distance(left.at(g).kronecker(right.at(g)))).isLessThan(TOLERANCE);
    }
  }

  @ParameterizedTest
  @MethodSource("dev.noether.TestedGroups#all")
  void squaresSplitIntoSymmetricAndExteriorPart(FiniteGroup group) {
    Representation rho = sample(group);
    Representation symmetric = rho.symmetricPower(2);
    assertRepresentation(symmetric);
    Representation parts = rho.size() > 1 ? symmetric.plus(rho.exteriorPower(2)) : symmetric;
    assertThat(parts.isEquivalentTo(rho.tensor(rho))).isTrue();
    for (FiniteElement g : group.elements()) {
      double trace = rho.character(g);
      double square = rho.character(g.times(g));
      assertThat(symmetric.character(g)).isCloseTo((trace * trace + square) / 2, within(TOLERANCE));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"C5", "D4", "Octahedral"})
  void higherPowersHaveTheCharactersOfNewton(String name) {
    Representation rho = sample(FiniteGroup.named(name));
    Representation cube = rho.symmetricPower(3);
    Representation wedge = rho.exteriorPower(3);
    assertRepresentation(cube);
    assertRepresentation(wedge);
    for (FiniteElement g : rho.finiteGroup().elements()) {
      double p1 = rho.character(g);
      double p2 = rho.character(g.times(g));
      double p3 = rho.character(g.times(g).times(g));
      assertThat(cube.character(g))
          .isCloseTo((p1 * p1 * p1 + 3 * p1 * p2 + 2 * p3) / 6, within(TOLERANCE));
      assertThat(wedge.character(g))
          .isCloseTo((p1 * p1 * p1 - 3 * p1 * p2 + 2 * p3) / 6, within(TOLERANCE));
    }
  }

  @Test
  void theTopExteriorPowerIsTheDeterminant() {
    Representation rho = Representation.parse("Octahedral: irrep(-1)");
    assertThat(rho.exteriorPower(3)).hasToString("Octahedral: ext(3, irrep(-1))");
    assertThat(rho.exteriorPower(3).irreps()).containsExactly(rho.group().irrep(3));
  }

  @ParameterizedTest
  @MethodSource("dev.noether.TestedGroups#all")
  void clebschGordanTurnsProductsIntoIrreps(FiniteGroup group) {
    List<FiniteIrrep> irreps = group.irreps();
    FiniteIrrep left = irreps.get(irreps.size() - 1);
    for (FiniteIrrep right : irreps.subList(0, Math.min(4, irreps.size()))) {
      ClebschGordan cg = ClebschGordan.of(left, right);
      assertThat(cg.matrix().orthogonalityDefect()).isLessThan(1e-13);
      for (FiniteIrrep irrep : irreps) {
        double inner = 0;
        for (FiniteElement g : group.elements()) {
          int i = g.index();
          inner += left.character(i) * right.character(i) * irrep.character(i) / group.order();
        }
        int expected = (int) Math.round(inner / irrep.type().endomorphismDimension());
        assertThat(cg.multiplicity(irrep)).isEqualTo(expected);
        for (int copy = 0; copy < expected; copy++) {
          Matrix t = cg.coefficients(irrep, copy);
          for (FiniteElement g : group.elements()) {
            Matrix product = left.at(g.index()).kronecker(right.at(g.index()));
            assertThat(product.times(t).distance(t.times(irrep.at(g.index())))).isLessThan(1e-13);
          }
        }
      }
    }
  }

  /** Among irreps of real type that occur once, the first entry of size is positive. */
  @ParameterizedTest
  @MethodSource("dev.noether.TestedGroups#all")
  void clebschGordanCoefficientsHaveTheSignsThatTheRuleSays(FiniteGroup group) {
    for (FiniteIrrep left : group.irreps()) {
      for (FiniteIrrep right : group.irreps()) {
        ClebschGordan cg = ClebschGordan.of(left, right);
        for (FiniteIrrep irrep : group.irreps()) {
          if (irrep.type() == IrrepType.REAL && cg.multiplicity(irrep) == 1) {
            Matrix t = cg.coefficients(irrep, 0);
            double first =
                java.util.Arrays.stream(t.toArray())
                    .filter(x -> Math.abs(x) >= 0.5 / Math.sqrt(t.rows()))
                    .findFirst()
                    .orElseThrow();
            assertThat(first).as("%s * %s, %s", left, right, irrep).isPositive();
          }
        }
      }
    }
  }

  /** Among copies of a type that is not real, the entries under the other endomorphisms vanish. */
  @Test
  void clebschGordanCoefficientsOfQuaternionicTypeFollowTheRuleToo() {
    FiniteGroup group = FiniteGroup.named("Q8");
    FiniteIrrep quaternions = group.irrep(1, 1);
    Matrix t = ClebschGordan.of(group.irrep(1, 0), quaternions).coefficients(quaternions, 0);
    assertThat(t.get(0, 0)).isPositive();
    for (Matrix endomorphism : quaternions.endomorphismBasis().subList(1, 4)) {
      assertThat(t.times(endomorphism).get(0, 0)).isCloseTo(0, within(1e-15));
    }
  }

  @Test
  void clebschGordanOfVectorsHoldsTheCrossProduct() {
    FiniteGroup group = Groups.icosahedral();
    ClebschGordan cg = ClebschGordan.of(group.irrep(1), group.irrep(1));
    double h = Math.sqrt(0.5);
    Matrix cross = cg.coefficients(group.irrep(1), 0);
    Matrix expected =
        Matrix.of(
            9, 3, 0, 0, 0, 0, 0, h, 0, -h, 0, 0, 0, -h, 0, 0, 0, h, 0, 0, 0, h, 0, -h, 0, 0, 0, 0,
            0);
    assertThat(cross.distance(expected)).isLessThan(1e-14);
    assertThatThrownBy(() -> cg.coefficients(group.irrep(1), 1))
        .hasMessage("irrep(1) * irrep(1) of Icosahedral holds irrep(1) 1 times, got copy 1");
  }

  @Test
  void anActionOnPointsIsAPermutationRepresentation() {
    FiniteGroup group = Groups.dihedral(6);
    List<Integer> corners = IntStream.range(0, 6).boxed().toList();
    Representation rho = Representation.permutation(group, corners, ConstructionsTest::corner);
    assertRepresentation(rho);
    SignedPermutations action = SignedPermutations.of(rho).orElseThrow();
    assertThat(action.isUnsigned()).isTrue();
    for (FiniteElement g : group.elements()) {
      assertThat(action.imagesOf(g.index()))
          .isEqualTo(corners.stream().mapToInt(p -> corner(g, p)).toArray());
    }
    assertThat(rho).hasToString("D6: permutation(6; 2 3 4 5 6 1; 1 6 5 4 3 2)");
  }

  private static int corner(FiniteElement g, int p) {
    return Math.floorMod(g.index() < 6 ? g.index() + p : g.index() - p, 6);
  }

  @Test
  void noActionIsRefused() {
    FiniteGroup c3 = Groups.cyclic(3);
    assertThatThrownBy(() -> Representation.permutation(c3, List.of(0, 1), (g, p) -> p + g.index()))
        .hasMessage("the points must be closed: r takes 1 to 2");
    assertThatThrownBy(
            () ->
                Representation.permutation(c3, List.of(0, 1), (g, p) -> g.index() == 0 ? p : 1 - p))
        .hasMessageStartingWith("this is no action of C3: r after r");
    assertThatThrownBy(() -> Representation.permutation(c3, List.of(0, 0), (g, p) -> p))
        .hasMessage("the point 0 occurs twice");
    assertThatThrownBy(() -> Representation.signedPermutation(c3, List.of(new int[] {2, 2})))
        .hasMessage(
            "the images of a generator must be the numbers 1 to 2 in some order, up to signs, got "
                + "[2, 2]");
    assertThatThrownBy(() -> Representation.signedPermutation(c3, List.of(new int[] {2, -1})))
        .hasMessageStartingWith("this is no action of C3");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Icosahedral: 2 x regular + irrep(1) * irrep(2)",
        "C4: permutation(4; 2 3 4 1) + permutation(2; 2 -1)",
        "C1: permutation(3)",
        "D4: sym(2, irrep(1,1)) + 3 x ext(2, regular + trivial)",
        "D3: (irrep(1,1) + 2 x trivial) * irrep(1,1) * regular",
        "D3: irrep(1,1) * (irrep(1,1) * irrep(1,1))",
        "D3: 2 x irrep(1,1) * irrep(1,1) + 4 x (regular + trivial)",
        "Octahedral: sym(2, ext(2, irrep(-1)) + trivial)"
      })
  void textRoundTrips(String text) {
    Representation parsed = Representation.parse(text);
    assertThat(parsed).hasToString(text);
    Representation again = Representation.parse(parsed.toString());
    assertThat(again.changeOfBasis()).isEqualTo(parsed.changeOfBasis());
    assertThat(again.irreps()).isEqualTo(parsed.irreps());
    assertRepresentation(parsed);
  }

  @Test
  void whatIsNotTextSaysSo() {
    Representation c4 = Representation.parse("C4: regular");
    Representation rotated = c4.changeBasis(RepresentationLawsTest.orthogonal(4));
    assertThatThrownBy(() -> Representation.parse(rotated.toString()))
        .hasMessage(
            "a change of basis is a matrix, not a text: parse 'C4: regular' and call changeBasis "
                + "on it");
    assertThatThrownBy(() -> Representation.parse(rotated.named("gait").toString()))
        .hasMessageStartingWith("a quoted name stands for matrices, which no text can give");
    assertThatThrownBy(() -> Representation.parse("C4: matrices(2)"))
        .hasMessageStartingWith("matrices are no text: bring them to Representation.of");
    assertThatThrownBy(() -> Representation.parse("C4: spin(2)"))
        .hasMessageStartingWith(
            "unknown construction 'spin(...)' in 'C4: spin(2)': know regular, trivial, vectors");
    assertThatThrownBy(() -> Representation.parse("C4: sym(regular)"))
        .hasMessage("a power reads 'sym(2, SUM)' or 'ext(2, SUM)', got 'sym(regular)'");
    assertThatThrownBy(() -> Representation.parse("C4: (regular + trivial"))
        .hasMessageStartingWith("unknown term '(regular + trivial' in");
    assertThatThrownBy(() -> Representation.parse("C4: regular + "))
        .hasMessageStartingWith("a term is missing at the end of 'C4: regular + ': know regular");
    assertThatThrownBy(() -> Representation.parse("C4: 1000000 x regular"))
        .hasMessage("a multiplicity must be below 10^6, got 1000000");
    assertThatThrownBy(() -> Representation.parse("C4: permutation(2; 2 x)"))
        .hasMessage(
            "a permutation reads 'permutation(3; 2 3 1; -1 3 2)': the size, then the images of each "
                + "generator, got '2; 2 x'");
    assertThat(Representation.parse("C4: permutation(4; 2, 3, 4,1)"))
        .isEqualTo(Representation.parse("C4: permutation(4; 2 3 4 1)"));
    assertThatThrownBy(() -> Representation.parse("C4: permutation(2)"))
        .hasMessage("C4 has 1 generator, got the images of 0 in 'permutation(2)'");
    assertThatThrownBy(() -> c4.symmetricPower(0))
        .hasMessage("a symmetric power needs a degree from 1 to 4096, got 0");
    assertThatThrownBy(() -> c4.exteriorPower(5))
        .hasMessage("an exterior power of C4: regular needs a degree from 1 to 4, got 5");
    assertThatThrownBy(() -> c4.times(10).symmetricPower(4))
        .hasMessage(
            "power 4 of C4: 10 x regular would have 123410 coordinates, and 4096 are the most");
    assertThatThrownBy(() -> c4.times(50).tensor(c4.times(13)))
        .hasMessage(
            "C4: 50 x regular tensor C4: 13 x regular would have 10400 coordinates, and 10000 are "
                + "the most");
    assertThatThrownBy(() -> c4.times(20_000).changeOfBasis())
        .hasMessage(
            "a [80000, 80000] matrix has more than the 2^31 - 1 entries that fit an array; work "
                + "with the summands or with fewer copies");
    assertThatThrownBy(() -> c4.tensor(Representation.parse("C3: regular")))
        .hasMessage("a tensor product needs representations of one group, got C4 and C3");
  }

  @Test
  void manyCopiesAreOneBlock() {
    Representation rho = Representation.regular(Groups.icosahedral()).times(16);
    List<Matrix> blocks = new ArrayList<>();
    FiniteElement g = rho.finiteGroup().element(7);
    for (int i = 0; i < 16; i++) {
      blocks.add(Representation.regular(rho.finiteGroup()).at(g));
    }
    assertThat(rho.at(g)).isEqualTo(Matrix.blockDiagonal(blocks));
    assertThat(SignedPermutations.of(rho).orElseThrow().matrix(7)).isEqualTo(rho.at(g));
    assertThat(rho.dual()).isSameAs(rho);
  }
}
