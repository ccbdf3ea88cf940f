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
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.RandomMatrices_DDRM;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The laws of representations, their decomposition and their Hom spaces, over all elements. */
class RepresentationLawsTest {
  private static final double TOLERANCE = 1e-12;

  static Stream<Representation> representations() {
    return TestedGroups.all()
        .flatMap(
            group -> {
              FiniteIrrep last = group.irreps().get(group.irreps().size() - 1);
              Representation mixed =
                  Representation.irrep(last)
                      .plus(Representation.regular(group))
                      .plus(Representation.trivial(group))
                      .plus(Representation.irrep(last).times(2));
              Representation alone = Representation.irrep(last).times(2);
              return Stream.of(
                  Representation.regular(group),
                  mixed,
                  mixed.changeBasis(orthogonal(mixed.size())),
                  alone.changeBasis(orthogonal(alone.size())));
            });
  }

  static Matrix orthogonal(int size) {
    DMatrixRMaj random = RandomMatrices_DDRM.orthogonal(size, size, new Random(size));
    return Matrix.of(size, size, random.data);
  }

  @ParameterizedTest
  @MethodSource("dev.noether.TestedGroups#all")
  void regularRepresentationPermutesTheElements(FiniteGroup group) {
    Representation regular = Representation.regular(group);
    for (FiniteElement g : group.elements()) {
      double[] permutation = new double[group.order() * group.order()];
      for (int h = 0; h < group.order(); h++) {
        permutation[group.multiply(g.index(), h) * group.order() + h] = 1;
      }
      Matrix expected = Matrix.of(group.order(), group.order(), permutation);
      assertThat(regular.at(g).distance(expected)).isLessThan(TOLERANCE);
    }
  }

