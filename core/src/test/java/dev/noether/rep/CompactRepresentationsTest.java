package dev.noether.rep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.noether.algebra.Matrix;
import dev.noether.group.CompactElement;
import dev.noether.group.CompactGroup;
import dev.noether.group.Element;
import dev.noether.group.FiniteGroup;
import dev.noether.group.Group;
import dev.noether.group.Groups;
import dev.noether.group.Irrep;
import dev.noether.group.Orthogonal3;
import dev.noether.lie.FiniteEmbedding;
import dev.noether.lie.Quadrature;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Representations of compact groups obey the laws of those of finite ones, on Haar samples. */
class CompactRepresentationsTest {
  private static Stream<Representation> representations() {
    return Stream.of(
            "SO(3): irrep(0) + 2 x irrep(1)",
            "SO(3): 2 x (irrep(2) + trivial) + irrep(1) * irrep(2)",
            "SO(3): vectors * vectors + vectors",
            "O(3): irrep(0,1) * irrep(1,2) + 2 x vectors",
            "SO(2): 2 x irrep(1) + irrep(0) + irrep(3) * irrep(1)",
            "SO(2): vectors * (irrep(2) + 2 x trivial)",
            "O(2): irrep(1,0) + irrep(1,2) * irrep(1,2) + irrep(0,0)",
            "O(2): vectors * vectors + harmonics(2)",
            "SO(3): regular(1)")
        .map(Representation::parse)
        .flatMap(rho -> Stream.of(rho, rotated(rho)));
  }

  /** The same in another basis: the reflection along (1, 2, 3, ...). */
  private static Representation rotated(Representation rho) {
    int n = rho.size();
    double[] entries = new double[n * n];
    double norm = n * (n + 1) * (2 * n + 1) / 6.0;
    for (int i = 0; i < n * n; i++) {
      entries[i] = (i / n == i % n ? 1 : 0) - 2.0 * (i / n + 1) * (i % n + 1) / norm;
    }
    return rho.changeBasis(Matrix.of(n, n, entries));
  }

  private static List<? extends Element> sample(Representation rho) {
    return rho.group().sample(6, 4);
  }

