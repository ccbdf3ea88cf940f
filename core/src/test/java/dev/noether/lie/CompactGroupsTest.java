package dev.noether.lie;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.noether.algebra.Matrix;
import dev.noether.group.CompactElement;
import dev.noether.group.CompactGroup;
import dev.noether.group.CompactIrrep;
import dev.noether.group.FiniteGroup;
import dev.noether.group.Groups;
import dev.noether.group.Irrep;
import dev.noether.group.Orthogonal2;
import dev.noether.group.Orthogonal3;
import dev.noether.rep.ClebschGordan;
import dev.noether.rep.Representation;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The laws of SO(2), O(2), SO(3) and O(3), over random elements and at the corners. */
class CompactGroupsTest {
  /** Random elements, those near the identity, half turns, and the poles of Euler angles. */
  private static List<CompactElement> elements(CompactGroup group) {
    List<CompactElement> elements = new ArrayList<>(group.sample(6, 3));
    elements.add(group.identity());
    List<CompactElement> corners =
        group.spaceDimension() == 2
            ? List.of(
                Orthogonal2.rotation(1e-9),
                Orthogonal2.rotation(Math.PI),
                new Orthogonal2(0.3, true))
            : List.of(
                Orthogonal3.ofAxisAngle(1, 2, 3, 1e-9),
                Orthogonal3.ofAxisAngle(1, 1, 0, Math.PI),
                Orthogonal3.ofEulerZyz(0.4, 0, 0.7),
                Orthogonal3.ofEulerZyz(0.4, Math.PI, 0.7),
                Orthogonal3.ofAxisAngle(1, 2, -3, 1).invertSpace());
    corners.stream()
        .filter(g -> group.hasImproperElements() || g.isProper())
        .forEach(elements::add);
    return elements;
  }

  @ParameterizedTest
  @MethodSource("dev.noether.group.CompactGroup#all")
  void irrepsUpToDegree20AreOrthogonalHomomorphismsTo1e12(CompactGroup group) {
    for (CompactIrrep irrep : group.irreps(20)) {
      if (group == CompactGroup.O3 && irrep.parity() != irrep.frequency() % 2) {
        continue;
      }
      List<CompactElement> elements = elements(group);
      List<Matrix> matrices = elements.stream().map(irrep::at).toList();
      for (int i = 0; i < elements.size(); i++) {
        assertThat(matrices.get(i).orthogonalityDefect()).isLessThan(1e-12);
        assertThat(irrep.character(elements.get(i)))
            .isCloseTo(matrices.get(i).trace(), within(1e-11));
        for (int j = 0; j < elements.size(); j++) {
          CompactElement product = group.multiply(elements.get(i), elements.get(j));
          assertThat(matrices.get(i).times(matrices.get(j)).distance(irrep.at(product)))
              .as("%s %s at %d, %d", group, irrep, i, j)
              .isLessThan(1e-12);
        }
        assertThat(irrep.at(elements.get(i).inverse()).distance(matrices.get(i).transpose()))
            .isLessThan(1e-12);
      }
    }
  }

  @Test
  void degreesOneAndTwoTurnSphericalHarmonicsInTheirOrder() {
    for (CompactElement element : CompactGroup.SO3.sample(10, 1)) {
      Matrix r = element.matrix();
      for (CompactElement other : CompactGroup.SO3.sample(5, 2)) {
        double[] p = ((Orthogonal3) other).axis();
        double[] q = r.times(Matrix.of(3, 1, p)).toArray();
        assertThat(apply(CompactGroup.SO3.irrep(1).at(element), p[1], p[2], p[0]))
            .containsExactly(new double[] {q[1], q[2], q[0]}, within(1e-14));
        assertThat(apply(CompactGroup.SO3.irrep(2).at(element), quadratic(p)))
            .containsExactly(quadratic(q), within(1e-13));
      }
    }
  }

