package dev.noether.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.noether.algebra.Matrix;
import dev.noether.group.CompactGroup;
import dev.noether.group.FiniteGroup;
import dev.noether.group.Groups;
import dev.noether.rep.Representation;
import java.util.List;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a space, a field, a type, a ring and a grid are, and what they refuse. */
class SpacesAndRingsTest {
  static Stream<Space> spaces() {
    return Spaces.all();
  }

  @ParameterizedTest
  @MethodSource("spaces")
  void everySpaceHasATextAndEqualsItself(Space space) {
    assertThat(space.toString()).contains(" on R^" + space.dimension());
    assertThat(Spaces.all().filter(space::equals)).hasSize(1);
    assertThat(Spaces.all().map(Space::hashCode)).contains(space.hashCode());
  }

  /** x to the right, y up: a quarter turn is counter-clockwise; mirrors exchange left and right. */
  @Test
  void anotherGroupStandsInItsUsualPlace() {
    assertThat(Space.dihedral(8).with(Groups.cyclic(4))).isEqualTo(Space.cyclic(4));
    assertThat(Space.dihedral(8, 0).with(Groups.dihedral(2))).isEqualTo(Space.dihedral(2, 0));
    assertThat(Space.fullOctahedral().with(Groups.tetrahedral()).group())
        .isEqualTo(Groups.tetrahedral());
    assertThatThrownBy(() -> Space.cyclic(4).with(Groups.quaternion()))
        .hasMessage(
            "on the plane C_n acts by rotations and D_n by rotations and reflections, got Q8");
  }

  @Test
  void elementsMovePointsAsTheyAreSeen() {
    Space turns = Space.cyclic(4);
    assertThat(moved(turns.action(Groups.cyclic(4).element(1)), 1, 0))
        .containsExactly(new double[] {0, 1}, Offset.offset(1e-15));
    Space flips = Space.dihedral(3);
    assertThat(moved(flips.action(Groups.dihedral(3).element(3)), 2, 1))
        .containsExactly(new double[] {-2, 1}, Offset.offset(1e-15));
    assertThat(moved(Space.flip(0).action(Groups.cyclic(2).element(1)), 2, 1))
        .containsExactly(new double[] {2, -1}, Offset.offset(1e-15));
  }

  private static double[] moved(Matrix action, double x, double y) {
    return action.times(Matrix.of(2, 1, x, y)).toArray();
  }

  @Test
  void cellsRunWithTheColumnAndYPointsUp() {
    Points grid = Points.grid(2, 3, 2);
    assertThat(grid.point(0)).containsExactly(-2, 2);
    assertThat(grid.point(1)).containsExactly(0, 2);
    assertThat(grid.point(5)).containsExactly(2, 0);
    Points cube = Points.grid(3, 2, 1);
    assertThat(cube.count()).isEqualTo(8);
    assertThat(cube.point(0)).containsExactly(-0.5, 0.5, 0.5);
    assertThat(cube.point(4)).containsExactly(-0.5, 0.5, -0.5);
  }

  @Test
  void fieldsAreNamedAsInThePythonPackage() {
    FiniteGroup group = Groups.dihedral(4);
    assertThat(Field.of(Representation.regular(group)).name()).isEqualTo("regular");
    assertThat(Field.of(Representation.trivial(group)).name()).isEqualTo("irrep_0,0");
    assertThat(Field.of(Representation.irrep(group.irrep(1, 2))).name()).isEqualTo("irrep_1,2");
    assertThat(Field.of(Representation.parse("D4: 2 x irrep(1,1)").named("pair")).name())
        .isEqualTo("pair");
    assertThat(Field.of(Representation.parse("O(3): irrep(1,1)")).name()).isEqualTo("irrep_1,1");
    FieldType type = FieldType.of(Space.dihedral(4), Representation.regular(group)).times(2);
    assertThat(type.plus(Space.dihedral(4).type(Space.dihedral(4).trivialField())))
        .hasToString("D4 on R^2: 2 x regular + irrep_0,0");
    assertThat(type.starts()).containsExactly(0, 8);
  }

  /** The regular field keeps a constant; vectors keep nothing. */
  @Test
  void invariantsAreWhatABiasMayBe() {
    Space space = Space.cyclic(8);
    Matrix constant = space.regularField().invariants();
    assertThat(constant.columns()).isEqualTo(1);
    assertThat(constant.get(5, 0)).isCloseTo(1 / Math.sqrt(8), Offset.offset(1e-12));
    assertThat(space.irrepField(1).invariants().columns()).isZero();
  }

  @Test
  void fieldsRefuseWhatIsNotTheirs() {
    Space space = Space.cyclic(4);
    assertThatThrownBy(() -> space.regularField().named(" "))
        .hasMessage("a field's name must not be blank");
    assertThatThrownBy(() -> space.action(Groups.cyclic(3).element(0)))
        .hasMessage("the element must be of C4, got one of C3");
    assertThatThrownBy(() -> space.action(CompactGroup.SO2.identity()))
        .hasMessageStartingWith("the element must be of C4, got ");
    assertThatThrownBy(() -> Space.so2().regularField())
        .hasMessage(
            "SO(2) has no finite regular representation; take irreps, or"
                + " Representation.regular(SO(2), frequency)");
    assertThatThrownBy(() -> space.irrepField()).hasMessageContaining("at least one number");
    assertThatThrownBy(() -> space.irrepField(7)).hasMessageContaining("C4 has no irrep(7)");
    assertThatThrownBy(() -> space.type()).hasMessage("a field type needs at least one field");
    assertThatThrownBy(() -> space.type(space.trivialField(), 0))
        .hasMessage("a field type needs at least one copy, got 0");
    assertThatThrownBy(() -> Space.dihedral(3, Double.NaN))
        .hasMessage("the axis of a reflection must be a finite angle, got NaN");
    Rings rings = Rings.standard(2, 3, 1);
    assertThatThrownBy(
            () ->
                KernelBasis.of(Space.cyclic(3), space.trivialField(), space.trivialField(), rings))
        .hasMessage("kernels on C3 on R^2 need fields of C3, got irrep_0 of C4");
  }

