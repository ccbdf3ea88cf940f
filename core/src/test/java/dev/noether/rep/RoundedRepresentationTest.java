package dev.noether.rep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.noether.DrawnGroups;
import dev.noether.Rounding;
import dev.noether.algebra.Matrix;
import dev.noether.group.Element;
import dev.noether.group.FiniteGroup;
import dev.noether.group.Groups;
import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Rounded matrices of a representation stand for the nearest one, in the given basis. */
class RoundedRepresentationTest {
  private static List<Matrix> rounded(Representation rho, UnaryOperator<Matrix> rounding) {
    return DecompositionTest.generators(rho).stream().map(rounding).toList();
  }

  private static void assertNear(Representation exact, Representation found, double tolerance) {
    assertThat(found.multiplicities()).isEqualTo(exact.multiplicities());
    assertThat(found.changeOfBasis().orthogonalityDefect()).isLessThan(1e-13);
    for (Element g : exact.finiteGroup().elements()) {
      assertThat(found.at(g).distance(exact.at(g))).isLessThan(tolerance);
    }
  }

  @Test
  void vectorsOfTheIcosahedronInFloat32() {
    Representation vectors = Representation.parse("Icosahedral: irrep(1)");
    Representation found =
        Representation.of(vectors.finiteGroup(), rounded(vectors, Rounding::toFloat32));
    assertThat(found.multiplicities()).hasToString("{1=1}");
    assertNear(vectors, found, 1e-7);
  }

  @ParameterizedTest
  @MethodSource("dev.noether.TestedGroups#all")
  void float32AndEightDigitsNeedNoTolerance(FiniteGroup group) {
    if (group.order() == 1) {
      return;
    }
    Representation sum = DecompositionTest.randomSum(group, 12, 7);
    Representation exact = sum.changeBasis(Rounding.rotation(sum.size(), group.order()));
    assertNear(exact, Representation.of(group, rounded(exact, Rounding::toFloat32)), 1e-6);
    assertNear(exact, Representation.of(group, rounded(exact, m -> Rounding.toDigits(m, 8))), 1e-7);
  }

  @ParameterizedTest
  @ValueSource(ints = {3, 4, 5, 6})
  void fewDigitsNeedTheirTolerance(int digits) {
    double unit = StrictMath.pow(10, -digits);
    for (String name : List.of("C24", "D12", "Octahedral", "Icosahedral", "2I")) {
      FiniteGroup group = FiniteGroup.named(name);
      Representation sum = DecompositionTest.randomSum(group, 8, digits);
      Representation exact = sum.changeBasis(Rounding.rotation(sum.size(), digits));
      List<Matrix> given = rounded(exact, m -> Rounding.toDigits(m, digits));
      Decomposition found = Decomposition.of(group, given, unit);
      assertThat(found.isOrthogonal()).isTrue();
      assertThat(found.residual()).isLessThan(unit);
      assertNear(exact, found.representation(), 3 * unit);
    }
  }

  /** A drawn group, sum and basis; float32, or a drawn number of digits. */
  @ParameterizedTest
  @MethodSource("seeds")
  void anyDigitsGiveTheNearestRepresentationInTheGivenBasis(long seed) {
    Random random = new Random(seed);
    FiniteGroup group = DrawnGroups.of(seed);
    Representation sum = DrawnGroups.sum(group, 1 + random.nextInt(16), seed);
    Representation exact = sum.changeBasis(Rounding.rotation(sum.size(), seed));
    assertNear(exact, Representation.of(group, rounded(exact, Rounding::toFloat32)), 1e-6);
    int digits = 3 + random.nextInt(6);
    double unit = StrictMath.pow(10, -digits);
    List<Matrix> given = rounded(exact, m -> Rounding.toDigits(m, digits));
    Decomposition found = Decomposition.of(group, given, unit);
    assertThat(found.residual()).as("%s, %d digits", group, digits).isLessThan(unit);
    assertNear(exact, found.representation(), 3 * unit);
  }

  static LongStream seeds() {
    return LongStream.range(200, 240);
  }

  /** Drawn conditions: the multiplicities are right, or the message speaks of the condition. */
  @ParameterizedTest
  @MethodSource("seeds")
  void anyConditionIsSplitOrNamed(long seed) {
    Random random = new Random(seed);
    FiniteGroup group = DrawnGroups.of(seed);
    Representation rho = DrawnGroups.sum(group, 2 + random.nextInt(16), seed);
    double condition = StrictMath.pow(10, 8 * random.nextDouble());
    if (rho.size() == 1) {
      return;
    }
    try {
      Decomposition found = Decomposition.of(group, conjugated(rho, condition));
      assertThat(found.representation().multiplicities()).isEqualTo(rho.multiplicities());
    } catch (IllegalArgumentException e) {
      assertThat(e).as("%s of condition %.1e", rho, condition).hasMessageContaining("condition");
      assertThat(condition).isGreaterThan(1e4);
    }
  }

  @Test
  void theToleranceHasARange() {
    FiniteGroup group = Groups.cyclic(2);
    List<Matrix> swap = List.of(Matrix.of(2, 2, 0, 1, 1, 0));
    assertThatThrownBy(() -> Decomposition.of(group, swap, 0.1))
        .hasMessage("the tolerance must be above 0 and at most 1e-2, got 0.1");
    assertThatThrownBy(() -> Representation.of(group, List.of(Matrix.of(2, 2, 0, 1.1, 1, 0)), 1e-3))
        .hasMessageStartingWith("the matrices are no representation of C2");
  }

  /** A rotated sum conjugated by a matrix whose singular values fall evenly from 1. */
  private static List<Matrix> conjugated(Representation rho, double condition) {
    int n = rho.size();
    double[] values = new double[n * n];
    double[] inverses = new double[n * n];
    for (int i = 0; i < n; i++) {
      values[i * n + i] = StrictMath.pow(condition, -i / (n - 1.0));
      inverses[i * n + i] = 1 / values[i * n + i];
    }
    Matrix left = Rounding.rotation(n, 1);
    Matrix right = Rounding.rotation(n, 2);
    Matrix change = left.times(Matrix.of(n, n, values)).times(right);
    Matrix back = right.transpose().times(Matrix.of(n, n, inverses)).timesTranspose(left);
    return rounded(rho, m -> change.times(m).times(back));
  }

  @Test
  void badlyConditionedMatricesAreSplitOrTheMessageSpeaksOfTheCondition() {
    Representation rho =
        Representation.parse(
            "Icosahedral: irrep(1) + irrep(2) + irrep(3) + 2 x irrep(4) + 2 x trivial");
    Decomposition found = Decomposition.of(rho.finiteGroup(), conjugated(rho, 1e4));
    assertThat(found.representation().multiplicities()).isEqualTo(rho.multiplicities());
    assertThat(found.residual()).isLessThan(1e-2);
    assertThatThrownBy(() -> Decomposition.of(rho.finiteGroup(), conjugated(rho, 1e6)))
        .hasMessageContaining("their condition number is 3e+11, which leaves float64 about 5")
        .hasMessageEndingWith(
            "rescale the coordinates, or bring the matrices in a basis nearer to orthonormal");
  }
}