  /** D^l(R) Y_l(p) = Y_l(R p), with the harmonics from the recursion of Legendre's functions. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 7, 13, 20})
  void irrepsTurnSphericalHarmonicsUpToDegree20(int degree) {
    for (CompactElement element : elements(CompactGroup.SO3)) {
      Matrix wigner = CompactGroup.SO3.irrep(degree).at(element);
      for (CompactElement other : CompactGroup.SO3.sample(5, 9)) {
        double[] p = ((Orthogonal3) other).axis();
        double[] q = element.matrix().times(Matrix.of(3, 1, p)).toArray();
        assertThat(apply(wigner, harmonics(degree, p)))
            .containsExactly(harmonics(degree, q), within(1e-12));
      }
    }
  }

  /** Real spherical harmonics, m = -l..l, without the Condon-Shortley sign, of mean square 1. */
  private static double[] harmonics(int degree, double[] p) {
    double[] values = new double[2 * degree + 1];
    double sectoral = 1;
    double cosine = 1;
    double sine = 0;
    for (int m = 0; m <= degree; m++) {
      if (m > 0) {
        sectoral *= Math.sqrt((2.0 * m + 1) / (2.0 * m));
        double next = cosine * p[0] - sine * p[1];
        sine = cosine * p[1] + sine * p[0];
        cosine = next;
      }
      double before = 0;
      double legendre = sectoral;
      for (int l = m + 1; l <= degree; l++) {
        double a = Math.sqrt((4.0 * l * l - 1) / ((double) l * l - m * m));
        double b = Math.sqrt(((l - 1.0) * (l - 1) - m * m) / (4.0 * (l - 1) * (l - 1) - 1));
        double next = a * (p[2] * legendre - b * before);
        before = legendre;
        legendre = next;
      }
      double scale = m == 0 ? 1 : Math.sqrt(2);
      values[degree - m] = scale * legendre * sine;
      values[degree + m] = scale * legendre * cosine;
    }
    return values;
  }

  private static Representation sum(List<? extends Irrep> irreps) {
    return Representation.directSum(irreps.stream().map(Representation::irrep).toList());
  }

  private static double[] apply(Matrix matrix, double... vector) {
    return matrix.times(Matrix.of(vector.length, 1, vector)).toArray();
  }

  /** xy, yz, (3 z^2 - 1) / (2 sqrt 3), xz, (x^2 - y^2) / 2. */
  private static double[] quadratic(double[] p) {
    double x = p[0];
    double y = p[1];
    double z = p[2];
    return new double[] {
      x * y, y * z, (3 * z * z - 1) / (2 * Math.sqrt(3)), x * z, (x * x - y * y) / 2
    };
  }

  @ParameterizedTest
  @MethodSource("dev.noether.group.CompactGroup#all")
  void entriesOfIrrepsAreOrthogonalUnderTheGridAsSchurSays(CompactGroup group) {
    int highest = group.spaceDimension() == 2 ? 6 : 3;
    Quadrature grid = Quadrature.of(group, 2 * highest);
    assertThat(grid.integrate(g -> 1)).isCloseTo(1, within(1e-13));
    List<CompactIrrep> irreps = group.irreps(highest);
    int size = irreps.stream().mapToInt(i -> i.dimension() * i.dimension()).sum();
    double[] gram = new double[size * size];
    for (int p = 0; p < grid.points().size(); p++) {
      double[] all = new double[size];
      int start = 0;
      for (CompactIrrep irrep : irreps) {
        double[] entries = irrep.at(grid.points().get(p)).toArray();
        System.arraycopy(entries, 0, all, start, entries.length);
        start += entries.length;
      }
      for (int i = 0; i < size; i++) {
        for (int j = 0; j < size; j++) {
          gram[i * size + j] += grid.weights().get(p) * all[i] * all[j];
        }
      }
    }
    int start = 0;
    double[] expected = new double[size * size];
    for (CompactIrrep irrep : irreps) {
      int d = irrep.dimension();
      for (int i = 0; i < d * d; i++) {
        expected[(start + i) * size + start + i] = 1.0 / d;
      }
      if (irrep.type().endomorphismDimension() == 2) {
        // cos and sin each come twice: a complex type has dependent entries.
        expected[start * size + start + 3] = 0.5;
        expected[(start + 3) * size + start] = 0.5;
        expected[(start + 1) * size + start + 2] = -0.5;
        expected[(start + 2) * size + start + 1] = -0.5;
      }
      start += d * d;
    }
    assertThat(Matrix.of(size, size, gram).distance(Matrix.of(size, size, expected)))
        .isLessThan(1e-12);
  }

