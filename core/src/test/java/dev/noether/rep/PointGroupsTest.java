package dev.noether.rep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.noether.algebra.Matrix;
import dev.noether.group.CompactGroup;
import dev.noether.group.FiniteElement;
import dev.noether.group.FiniteGroup;
import dev.noether.lie.FiniteEmbedding;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The point groups of molecules and crystals: their names, orders, and how they move space. */
class PointGroupsTest {
  /** International Tables for Crystallography A, table 10.1.2.4. */
  private static final String CRYSTALLOGRAPHIC =
      """
      1 C1 1; -1 Ci 2; 2 C2 2; m Cs 2; 2/m C2h 4; 222 D2 4; mm2 C2v 4; mmm D2h 8;
      4 C4 4; -4 Rotoreflection4 4; 4/m C4h 8; 422 D4 8; 4mm C4v 8; -42m D2d 8; 4/mmm D4h 16;
      3 C3 3; -3 Rotoreflection6 6; 32 D3 6; 3m C3v 6; -3m D3d 12;
      6 C6 6; -6 C3h 6; 6/m C6h 12; 622 D6 12; 6mm C6v 12; -6m2 D3h 12; 6/mmm D6h 24;
      23 Tetrahedral 12; m-3 Th 24; 432 Octahedral 24; -43m Td 24; m-3m Oh 48
      """;

  private static Matrix image(Representation rho, int g) {
    return rho.at(rho.finiteGroup().element(g));
  }

  /** Every crystallographic point group is its own in space: no two have the same operations. */
  @Test
  void hermannAndMauguinNameThe32CrystallographicPointGroups() {
    Set<String> operations = new HashSet<>();
    for (String row : CRYSTALLOGRAPHIC.strip().split(";\\s*", -1)) {
      String[] words = row.split(" ", -1);
      FiniteGroup group = FiniteGroup.named(words[0]);
      assertThat(group).hasToString(words[1]);
      assertThat(group.order()).as(words[0]).isEqualTo(Integer.parseInt(words[2]));
      Representation vectors = Representation.vectors(group);
      TreeMap<String, Integer> kinds = new TreeMap<>();
      for (FiniteElement g : group.elements()) {
        double trace = vectors.character(g);
        assertThat(Math.abs(trace - Math.rint(trace))).isLessThan(1e-12);
        long determinant = Math.round(determinant(vectors.at(g)));
        kinds.merge(Math.round(trace) + "/" + determinant, 1, Integer::sum);
      }
      operations.add(kinds.toString());
    }
    assertThat(operations).hasSize(32);
  }

  private static double determinant(Matrix m) {
    return m.get(0, 0) * (m.get(1, 1) * m.get(2, 2) - m.get(1, 2) * m.get(2, 1))
        - m.get(0, 1) * (m.get(1, 0) * m.get(2, 2) - m.get(1, 2) * m.get(2, 0))
        + m.get(0, 2) * (m.get(1, 0) * m.get(2, 1) - m.get(1, 1) * m.get(2, 0));
  }

  /** The columns x, y, z of the character tables of molecules (Altmann and Herzig 1994). */
  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "Cs; {0=2, 1=1}",
        "Ci; {1=3}",
        "C2v; {0,0=1, 0,1=1, 1,1=1}",
        "C3v; {0,0=1, 1,1=1}",
        "C5v; {0,0=1, 1,1=1}",
        "C3h; {0,1=1, 1,0=1}",
        "C4h; {0,1=1, 1,0=1}",
        "D3; {1,0=1, 1,1=1}",
        "D3h; {0,1,1=1, 1,1,0=1}",
        "D6h; {0,1,1=1, 1,1,0=1}",
        "D2d; {1,1=1, 1,2=1}",
        "D5d; {1,1=1, 1,5=1}",
        "Rotoreflection4; {1=1, 2=1}",
        "Rotoreflection6; {1=1, 3=1}",
        "Td; {1=1}",
        "Oh; {1,1=1}",
        "Ih; {1,1=1}"
      })
  void vectorsAreMadeOfTheIrrepsOfTheTables(String name, String multiplicities) {
    assertThat(Representation.parse(name + ": vectors").multiplicities())
        .hasToString(multiplicities);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "C4",
        "D5",
        "V4",
        "Tetrahedral",
        "Octahedral",
        "Icosahedral",
        "Td",
        "Th",
        "Oh",
        "Ih",
        "Cs",
        "Ci",
        "C7v",
        "C5h",
        "C6h",
        "D5h",
        "D6h",
        "D4d",
        "D5d",
        "Rotoreflection8",
        "Cylinder4",
        "FullCylinder3"
      })
  void vectorsAreTheOrthogonalMatricesOfSpaceInTheOrderXyz(String name) {
    Representation vectors = Representation.vectors(FiniteGroup.named(name));
    FiniteEmbedding space = FiniteEmbedding.standard(vectors.finiteGroup(), CompactGroup.O3);
    Representation harmonics = Representation.parse(name + ": restrict(O(3): irrep(1,1))");
    for (int g = 0; g < vectors.finiteGroup().order(); g++) {
      assertThat(image(vectors, g).distance(space.images().get(g).matrix())).isLessThan(1e-12);
      Matrix yzx = image(vectors, g).columns(1, 2, 0).transpose().columns(1, 2, 0).transpose();
      assertThat(image(harmonics, g).distance(yzx)).isLessThan(1e-12);
    }
    assertThat(vectors).hasToString(name + ": vectors");
    assertThat(Representation.parse(vectors.toString())).isEqualTo(vectors);
  }

  @Test
  void theSymmetricGroupKeepsItsNameBesideTheRotoreflections() {
    assertThat(FiniteGroup.named("S4").order()).isEqualTo(24);
    assertThat(FiniteGroup.named("-4").order()).isEqualTo(4);
    assertThat(FiniteGroup.named("C3i")).isEqualTo(FiniteGroup.named("-3"));
    assertThat(FiniteGroup.named("Rotoreflection2")).isEqualTo(FiniteGroup.named("Ci"));
    FiniteGroup other = FiniteGroup.fromPermutations("Td", List.of(new int[] {1, 2, 3, 0}));
    assertThatThrownBy(() -> Representation.vectors(other))
        .hasMessage(
            "irrep(1) of Td has dimension 1, so that it is not the irrep of the vectors of space");
    assertThatThrownBy(() -> Representation.parse("S4: vectors"))
        .hasMessageStartingWith("S4 has no standard place in O(3)");
  }
}