  /** Read off the reference: sizes 3, 5, 7 and 9. */
  @Test
  void theUsualCutoffsAreTheReferences() {
    assertThat(frequencies(Rings.standard(2, 3, 1))).containsExactly(0, 2);
    assertThat(frequencies(Rings.standard(2, 5, 1))).containsExactly(0, 2, 2);
    assertThat(frequencies(Rings.standard(2, 7, 1))).containsExactly(0, 2, 3, 2);
    assertThat(frequencies(Rings.standard(2, 9, 1))).containsExactly(0, 2, 3, 6, 2);
    assertThat(frequencies(Rings.standard(3, 5, 1))).containsExactly(0, 2, 2);
    assertThat(frequencies(Rings.standard(3, 7, 1))).containsExactly(0, 2, 3, 2);
    assertThat(frequencies(Rings.standard(3, 3, 5))).containsExactly(0, 0);
    Rings seven = Rings.standard(2, 7, 1);
    assertThat(frequencies(seven.withCutoff(FrequencyCutoff.lower(7)))).containsExactly(0, 2, 3, 1);
    assertThat(frequencies(seven.withCutoff(FrequencyCutoff.lowest(7))))
        .containsExactly(0, 2, 2, 1);
    assertThat(frequencies(seven.withCutoff(FrequencyCutoff.proportional(1.5))))
        .containsExactly(0, 1, 3, 4);
    assertThat(seven.rings()).extracting(Ring::width).containsExactly(0.005, 0.6, 0.6, 0.4);
    assertThat(seven.withWidths(0.5).rings()).extracting(Ring::width).containsOnly(0.5);
    assertThat(Rings.standard(2, 1, 1).rings()).containsExactly(new Ring(0, 0.005, 0));
  }

  private static List<Integer> frequencies(Rings rings) {
    return rings.rings().stream().map(Ring::highestFrequency).toList();
  }

  @Test
  void ringsRefuseWhatMakesNoKernel() {
    assertThatThrownBy(() -> new Rings(List.of()))
        .hasMessage("a kernel needs at least one ring, got none");
    assertThatThrownBy(() -> Rings.of(r -> 1))
        .hasMessage("a kernel needs at least one ring, got none");
    assertThatThrownBy(() -> Rings.of(r -> r - 1, 0, 1))
        .hasMessage(
            "a frequency cutoff must be a number from 0 to 64, got -1.0 at radius 0.0; leave out"
                + " the ring that shall be empty");
    assertThatThrownBy(() -> Rings.of(r -> Double.NaN, 0))
        .hasMessageContaining("got NaN at radius 0.0");
    assertThatThrownBy(() -> Rings.of(FrequencyCutoff.proportional(100), 0, 1))
        .hasMessageContaining("got 100.0 at radius 1.0");
    assertThatThrownBy(() -> new Ring(1, 1, -2))
        .hasMessage(
            "the highest frequency on a ring must be from 0 to 64, got -2 at radius 1.0; leave out"
                + " the ring that shall be empty");
    assertThatThrownBy(() -> new Ring(-1, 1, 0))
        .hasMessage("the radius of a ring must be a number of at least 0, got -1.0");
    assertThatThrownBy(() -> new Ring(1, 0, 0))
        .hasMessage("the width of a ring must be above 0, got 0.0 at radius 1.0");
    assertThatThrownBy(() -> Rings.of(r -> 1, 1, 2).withWidths(1, 2, 3))
        .hasMessage("2 rings need one width, or 2 of them, got 3");
    assertThatThrownBy(() -> Rings.of(r -> 1, 0.5, 0.5).withWidths(1))
        .hasMessageStartingWith("no two rings may be alike");
    Space space = Space.cyclic(4);
    FieldType type = space.type(space.trivialField());
    Rings wide = Rings.of(r -> r, 0, 2);
    assertThatThrownBy(() -> KernelExpansion.onGrid(type, type, 3, 1, wide, element -> true))
        .hasMessage(
            "rings must lie inside a kernel of size 3 and dilation 1, whose corners are at 1.414,"
                + " got radius 2.0");
  }

  @Test
  void gridsRefuseWhatIsNone() {
    assertThatThrownBy(() -> Points.grid(4, 3, 1)).hasMessageContaining("2 or 3 dimensions, got 4");
    assertThatThrownBy(() -> Points.grid(2, 0, 1))
        .hasMessage("the size of a kernel must be at least 1, got 0");
    assertThatThrownBy(() -> Points.grid(2, 3, 0))
        .hasMessage("the dilation of a kernel must be at least 1, got 0");
    assertThatThrownBy(() -> Points.grid(3, 200, 1))
        .hasMessage("a kernel may have at most 1048576 cells, got 200 to the power of 3");
    assertThatThrownBy(() -> Points.of(1, 1, 2)).hasMessageContaining("2 or 3 dimensions, got 1");
    assertThatThrownBy(() -> Points.of(2, Double.NaN, 0))
        .hasMessage("coordinates must be finite, got NaN");
  }
}