  @Test
  void theGridOfTheSphereIntegratesHarmonicsUpToItsDegree() {
    Quadrature grid = Quadrature.sphere(12);
    for (int l = 0; l <= 12; l++) {
      CompactIrrep irrep = CompactGroup.SO3.irrep(l);
      for (int m = 0; m <= 2 * l; m++) {
        int row = m;
        double integral = grid.integrate(g -> irrep.at(g).get(row, irrep.frequency()));
        assertThat(integral).isCloseTo(l == 0 ? 1 : 0, within(1e-13));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("dev.noether.group.CompactGroup#all")
  void clebschGordanCoefficientsTurnProductsIntoSums(CompactGroup group) {
    for (CompactIrrep left : group.irreps(5)) {
      for (CompactIrrep right : group.irreps(4)) {
        assertCouples(left, right);
      }
    }
  }

  @Test
  void clebschGordanCoefficientsHoldAtHighDegrees() {
    assertCouples(CompactGroup.SO3.irrep(12), CompactGroup.SO3.irrep(9));
  }

  private static void assertCouples(CompactIrrep left, CompactIrrep right) {
    ClebschGordan found = ClebschGordan.of(left, right);
    assertThat(found.matrix().orthogonalityDefect()).isLessThan(1e-12);
    Representation sum = sum(found.irreps());
    for (CompactElement g : left.group().sample(3, 7)) {
      Matrix product = left.at(g).kronecker(right.at(g));
      Matrix coupled = found.matrix().times(sum.at(g)).times(found.matrix().transpose());
      assertThat(product.distance(coupled)).as("%s x %s", left, right).isLessThan(1e-12);
    }
  }

  static Stream<FiniteEmbedding> subgroups() {
    return Stream.of(
            "C5 SO2",
            "C5 O2",
            "D4 O2",
            "D1 O2",
            "C6 SO3",
            "D5 SO3",
            "Tetrahedral SO3",
            "Octahedral SO3",
            "Icosahedral SO3",
            "D3 O3",
            "Icosahedral O3",
            "Td O3",
            "Th O3",
            "Oh O3",
            "Ih O3",
            "Cylinder4 O3",
            "FullCylinder3 O3",
            "trivial SO2",
            "trivial SO3",
            "V4 O2",
            "V4 SO3",
            "V4 O3",
            "C1 O2",
            "C1 O3",
            "C7 O3",
            "D6 O2",
            "D1 SO3",
            "D8 SO3",
            "Tetrahedral O3",
            "Octahedral O3")
        .map(
            text ->
                FiniteEmbedding.standard(
                    FiniteGroup.named(text.split(" ", -1)[0]),
                    CompactGroup.named(text.split(" ", -1)[1]).orElseThrow()));
  }

  static Stream<FiniteEmbedding> subgroupsByIrreps() {
    FiniteGroup d5 = Groups.dihedral(5);
    FiniteGroup s3 = FiniteGroup.named("S3");
    FiniteGroup s4 = FiniteGroup.named("S4");
    FiniteGroup a4 = FiniteGroup.named("A4");
    FiniteGroup a5 = FiniteGroup.named("A5");
    FiniteGroup dic = FiniteGroup.named("C2 x C6");
    return Stream.of(
        FiniteEmbedding.ofIrreps(CompactGroup.O2, s3.irrep(2)),
        FiniteEmbedding.ofIrreps(CompactGroup.O3, d5.irrep(1, 1), d5.trivialIrrep()),
        FiniteEmbedding.ofIrreps(CompactGroup.SO3, d5.irrep(1, 2), d5.irrep(1, 0)),
        FiniteEmbedding.ofIrreps(CompactGroup.O3, s3.trivialIrrep(), s3.irrep(2)),
        FiniteEmbedding.ofIrreps(CompactGroup.O3, s4.irrep(3)),
        FiniteEmbedding.ofIrreps(CompactGroup.SO3, s4.irrep(4)),
        FiniteEmbedding.ofIrreps(CompactGroup.SO3, a4.irrep(2)),
        FiniteEmbedding.ofIrreps(CompactGroup.SO3, a5.irrep(2)),
        FiniteEmbedding.ofIrreps(CompactGroup.O3, dic.irrep(0, 1), dic.irrep(1, 0)));
  }

  @ParameterizedTest
  @MethodSource({"subgroups", "subgroupsByIrreps"})
  void restrictionIsTheSameMatricesWithTheMultiplicitiesOfTheCharacters(FiniteEmbedding finite) {
    Representation rho = sum(finite.into().irreps(6));
    Representation restricted = rho.restrict(finite);
    for (var h : finite.group().elements()) {
      CompactElement image = finite.images().get(h.index());
      assertThat(restricted.at(h).distance(rho.at(image))).isLessThan(1e-10);
      assertThat(restricted.character(h)).isCloseTo(rho.character(image), within(1e-10));
    }
  }

  @ParameterizedTest
  @MethodSource("subgroups")
  void theTextOfARestrictionToAStandardPlaceReadsBack(FiniteEmbedding finite) {
    Representation restricted = sum(finite.into().irreps(2)).restrict(finite);
    assertThat(Representation.parse(restricted.toString())).isEqualTo(restricted);
  }

  @Test
  void restrictionHasATextWhereThePlaceIsStandard() {
    Representation rho = Representation.parse("Octahedral: restrict(SO(3): irrep(2)) + trivial");
    assertThat(rho).hasToString("Octahedral: restrict(SO(3): irrep(2)) + trivial");
    assertThat(rho.multiplicities()).hasToString("{-1=1, 0=1, 2=1}");
    assertThatThrownBy(() -> Representation.parse("Q8: restrict(SO(3): irrep(1))"))
        .hasMessageStartingWith("Q8 has no standard place in SO(3)");
    FiniteGroup s4 = FiniteGroup.named("S4");
    FiniteEmbedding own = FiniteEmbedding.ofIrreps(CompactGroup.SO3, s4.irrep(4));
    assertThat(Representation.irrep(CompactGroup.SO3.irrep(1)).restrict(own))
        .hasToString("S4: \"irrep(1) of SO(3) on S4\"");
  }

  @Test
  void irrepsThatGiveNoPlaceAreRefusedWithTheReason() {
    FiniteGroup d5 = Groups.dihedral(5);
    FiniteGroup q8 = FiniteGroup.named("Q8");
    assertThatThrownBy(() -> FiniteEmbedding.ofIrreps(CompactGroup.O3, d5.irrep(1, 1)))
        .hasMessage("irreps that place D5 in O(3) must have dimensions of sum 3, got 2");
    assertThatThrownBy(
            () -> FiniteEmbedding.ofIrreps(CompactGroup.SO3, d5.irrep(1, 1), d5.trivialIrrep()))
        .hasMessageStartingWith("SO(3) has rotations only, got a reflection");
    assertThatThrownBy(
            () ->
                FiniteEmbedding.ofIrreps(
                    CompactGroup.O3, q8.irrep(1, 0), q8.irrep(1, 2), q8.irrep(0, 2)))
        .hasMessageStartingWith("Q8 is no subgroup of O(3) this way: ");
    assertThatThrownBy(
            () -> FiniteEmbedding.ofIrreps(CompactGroup.O3, d5.irrep(1, 1), q8.irrep(1, 0)))
        .hasMessage("the irreps must be of one group, got D5 and Q8");
  }

  /** The tables of crystal-field theory: Bethe 1929; Altmann and Herzig 1994. */
  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "Octahedral; 1; {1=1}",
        "Octahedral; 2; {-1=1, 2=1}",
        "Octahedral; 3; {-1=1, 1=1, 3=1}",
        "Octahedral; 4; {-1=1, 0=1, 1=1, 2=1}",
        "Icosahedral; 1; {1=1}",
        "Icosahedral; 2; {2=1}",
        "Icosahedral; 3; {3=1, 4=1}",
        "Icosahedral; 6; {0=1, 1=1, 2=1, 4=1}",
        "Tetrahedral; 2; {1=1, 2=1}",
        "Tetrahedral; 3; {0=1, 1=2}"
      })
  void wellKnownSplittings(String group, int degree, String multiplicities) {
    FiniteEmbedding finite = FiniteEmbedding.standard(FiniteGroup.named(group), CompactGroup.SO3);
    Representation restricted =
        Representation.irrep(CompactGroup.SO3.irrep(degree)).restrict(finite);
    assertThat(new java.util.TreeMap<>(restricted.multiplicities())).hasToString(multiplicities);
  }

  @Test
  void vectorsRestrictToTheIrrepsOfTheSameName() {
    for (String name : List.of("Tetrahedral", "Octahedral", "Icosahedral")) {
      FiniteGroup group = FiniteGroup.named(name);
      FiniteEmbedding finite = FiniteEmbedding.standard(group, CompactGroup.SO3);
      for (int g = 0; g < group.order(); g++) {
        assertThat(
                CompactGroup.SO3.irrep(1).at(finite.images().get(g)).distance(group.irrep(1).at(g)))
            .isLessThan(1e-12);
      }
    }
  }

  @Test
  void formsOfARotationAgree() {
    for (CompactElement element : elements(CompactGroup.O3)) {
      Orthogonal3 g = (Orthogonal3) element;
      assertThat(Orthogonal3.of(g.matrix()).matrix().distance(g.matrix())).isLessThan(1e-12);
      double[] axis = g.axis();
      Orthogonal3 again = Orthogonal3.ofAxisAngle(axis[0], axis[1], axis[2], g.angle());
      assertThat(again.rotationMatrix().distance(g.rotationMatrix())).isLessThan(1e-12);
      double[] euler = g.toEulerZyz();
      assertThat(
              Orthogonal3.ofEulerZyz(euler[0], euler[1], euler[2])
                  .rotationMatrix()
                  .distance(g.rotationMatrix()))
          .isLessThan(1e-12);
    }
    assertThat(Orthogonal3.ofQuaternion(-1, 0, 0, 0)).isEqualTo(Orthogonal3.IDENTITY);
    assertThat(
            Orthogonal3.ofAxisAngle(0, 0, 2, Math.PI / 2)
                .matrix()
                .distance(Matrix.of(3, 3, 0, -1, 0, 1, 0, 0, 0, 0, 1)))
        .isLessThan(1e-15);
    Orthogonal2 planar = new Orthogonal2(-0.5, true);
    assertThat(Orthogonal2.of(planar.matrix()).angle()).isCloseTo(planar.angle(), within(1e-15));
    assertThat(planar.times(planar).matrix().distance(Matrix.identity(2))).isLessThan(1e-15);
  }

  @ParameterizedTest
  @MethodSource("dev.noether.group.CompactGroup#all")
  void samplesFollowTheirSeedAndHaveTheMomentsOfTheHaarMeasure(CompactGroup group) {
    List<CompactElement> first = group.sample(5, 11);
    assertThat(group.sample(5, 11)).isEqualTo(first);
    assertThat(group.sample(5, 12)).isNotEqualTo(first);
    List<CompactElement> many = group.sample(20_000, 1);
    for (CompactIrrep irrep : group.irreps(2)) {
      double mean = many.stream().mapToDouble(irrep::character).average().orElseThrow();
      assertThat(mean).isCloseTo(irrep.isTrivial() ? 1 : 0, within(0.05));
    }
  }

  @Test
  void bandLimitedFunctionsHoldEveryIrrepAsPeterAndWeylSay() {
    assertThat(Representation.regular(CompactGroup.SO3, 3).size()).isEqualTo(1 + 9 + 25 + 49);
    assertThat(Representation.regular(CompactGroup.O3, 1).size()).isEqualTo(2 * (1 + 9));
    assertThat(Representation.regular(CompactGroup.SO2, 3).size()).isEqualTo(7);
    assertThat(Representation.regular(CompactGroup.O2, 3).size()).isEqualTo(2 + 3 * 4);
    assertThat(Representation.harmonics(CompactGroup.O3, 2))
        .hasToString("O(3): irrep(0,0) + irrep(1,1) + irrep(0,2)");
    assertThat(Representation.harmonics(CompactGroup.O2, 2))
        .hasToString("O(2): irrep(0,0) + irrep(1,1) + irrep(1,2)");
    Representation vectors = Representation.irrep(CompactGroup.SO3.irrep(1)).times(2);
    assertThat(vectors).hasToString("SO(3): 2 x irrep(1)");
    assertThat(vectors.tensor(Representation.irrep(CompactGroup.SO3.irrep(2))).irreps()).hasSize(6);
    CompactElement g = CompactGroup.SO3.sample(1, 5).get(0);
    assertThat(vectors.plus(vectors).character(g))
        .isCloseTo(vectors.at(g).trace() * 2, within(1e-12));
  }

  @Test
  void textIsReadAsItIsPrinted() {
    for (String text :
        List.of("SO(2): irrep(3)", "O(2): irrep(1,0) + 2 x irrep(1,2)", "O(3): irrep(1,1)")) {
      assertThat(Representation.parse(text)).hasToString(text);
    }
    Representation sum = Representation.parse("so3: 2 x regular(1) + harmonics(2)");
    assertThat(sum.multiplicities().toString()).isEqualTo("{0=3, 1=7, 2=1}");
    assertThat(Representation.parse(sum.toString())).isEqualTo(sum);
    assertThat(Representation.parse("SO(3): irrep(1) * (irrep(1) + 2 x irrep(0))"))
        .hasToString("SO(3): irrep(1) * (irrep(1) + 2 x irrep(0))");
    assertThatThrownBy(() -> Representation.parse("SO(3): regular(1,2)"))
        .hasMessage("regular has one number, the highest frequency, got regular(1,2)");
    assertThatThrownBy(() -> Representation.parse("SO(3): spin(1)"))
        .hasMessageStartingWith("unknown term 'spin(1)' in 'SO(3): spin(1)'");
    assertThatThrownBy(() -> Representation.parse("SU(2): irrep(1)"))
        .hasMessageStartingWith("unknown group 'SU(2)'");
    assertThatThrownBy(() -> Representation.parse("SO(3): irrep(99999999999)"))
        .hasMessage("ids are integers separated by commas, got '99999999999'");
    assertThatThrownBy(() -> Representation.parse("SO(3): 0 x irrep(1)"))
        .hasMessage("a multiplicity must be at least 1, got 0");
  }

  @Test
  void badInputIsRefusedWithTheReason() {
    assertThatThrownBy(() -> CompactGroup.SO3.irrep(-1))
        .hasMessage("frequency must be at least 0, got -1");
    assertThatThrownBy(() -> CompactGroup.O2.irrep(0, 3))
        .hasMessage("O(2) has no irrep(0,3): frequencies above 0 have parity 1");
    assertThatThrownBy(() -> CompactGroup.O3.irrep(2, 3))
        .hasMessage("parity must be 0 or 1, got 2");
    assertThatThrownBy(() -> CompactGroup.O3.irrep(1))
        .hasMessage(
            "an irrep of O(3) has two numbers, parity and frequency, as irrep(1,2), got 1 number");
    assertThatThrownBy(() -> Orthogonal3.ofAxisAngle(0, 0, 0, 1))
        .hasMessageStartingWith("a rotation needs a finite axis other than zero");
    assertThatThrownBy(() -> Orthogonal3.ofQuaternion(0, 0, 0, 0))
        .hasMessageStartingWith("a rotation needs a finite quaternion other than zero");
    assertThatThrownBy(() -> Orthogonal3.of(Matrix.identity(3).scale(1.1)))
        .hasMessageStartingWith("the matrix must be orthogonal to 1e-09");
    assertThatThrownBy(() -> Orthogonal3.of(Matrix.identity(3).scale(Double.NaN)))
        .hasMessageStartingWith("the matrix must be finite");
    assertThatThrownBy(() -> Orthogonal2.of(Matrix.identity(3)))
        .hasMessage("the matrix must be 2 x 2, got 3 x 3");
    CompactElement mirror = Orthogonal3.IDENTITY.invertSpace();
    assertThatThrownBy(() -> CompactGroup.SO3.irrep(1).at(mirror))
        .hasMessageStartingWith("SO(3) has rotations only, got a reflection");
    assertThatThrownBy(() -> CompactGroup.O2.irrep(1, 1).at(mirror))
        .hasMessageStartingWith("O(2) moves a space of dimension 2");
    FiniteGroup c3 = FiniteGroup.named("C3");
    CompactElement turn = Orthogonal2.rotation(1);
    assertThatThrownBy(
            () -> new FiniteEmbedding(c3, CompactGroup.SO2, Collections.nCopies(3, turn)))
        .hasMessageStartingWith("the map into SO(2) is no homomorphism: at ");
    assertThatThrownBy(() -> FiniteEmbedding.standard(FiniteGroup.named("Oh"), CompactGroup.SO3))
        .hasMessage(
            "Oh has no standard place in SO(3); give it one with FiniteEmbedding.ofIrreps or the "
                + "images of its elements");
    assertThatThrownBy(() -> Quadrature.of(CompactGroup.SO2, -1))
        .hasMessage("frequency must be at least 0, got -1");
    assertThat(CompactGroup.named("so(3)")).contains(CompactGroup.SO3);
    assertThat(CompactGroup.named("SU(2)")).isEmpty();
  }
}