  @ParameterizedTest
  @MethodSource("representations")
  void rhoIsAnOrthogonalHomomorphism(Representation rho) {
    assertThat(rho.changeOfBasis().orthogonalityDefect()).isLessThan(TOLERANCE);
    List<Matrix> matrices = new ArrayList<>();
    rho.finiteGroup().elements().forEach(g -> matrices.add(rho.at(g)));
    for (FiniteElement g : rho.finiteGroup().elements()) {
      assertThat(matrices.get(g.index()).trace()).isCloseTo(rho.character(g), within(1e-11));
      for (int h : rho.finiteGroup().generators()) {
        Matrix product = matrices.get(g.index()).times(matrices.get(h));
        Matrix image = matrices.get(rho.finiteGroup().multiply(g.index(), h));
        assertThat(image.distance(product)).isLessThan(TOLERANCE);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("representations")
  void isotypicBasisMakesRhoBlockDiagonal(Representation rho) {
    IsotypicDecomposition decomposition = IsotypicDecomposition.of(rho);
    for (FiniteElement g : rho.finiteGroup().elements()) {
      List<Matrix> blocks = new ArrayList<>();
      for (IsotypicDecomposition.Block block : decomposition.blocks()) {
        for (int copy = 0; copy < block.multiplicity(); copy++) {
          blocks.add(block.irrep().at(g));
        }
      }
      Matrix q = decomposition.changeOfBasis();
      Matrix rebuilt = q.times(Matrix.blockDiagonal(blocks)).timesTranspose(q);
      assertThat(rebuilt.distance(rho.at(g))).isLessThan(TOLERANCE);
    }
  }

  @ParameterizedTest
  @MethodSource("representations")
  void blocksStandTrivialFirstThenByDimension(Representation rho) {
    List<IsotypicDecomposition.Block> blocks = IsotypicDecomposition.of(rho).blocks();
    int start = 0;
    for (int i = 0; i < blocks.size(); i++) {
      assertThat(blocks.get(i).start()).isEqualTo(start);
      start += blocks.get(i).dimension();
      if (i > 0) {
        assertThat(blocks.get(i).irrep().isTrivial()).isFalse();
      }
      if (i > 1) {
        assertThat(blocks.get(i).dimension()).isGreaterThanOrEqualTo(blocks.get(i - 1).dimension());
      }
    }
    assertThat(start).isEqualTo(rho.size());
  }

  @ParameterizedTest
  @MethodSource("representations")
  void invariantProjectorIsTheAverageOverTheGroup(Representation rho) {
    Matrix average = Matrix.identity(rho.size()).scale(0);
    for (FiniteElement g : rho.finiteGroup().elements()) {
      average = average.plus(rho.at(g).scale(1.0 / rho.finiteGroup().order()));
    }
    Matrix projector = InvariantProjector.of(rho);
    assertThat(projector.distance(average)).isLessThan(TOLERANCE);
    assertThat(projector.times(projector).distance(projector)).isLessThan(TOLERANCE);
  }

  @ParameterizedTest
  @MethodSource("representations")
  void homDimensionIsTheInnerProductOfCharacters(Representation rho) {
    Representation regular = Representation.regular(rho.finiteGroup()).times(2);
    double inner = 0;
    for (FiniteElement g : rho.finiteGroup().elements()) {
      inner += rho.character(g) * regular.character(g) / rho.finiteGroup().order();
    }
    assertThat(HomSpace.between(rho, regular).dim()).isCloseTo((int) Math.round(inner), within(0));
    assertThat(HomSpace.between(regular, rho).dim()).isEqualTo(2 * rho.size());
  }

  @ParameterizedTest
  @MethodSource("dev.noether.TestedGroups#all")
  void textRoundTrips(FiniteGroup group) {
    String id = group.irreps().get(group.irreps().size() - 1).id().toString();
    String text = group + ": 2 x regular + irrep(" + id + ") + 3 x trivial";
    Representation parsed = Representation.parse(text);
    assertThat(parsed).hasToString(text);
    assertThat(Representation.parse(parsed.toString()).changeOfBasis())
        .isEqualTo(parsed.changeOfBasis());
  }

  @ParameterizedTest
  @MethodSource("representations")
  void theSummandsSumUpToTheWhole(Representation rho) {
    assertThat(Representation.directSum(rho.summands())).isEqualTo(rho);
    assertThat(rho.times(2).summands()).hasSize(2 * rho.summands().size());
  }

  @ParameterizedTest
  @MethodSource("representations")
  void theColumnsOfACopyTransformByItsIrrep(Representation rho) {
    assertThat(rho.copies().stream().map(Representation.Copy::irrep).toList())
        .isEqualTo(rho.irreps());
    for (int g : rho.finiteGroup().generators()) {
      Matrix image = rho.at(rho.finiteGroup().element(g));
      for (Representation.Copy copy : rho.copies()) {
        int[] places = IntStream.range(copy.start(), copy.end()).toArray();
        Matrix columns = rho.changeOfBasis().columns(places);
        Matrix turned = columns.times(copy.irrep().at(rho.finiteGroup().element(g)));
        assertThat(image.times(columns).distance(turned)).isLessThan(TOLERANCE);
        assertThat(rho.copies(copy.irrep()).get(copy.number())).isEqualTo(copy);
        assertThat(rho.summands().get(copy.summand()).irreps()).contains(copy.irrep());
      }
    }
  }

  @ParameterizedTest
  @MethodSource("representations")
  void runsAreTheSummandsWithEqualNeighboursTogether(Representation rho) {
    List<Representation> summands = new ArrayList<>();
    int start = 0;
    for (Representation.Run run : rho.runs()) {
      assertThat(run.start()).isEqualTo(start);
      assertThat(run.place()).isEqualTo(summands.size());
      summands.addAll(Collections.nCopies(run.count(), run.summand()));
      start = run.end();
    }
    assertThat(summands).isEqualTo(rho.summands());
    assertThat(start).isEqualTo(rho.size());
    for (int i = 1; i < rho.runs().size(); i++) {
      assertThat(rho.runs().get(i).summand()).isNotEqualTo(rho.runs().get(i - 1).summand());
    }
  }

  @ParameterizedTest
  @MethodSource("dev.noether.TestedGroups#all")
  void endomorphismsAreUnitsTimesAnIdentity(FiniteGroup group) {
    for (FiniteIrrep irrep : group.irreps()) {
      Matrix identity = Matrix.identity(irrep.rows());
      for (int i = 0; i < irrep.type().endomorphismDimension(); i++) {
        Matrix product = irrep.units().get(i).kronecker(identity);
        assertThat(product.distance(irrep.endomorphismBasis().get(i))).isZero();
      }
    }
  }

  @Test
  void twoRepresentationsThatPrintAlikeStayTwo() {
    Representation plain = Representation.parse("D4: 2 x irrep(1,1)");
    Representation one = plain.changeBasis(orthogonal(4));
    Representation two =
        plain.changeBasis(Matrix.of(4, 4, 0, 0, 0, 1, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0));
    assertThat(one).hasToString(two.toString()).isNotEqualTo(two);
    FiniteElement g = plain.finiteGroup().element(1);
    assertThat(one.at(g).distance(two.at(g))).isGreaterThan(0.1);
    assertThat(IsotypicDecomposition.of(one).changeOfBasis())
        .isNotEqualTo(IsotypicDecomposition.of(two).changeOfBasis());
  }

  /** However a sum is put together: what is compared is the matrix that all bases make together. */
  @Test
  void sumsAreEqualWhereTheirBasesAre() {
    List<Representation> parts =
        Stream.of("regular", "irrep(1)", "irrep(0) + irrep(1)", "quotient(C2)", "2 x regular")
            .map(text -> Representation.parse("C4: " + text))
            .toList();
    Random random = new Random(5);
    for (int round = 0; round < 50; round++) {
      List<Representation> left =
          random.ints(4, 0, parts.size()).mapToObj(parts::get).collect(Collectors.toList());
      List<Representation> right = new ArrayList<>(left);
      if (random.nextBoolean()) {
        Collections.shuffle(right, random);
      }
      int cut = 1 + random.nextInt(3);
      Representation one = Representation.directSum(left);
      Representation other =
          Representation.directSum(right.subList(0, cut))
              .plus(Representation.directSum(right.subList(cut, 4)));
      assertThat(one.equals(other))
          .as("%s and %s", one, other)
          .isEqualTo(
              one.irreps().equals(other.irreps())
                  && one.changeOfBasis().equals(other.changeOfBasis()));
      assertThat(one.equals(other) && one.hashCode() != other.hashCode()).isFalse();
    }
    assertThat(Representation.parse("C4: 100000 x regular"))
        .isEqualTo(Representation.parse("C4: 99999 x regular + regular"));
  }

  @Test
  void badInputIsRefusedWithTheReason() {
    Representation c3 = Representation.regular(Groups.cyclic(3));
    Representation c4 = Representation.regular(Groups.cyclic(4));
    assertThatThrownBy(() -> c3.plus(c4))
        .hasMessage("a direct sum needs representations of one group, got C3 and C4");
    assertThatThrownBy(() -> HomSpace.between(c3, c4))
        .hasMessage(
            "in and out must be representations of one group, got C3: regular and C4: regular");
    assertThatThrownBy(() -> c3.changeBasis(Matrix.identity(4)))
        .hasMessage("a change of basis of C3: regular must be [3, 3], got [4, 4]");
    assertThatThrownBy(() -> c3.changeBasis(Matrix.identity(3).scale(2)))
        .hasMessageContaining("must be orthogonal");
    assertThatThrownBy(() -> Representation.parse("C3: 2 x regula"))
        .hasMessage(
            "unknown term '2 x regula' in 'C3: 2 x regula'; did you mean '2 x regular'? Known are "
                + "regular, trivial, vectors, irrep(id), sym(degree, sum), ext(degree, sum), permutation(size; images; ...), "
                + "quotient(subgroup), induce(subgroup: sum), restrict(group: sum), "
                + "factor(group: sum), each after an optional '2 x'");
    assertThatThrownBy(() -> Representation.parse("Octahedral: quotien(C4)"))
        .hasMessageStartingWith(
            "unknown construction 'quotien(...)' in 'Octahedral: quotien(C4)'; did you mean "
                + "'quotient(...)'? Known are regular, ");
    assertThatThrownBy(() -> Representation.parse("C4: trivial + + regular"))
        .hasMessage("a term is missing before a + in 'C4: trivial + + regular'");
    assertThatThrownBy(() -> Representation.parse("regular"))
        .hasMessageContaining("a representation reads 'GROUP: TERM + TERM'");
    assertThatThrownBy(() -> c3.times(0)).hasMessage("a multiplicity must be at least 1, got 0");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "C4: 2 regular | 2 x regular",
        "C4: trivial + 3regluar | 3 x regular",
        "C4: trivail | trivial",
        "C4: 2 x (regular) + 2 vector | 2 x vectors",
        "SO(3): 2x1o | 2 x irrep(1)",
        "SO(3): 1e | irrep(1)",
        "O(3): 2 x 3o | 2 x irrep(1,3)",
        "SO(3): harmonic(2) | harmonics(2)"
      })
  void aTermThatIsNearlyOneIsToldWhatWasPerhapsMeant(String text, String meant) {
    assertThatThrownBy(() -> Representation.parse(text))
        .hasMessageStartingWith("unknown term '")
        .hasMessageContaining("'; did you mean '" + meant + "'? Known are ");
  }
}