  @ParameterizedTest
  @MethodSource("representations")
  void matricesAreOrthogonalAndMultiplyAsTheElementsDo(Representation rho) {
    for (Element g : sample(rho)) {
      assertThat(rho.at(g).orthogonalityDefect()).isLessThan(1e-12);
      assertThat(rho.character(g)).isCloseTo(rho.at(g).trace(), within(1e-11));
      assertThat(rho.at(g.inverse()).distance(rho.at(g).transpose())).isLessThan(1e-12);
      for (Element h : sample(rho)) {
        assertThat(rho.at(g).times(rho.at(h)).distance(rho.at(g.times(h)))).isLessThan(1e-12);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("representations")
  void theChangeOfBasisShowsTheIrreps(Representation rho) {
    Matrix q = rho.changeOfBasis();
    assertThat(q.orthogonalityDefect()).isLessThan(1e-12);
    for (Element g : sample(rho)) {
      List<Matrix> blocks = rho.irreps().stream().map(irrep -> irrep.at(g)).toList();
      Matrix rebuilt = q.times(Matrix.blockDiagonal(blocks)).timesTranspose(q);
      assertThat(rebuilt.distance(rho.at(g))).isLessThan(1e-12);
    }
  }

  @ParameterizedTest
  @MethodSource("representations")
  void equalIrrepsStandTogetherInTheIsotypicBasis(Representation rho) {
    IsotypicDecomposition isotypic = IsotypicDecomposition.of(rho);
    Matrix q = isotypic.changeOfBasis();
    Irrep trivial = rho.group().trivialIrrep();
    assertThat(isotypic.blocks().get(0).irrep().equals(trivial))
        .isEqualTo(rho.irreps().contains(trivial));
    for (Element g : sample(rho)) {
      List<Matrix> blocks = new ArrayList<>();
      for (IsotypicDecomposition.Block block : isotypic.blocks()) {
        blocks.addAll(Collections.nCopies(block.multiplicity(), block.irrep().at(g)));
      }
      Matrix rebuilt = q.times(Matrix.blockDiagonal(blocks)).timesTranspose(q);
      assertThat(rebuilt.distance(rho.at(g))).isLessThan(1e-12);
      assertThat(isotypic.sorted().at(g).distance(Matrix.blockDiagonal(blocks))).isLessThan(1e-12);
    }
  }

  /** By Schur's orthogonality the integral of the product of the characters. */
  @ParameterizedTest
  @MethodSource("representations")
  void homSpacesHaveTheDimensionThatCharactersGive(Representation rho) {
    Group group = rho.group();
    Representation out =
        rho.plus(Representation.trivial(group)).plus(Representation.vectors(group));
    Quadrature grid = Quadrature.of((CompactGroup) group, 10);
    double inner = grid.integrate(g -> rho.character(g) * out.character(g));
    assertThat((double) HomSpace.between(rho, out).dim()).isCloseTo(inner, within(1e-9));
  }

  @ParameterizedTest
  @MethodSource("representations")
  void endomorphismsOfEveryCopyCommuteWithTheGroup(Representation rho) {
    for (Representation.Copy copy : rho.copies()) {
      int[] columns = java.util.stream.IntStream.range(copy.start(), copy.end()).toArray();
      Matrix own = rho.changeOfBasis().columns(columns);
      for (Matrix endomorphism : copy.irrep().endomorphismBasis()) {
        Matrix map = own.times(endomorphism).timesTranspose(own);
        for (Element g : sample(rho)) {
          assertThat(rho.at(g).times(map).distance(map.times(rho.at(g)))).isLessThan(1e-12);
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("representations")
  void theInvariantProjectorIsTheHaarMean(Representation rho) {
    Quadrature grid = Quadrature.of((CompactGroup) rho.group(), 6);
    Matrix mean = Matrix.identity(rho.size()).scale(0);
    for (int i = 0; i < grid.points().size(); i++) {
      mean = mean.plus(rho.at(grid.points().get(i)).scale(grid.weights().get(i)));
    }
    assertThat(InvariantProjector.of(rho).distance(mean)).isLessThan(1e-12);
  }

  @ParameterizedTest
  @MethodSource("representations")
  void theTensorProductIsTheKroneckerProductInTheBasisOfItsIrreps(Representation rho) {
    Representation other = rotated(Representation.vectors(rho.group()));
    Representation product = rho.tensor(other);
    for (Element g : sample(rho)) {
      Matrix expected = rho.at(g).kronecker(other.at(g));
      assertThat(product.at(g).distance(expected)).isLessThan(1e-12);
    }
  }

  @ParameterizedTest
  @MethodSource("representations")
  void runsAndCopiesCoverTheCoordinates(Representation rho) {
    assertThat(rho.copies().stream().mapToInt(copy -> copy.irrep().dimension()).sum())
        .isEqualTo(rho.size());
    assertThat(rho.runs().stream().mapToInt(Representation.Run::size).sum()).isEqualTo(rho.size());
    assertThat(Representation.directSum(rho.summands())).isEqualTo(rho);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SO(3): irrep(0) + 2 x irrep(1)",
        "SO(3): irrep(1) * irrep(2) + vectors",
        "O(2): 2 x (irrep(1,0) + irrep(1,2)) * irrep(1,1)"
      })
  void textIsReadAsItIsPrinted(String text) {
    Representation rho = Representation.parse(text);
    assertThat(rho).isEqualTo(Representation.parse(rho.toString()));
    assertThat(rho).hasSameHashCodeAs(Representation.parse(rho.toString()));
    assertThat(rho.group()).isSameAs(Group.named(text.substring(0, text.indexOf(':'))));
  }

  @Test
  void vectorsOfSpaceAreInTheOrderXyz() {
    for (CompactElement g : CompactGroup.O3.sample(5, 8)) {
      Matrix matrix = Representation.vectors(CompactGroup.O3).at(g);
      assertThat(matrix.distance(g.matrix())).isLessThan(1e-14);
    }
    assertThat(Representation.vectors(CompactGroup.SO2))
        .isEqualTo(Representation.irrep(CompactGroup.SO2.irrep(1)));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "SO(3): irrep(1) * irrep(2) + irrep(1)|Octahedral",
        "SO(3): 3 x irrep(2)|Tetrahedral",
        "O(3): vectors * vectors|C3v",
        "O(2): irrep(1,1) + irrep(1,2) * irrep(1,1)|D4",
        "SO(3): irrep(1) + irrep(2)|C1"
      })
  void restrictionIsTheSameMatricesWithTextThatReadsBack(String text, String name) {
    Representation rho = Representation.parse(text);
    FiniteEmbedding finite =
        FiniteEmbedding.standard(FiniteGroup.named(name), (CompactGroup) rho.group());
    Representation restricted = rho.restrict(finite);
    for (var h : finite.group().elements()) {
      CompactElement image = finite.images().get(h.index());
      assertThat(restricted.at(h).distance(rho.at(image))).isLessThan(1e-11);
    }
    assertThat(Representation.parse(restricted.toString())).isEqualTo(restricted);
    assertThat(rotated(rho).restrict(finite).at(finite.group().element(0)).rows())
        .isEqualTo(rho.size());
  }

  @Test
  void equivalentRepresentationsHaveAnIntertwiner() {
    Representation left = Representation.parse("SO(3): irrep(1) * irrep(1)");
    Representation right = Representation.parse("SO(3): irrep(2) + irrep(0) + irrep(1)");
    Matrix turn = left.intertwinerTo(right).orElseThrow();
    for (Element g : CompactGroup.SO3.sample(5, 2)) {
      assertThat(turn.times(left.at(g)).distance(right.at(g).times(turn))).isLessThan(1e-12);
    }
    assertThat(left.isEquivalentTo(right.plus(Representation.trivial(CompactGroup.SO3)))).isFalse();
  }

  @Test
  void irrepsAreSortedInTheOrderOfTheGroup() {
    for (CompactGroup group : CompactGroup.all()) {
      List<? extends Irrep> irreps = group.irreps(5);
      List<Irrep> mixed = new ArrayList<>(irreps);
      Collections.reverse(mixed);
      mixed.addAll(irreps);
      assertThat(group.inOrder(mixed)).isEqualTo(irreps);
    }
    FiniteGroup d4 = Groups.dihedral(4);
    List<Irrep> mixed = new ArrayList<>(d4.irreps());
    Collections.reverse(mixed);
    assertThat(d4.inOrder(mixed)).isEqualTo(d4.irreps());
  }

  @Test
  void samplesOfAFiniteGroupAreUniformAndFollowTheirSeed() {
    FiniteGroup group = Groups.dihedral(3);
    assertThat(group.sample(9, 1)).isEqualTo(group.sample(9, 1)).isNotEqualTo(group.sample(9, 2));
    int[] counts = new int[6];
    group.sample(60_000, 5).forEach(g -> counts[g.index()]++);
    for (int count : counts) {
      assertThat(count).isBetween(9_600, 10_400);
    }
    assertThatThrownBy(() -> group.sample(-1, 0))
        .hasMessage("a sample has at least 0 elements, got -1");
  }

  @Test
  void whatNeedsAListOfElementsSaysHowToGetOne() {
    Representation vectors = Representation.parse("SO(3): irrep(1)");
    String message =
        "this needs a finite group, whose elements can be listed, and SO(3) is not one: restrict "
            + "the representation to a finite group inside it, as 'Octahedral: restrict(SO(3): "
            + "irrep(1))'";
    assertThatThrownBy(vectors::finiteGroup).hasMessage(message);
    assertThatThrownBy(() -> vectors.symmetricPower(2)).hasMessage(message);
    assertThatThrownBy(() -> vectors.exteriorPower(2)).hasMessage(message);
    assertThatThrownBy(() -> vectors.restrict(Groups.octahedral().center())).hasMessage(message);
    assertThatThrownBy(() -> vectors.induce(Groups.octahedral().center())).hasMessage(message);
    assertThat(SignedPermutations.of(vectors)).isEmpty();
    assertThat(Representation.parse("Octahedral: restrict(SO(3): irrep(1))").finiteGroup())
        .isEqualTo(Groups.octahedral());
    assertThatThrownBy(() -> Representation.parse("SO(3): regular"))
        .hasMessage(
            "unknown term 'regular' in 'SO(3): regular': know trivial, vectors, irrep(id), "
                + "regular(L), harmonics(L), with L the highest frequency, each after an optional "
                + "'2 x'");
    assertThatThrownBy(() -> Representation.parse("O(2): quotient(C3)"))
        .hasMessageStartingWith("unknown term 'quotient(C3)'");
  }

  @Test
  void groupsAndElementsThatDoNotFitAreRefused() {
    Representation space = Representation.parse("SO(3): irrep(1)");
    Representation cube = Representation.parse("Octahedral: irrep(1)");
    assertThatThrownBy(() -> space.plus(cube))
        .hasMessage("a direct sum needs representations of one group, got SO(3) and Octahedral");
    assertThatThrownBy(() -> HomSpace.between(space, cube))
        .hasMessageStartingWith("in and out must be representations of one group");
    assertThatThrownBy(() -> cube.at(Orthogonal3.IDENTITY))
        .hasMessageStartingWith("the element must be of Octahedral, got Orthogonal3[");
    assertThatThrownBy(() -> space.at(Groups.octahedral().element(1)))
        .hasMessageStartingWith(
            "SO(3) moves a space of dimension 3, which is not that of 1/2 turn");
    assertThatThrownBy(() -> space.at(Orthogonal3.IDENTITY.invertSpace()))
        .hasMessageStartingWith("SO(3) has rotations only, got a reflection");
    assertThatThrownBy(() -> Orthogonal3.IDENTITY.times((Element) Groups.cyclic(2).element(1)))
        .hasMessageStartingWith("a product needs two transformations of space, got ");
    assertThatThrownBy(() -> Groups.cyclic(2).element(1).times(Orthogonal3.IDENTITY))
        .hasMessageStartingWith("elements must be of one group, got C2 and Orthogonal3[");
    assertThatThrownBy(() -> ClebschGordan.of(CompactGroup.SO3.irrep(1), cube.irreps().get(0)))
        .hasMessage(
            "Clebsch-Gordan coefficients need irreps of one group, got SO(3) and Octahedral");
  }
}
