package dev.noether.rep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.noether.algebra.Matrix;
import dev.noether.group.FiniteElement;
import dev.noether.group.FiniteGroup;
import dev.noether.group.FiniteIrrep;
import dev.noether.group.Groups;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Any matrices of a representation give back the irreps they were made of, with a certificate. */
class DecompositionTest {
  /** Every irrep a random number of times, in a random order, to about the size asked for. */
  static Representation randomSum(FiniteGroup group, int size, long seed) {
    Random random = new Random(seed);
    List<Representation> summands = new ArrayList<>();
    int total = 0;
    while (total < size) {
      FiniteIrrep irrep = group.irreps().get(random.nextInt(group.irreps().size()));
      summands.add(Representation.irrep(irrep));
      total += irrep.dimension();
    }
    return Representation.directSum(summands);
  }

  static List<Matrix> generators(Representation rho) {
    return rho.finiteGroup().generators().stream()
        .map(a -> rho.at(rho.finiteGroup().element(a)))
        .toList();
  }

  static List<Matrix> all(Representation rho) {
    return rho.finiteGroup().elements().stream().map(rho::at).toList();
  }

  private static void assertDecomposes(Representation hidden, double tolerance) {
    Decomposition found = Decomposition.of(hidden.finiteGroup(), generators(hidden));
    Representation rho = found.representation();
    assertThat(rho.multiplicities()).isEqualTo(hidden.multiplicities());
    assertThat(found.residual()).isLessThan(tolerance);
    assertThat(rho.changeOfBasis().orthogonalityDefect()).isLessThan(tolerance);
    for (int a : hidden.finiteGroup().generators()) {
      FiniteElement g = hidden.finiteGroup().element(a);
      assertThat(rho.at(g).distance(hidden.at(g))).isLessThan(tolerance);
    }
  }

  @ParameterizedTest
  @MethodSource("dev.noether.TestedGroups#all")
  void aRotatedSumGivesItsIrrepsBack(FiniteGroup group) {
    if (group.order() > 1) {
      Representation sum = randomSum(group, 40, group.order());
      assertDecomposes(sum, 1e-12);
      assertDecomposes(sum.changeBasis(RepresentationLawsTest.orthogonal(sum.size())), 1e-11);
    }
  }

  @ParameterizedTest
  @CsvSource({"Icosahedral, 600", "C5, 600", "2I, 600", "C3 x Q8, 600", "Q8, 1000"})
  void aLargeRotatedSumGivesItsIrrepsBack(String name, int size) {
    Representation sum = randomSum(FiniteGroup.named(name), size, size);
    Matrix turn = RepresentationLawsTest.orthogonal(sum.size());
    List<Matrix> given =
        generators(sum).stream().map(m -> turn.times(m).timesTranspose(turn)).toList();
    Decomposition found = Decomposition.of(sum.finiteGroup(), given);
    assertThat(found.isOrthogonal()).isTrue();
    assertThat(found.representation().multiplicities()).isEqualTo(sum.multiplicities());
    assertThat(found.residual()).isLessThan(1e-10);
  }

  @ParameterizedTest
  @CsvSource({"Icosahedral, 300", "C3 x Q8, 240", "Q8, 600"})
  void aLargeSumInABasisThatIsNotOrthogonalGivesItsIrrepsBack(String name, int size) {
    Representation sum = randomSum(FiniteGroup.named(name), size, size);
    int n = sum.size();
    Matrix noise = Matrix.of(n, n, new Random(1).doubles((long) n * n, -0.5, 0.5).toArray());
    Matrix skew = Matrix.identity(n).plus(noise.scale(1 / Math.sqrt(n)));
    Matrix inverse = skew.inverse().orElseThrow();
    Decomposition found =
        Decomposition.of(
            sum.finiteGroup(),
            generators(sum).stream().map(m -> skew.times(m).times(inverse)).toList());
    assertThat(found.isOrthogonal()).isFalse();
    assertThat(found.representation().multiplicities()).isEqualTo(sum.multiplicities());
    assertThat(found.residual()).isLessThan(1e-10);
  }

  /** The plane of the square with its second coordinate in other units. */
  private static List<Matrix> planeInUnits(double unit) {
    FiniteIrrep plane = Groups.dihedral(4).irrep(1, 1);
    return plane.group().generators().stream()
        .map(plane::at)
        .map(m -> Matrix.of(2, 2, m.get(0, 0), m.get(0, 1) * unit, m.get(1, 0) / unit, m.get(1, 1)))
        .toList();
  }

  @Test
  void coordinatesInVeryDifferentUnitsAreDecomposed() {
    Decomposition found = Decomposition.of(Groups.dihedral(4), planeInUnits(1e6));
    assertThat(found.representation().irreps()).containsExactly(Groups.dihedral(4).irrep(1, 1));
    assertThat(found.residual()).isLessThan(1e6 * 1e-12);
  }

