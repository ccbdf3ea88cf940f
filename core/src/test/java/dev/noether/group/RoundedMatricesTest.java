package dev.noether.group;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.noether.DrawnGroups;
import dev.noether.Rounding;
import dev.noether.algebra.Matrix;
import dev.noether.rep.Representation;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Matrices with few digits give the group that they stand for. */
class RoundedMatricesTest {
  private static FiniteGroup generated(List<Matrix> generators, double tolerance) {
    return FiniteGroup.fromMatrices(
        "G", generators, GroupOptions.defaults().withTolerance(tolerance));
  }

  private static Matrix turn(int n) {
    return Groups.cyclic(n).irrep(1).at(1);
  }

  @ParameterizedTest
  @ValueSource(ints = {3, 4, 5, 6, 7, 8})
  void rotationsOfTheCircleWithFewDigits(int digits) {
    for (int n : new int[] {5, 6, 7, 8, 9, 10, 16, 24, 30, 48}) {
      FiniteGroup group =
          generated(List.of(Rounding.toDigits(turn(n), digits)), StrictMath.pow(10, -digits));
      assertThat(group.order()).as("C%d", n).isEqualTo(n);
    }
  }

  /** The faithful irreps of dihedral and polyhedral groups, in a basis turned by a seed. */
  @ParameterizedTest
  @CsvSource({
    "D5, '1,1'",
    "D12, '1,1'",
    "Tetrahedral, 1",
    "Octahedral, 1",
    "Icosahedral, 1",
    "Oh, '1,1'",
    "Ih, '1,1'",
    "Q8, '1,1'",
    "2T, 3"
  })
  void rotatedGeneratorsWithFewDigits(String name, String id) {
    FiniteGroup exact = FiniteGroup.named(name);
    FiniteIrrep irrep =
        exact.irreps().stream().filter(i -> i.id().toString().equals(id)).findFirst().orElseThrow();
    for (int digits = 3; digits <= 8; digits++) {
      int places = digits;
      Matrix basis = Rounding.rotation(irrep.dimension(), digits);
      List<Matrix> generators =
          exact.generators().stream()
              .map(a -> basis.times(irrep.at(a)).timesTranspose(basis))
              .map(matrix -> Rounding.toDigits(matrix, places))
              .toList();
      FiniteGroup group = generated(generators, StrictMath.pow(10, -digits));
      assertThat(Isomorphism.find(exact, group)).as("%d digits", digits).isPresent();
    }
  }

  /** Faithful matrices of a drawn size, group and basis, at a drawn number of digits. */
  @ParameterizedTest
  @MethodSource("seeds")
  void matricesRoundedToAnyDigitsGiveTheirGroup(long seed) {
    Random random = new Random(seed);
    FiniteGroup exact = DrawnGroups.of(seed);
    int digits = 3 + random.nextInt(6);
    Representation rho = DrawnGroups.sum(exact, 2 + random.nextInt(5), seed);
    if (!isFaithful(rho)) {
      rho = exact.order() > 40 ? rho : rho.plus(Representation.regular(exact));
    }
    Matrix basis = Rounding.rotation(rho.size(), seed);
    Representation faithful = rho;
    List<Matrix> generators =
        exact.generators().stream()
            .map(a -> basis.times(faithful.at(exact.element(a))).timesTranspose(basis))
            .map(matrix -> Rounding.toDigits(matrix, digits))
            .toList();
    FiniteGroup group = generated(generators, StrictMath.pow(10, -digits));
    if (isFaithful(rho)) {
      assertThat(Isomorphism.find(exact, group)).as("%s, %d digits", exact, digits).isPresent();
    } else {
      assertThat(exact.order() % group.order()).as("%s, %d digits", exact, digits).isZero();
    }
  }

  private static boolean isFaithful(Representation rho) {
    return rho.finiteGroup().elements().stream()
            .filter(g -> rho.character(g) > rho.size() - 1e-6)
            .count()
        == 1;
  }

  static LongStream seeds() {
    return LongStream.range(100, 150);
  }

  @Test
  void aHexagonalLatticeInItsOwnUnits() {
    Matrix sixth = Matrix.of(2, 2, 0.5, -0.866, 0.866, 0.5);
    Matrix mirror = Matrix.of(2, 2, 1, 0, 0, -1);
    assertThat(generated(List.of(sixth, mirror), 1e-3).order()).isEqualTo(12);
  }

  @ParameterizedTest
  @ValueSource(ints = {5, 72, 360, 1000})
  void exactRotationsAtTheLargestTolerance(int n) {
    assertThat(generated(List.of(turn(n)), 1e-3).order()).isEqualTo(n);
  }

  @Test
  void theAdviceHelps() {
    Matrix eighth = Matrix.of(2, 2, 0.7071, -0.7071, 0.7071, 0.7071);
    assertThatThrownBy(() -> generated(List.of(eighth), 1e-6))
        .hasMessageContaining("too much for the tolerance 1e-06")
        .hasMessageEndingWith("withTolerance(3.7e-06) gives a group of order 8");
    assertThat(generated(List.of(eighth), 3.7e-6).order()).isEqualTo(8);
  }

  @Test
  void whatNoToleranceMakesAGroupGetsNoSuchAdvice() {
    assertThatThrownBy(() -> generated(List.of(Matrix.of(2, 2, 1, 0.005, 0, 1)), 1e-6))
        .hasMessage(
            "the generators of G give more than 2000 elements; if the group is larger, "
                + "raise the limit with GroupOptions.defaults().withLimit(...), else check the "
                + "generators");
  }
}