  @Test
  void coordinatesBeyondFloat64AreRefused() {
    assertThatThrownBy(() -> Decomposition.of(Groups.dihedral(4), planeInUnits(1e16)))
        .hasMessageStartingWith(
            "the matrices of D4 are so far from orthogonal that float64 cannot invert the change of "
                + "basis; rescale the coordinates; their condition number is");
  }

  @Test
  void onlyOneIrrepManyTimesIsFoundToo() {
    Representation trivial = Representation.parse("Octahedral: 60 x trivial");
    assertDecomposes(trivial.changeBasis(RepresentationLawsTest.orthogonal(60)), 1e-11);
    Representation mixed = Representation.parse("Octahedral: 40 x irrep(3) + 20 x trivial");
    assertDecomposes(mixed.changeBasis(RepresentationLawsTest.orthogonal(60)), 1e-11);
    Representation turns = Representation.parse("C8: 30 x irrep(1)");
    assertDecomposes(turns.changeBasis(RepresentationLawsTest.orthogonal(60)), 1e-11);
  }

  @ParameterizedTest
  @MethodSource("dev.noether.TestedGroups#all")
  void item04MatricesOfEveryTypeAreDecomposedOrthogonalOrNot(FiniteGroup group) {
    Representation hidden = randomSum(group, 12, 5);
    int n = hidden.size();
    Random random = new Random(n);
    Matrix skew =
        Matrix.identity(n)
            .plus(
                Matrix.of(n, n, random.doubles((long) n * n).map(x -> 0.3 * (x - 0.5)).toArray()));
    Matrix inverse = skew.inverse().orElseThrow();
    List<Matrix> given = all(hidden).stream().map(m -> skew.times(m).times(inverse)).toList();
    Decomposition found = Decomposition.of(group, given);
    assertThat(found.isOrthogonal()).isEqualTo(group.order() == 1);
    assertThat(found.representation().multiplicities()).isEqualTo(hidden.multiplicities());
    assertThat(found.residual()).isLessThan(1e-11);
    for (FiniteElement g : group.elements()) {
      assertThat(found.at(g).distance(given.get(g.index()))).isLessThan(1e-11);
    }
  }

  @ParameterizedTest
  @MethodSource("dev.noether.TestedGroups#all")
  void theSameMatricesGiveTheSameBytes(FiniteGroup group) {
    Representation sum = randomSum(group, 15, 3);
    Matrix first = Decomposition.of(group, all(sum)).representation().changeOfBasis();
    Matrix second = Decomposition.of(group, all(sum)).representation().changeOfBasis();
    assertThat(first).isEqualTo(second);
  }

  @ParameterizedTest
  @MethodSource("dev.noether.TestedGroups#all")
  void equivalentRepresentationsHaveAnIntertwiner(FiniteGroup group) {
    Representation rho = randomSum(group, 15, 4);
    Representation other = rho.changeBasis(RepresentationLawsTest.orthogonal(rho.size()));
    Matrix t = rho.intertwinerTo(other).orElseThrow();
    assertThat(t.orthogonalityDefect()).isLessThan(1e-12);
    for (FiniteElement g : group.elements()) {
      assertThat(t.times(rho.at(g)).distance(other.at(g).times(t))).isLessThan(1e-12);
    }
    assertThat(rho.isEquivalentTo(rho.plus(Representation.trivial(group)))).isFalse();
  }

  @Test
  void badMatricesAreRefusedWithTheReason() {
    FiniteGroup c4 = Groups.cyclic(4);
    Matrix turn = Matrix.of(2, 2, 0, -1, 1, 0);
    assertThatThrownBy(() -> Decomposition.of(c4, List.of(turn, turn)))
        .hasMessage("C4 needs the matrices of its 4 elements or of its 1 generators, got 2");
    assertThatThrownBy(() -> Decomposition.of(c4, List.of(Matrix.of(1, 2, 1, 1))))
        .hasMessage("the matrices must be square and of one size, got [1, 1] and [1, 2]");
    assertThatThrownBy(() -> Decomposition.of(c4, List.of(Matrix.of(1, 1, Double.NaN))))
        .hasMessage("the entries must be finite, matrix 0 holds NaN or an infinity");
    assertThatThrownBy(() -> Decomposition.of(c4, List.of(Matrix.of(2, 2, 1, 0, 0, 0))))
        .hasMessage("matrix 0 is singular");
    assertThatThrownBy(() -> Decomposition.of(c4, List.of(Matrix.identity(2), turn, turn, turn)))
        .hasMessageStartingWith("the matrices are no representation of C4: 2 is not the product");
    assertThatThrownBy(() -> Decomposition.of(Groups.cyclic(3), List.of(turn)))
        .hasMessage("the matrices are no representation of C3: rho(1) rho(2) differs from rho(0)");
    Matrix skew = Matrix.of(2, 2, 0, -2, 0.5, 0);
    assertThatThrownBy(() -> Representation.of(c4, List.of(skew)))
        .hasMessageStartingWith("the matrices must be orthogonal; Decomposition.of makes them so");
    assertThat(Representation.of(c4, List.of(turn))).hasToString("C4: matrices(2)");
  }
}
