package dev.noether.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.noether.algebra.Matrix;
import dev.noether.group.CompactGroup;
import dev.noether.group.Element;
import dev.noether.group.FiniteGroup;
import dev.noether.lie.FiniteEmbedding;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** All kernels on a grid that commute with a group which permutes its cells. */
class PixelKernelsTest {
  static Stream<Space> spaces() {
    return Stream.of(
        Space.trivialPlane(),
        Space.cyclic(2),
        Space.cyclic(4),
        Space.flip(),
        Space.flip(Math.PI / 4),
        Space.dihedral(2),
        Space.dihedral(4),
        Space.trivialSpace(),
        Space.octahedral(),
        Space.fullOctahedral(),
        Space.of(FiniteEmbedding.standard(FiniteGroup.named("Tetrahedral"), CompactGroup.SO3)));
  }

  private static KernelExpansion kernels(Space space, Field in, Field out, int size) {
    return KernelExpansion.ofPixels(space.type(in), space.type(out), size, 1, element -> true);
  }

  /** The mean over the group of the two characters times the number of cells that stay. */
  private static double count(Space space, Field in, Field out, int size) {
    Points grid = Points.grid(space.dimension(), size, 1);
    List<Element> group = space.gridElements();
    double sum = 0;
    for (Element g : group) {
      long fixed =
          IntStream.range(0, grid.count()).filter(p -> image(space, g, grid, p) == p).count();
      sum += fixed * in.representation().at(g).trace() * out.representation().at(g).trace();
    }
    return sum / group.size();
  }

  private static int image(Space space, Element g, Points grid, int p) {
    double[] cell = grid.point(p);
    Matrix moved = space.action(g).times(Matrix.of(cell.length, 1, cell));
    return IntStream.range(0, grid.count())
        .filter(q -> moved.distance(Matrix.of(cell.length, 1, grid.point(q))) < 1e-9)
        .findFirst()
        .orElseThrow();
  }

  @ParameterizedTest
  @MethodSource("spaces")
  void thereAreAsManyAsOrbitsAndCharactersCount(Space space) {
    for (List<Field> pair : Spaces.pairs(space)) {
      int size = space.dimension() == 2 ? 5 : 3;
      if (count(space, pair.get(0), pair.get(1), size) > 0.5) {
        KernelExpansion all = kernels(space, pair.get(0), pair.get(1), size);
        assertThat((double) all.weights())
            .as("%s", pair)
            .isCloseTo(count(space, pair.get(0), pair.get(1), size), within(1e-9));
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"1, 4", "3, 36", "5, 100", "7, 196", "9, 324"})
  void regularFieldsOfC4HaveSixteenForEachFreeOrbit(int size, int weights) {
    Space c4 = Space.cyclic(4);
    assertThat(kernels(c4, c4.regularField(), c4.regularField(), size).weights())
        .isEqualTo(weights);
  }

  /** The mean of g K(g^-1 p) over the group is one of them, and all of it is found. */
  @ParameterizedTest
  @MethodSource("spaces")
  void everyKernelThatCommutesIsOneOfThem(Space space) {
    Field in = Spaces.fields(space).get(3);
    Field out = Spaces.fields(space).get(5);
    int size = space.dimension() == 2 ? 5 : 3;
    SampledBasis basis = kernels(space, in, out, size).pairs().get(0).basis();
    Points grid = basis.points();
    int n = out.size();
    int m = in.size();
    double[] kernel = new double[n * m * grid.count()];
    List<Element> group = space.gridElements();
    for (Element g : group) {
      Matrix left = out.representation().at(g);
      Matrix right = in.representation().at(g);
      for (int p = 0; p < grid.count(); p++) {
        int cell = p;
        double[] entries =
            IntStream.range(0, n * m).mapToDouble(i -> Math.sin(1.7 * i + cell * cell)).toArray();
        double[] moved = left.times(Matrix.of(n, m, entries)).timesTranspose(right).toArray();
        int q = image(space, g, grid, p);
        for (int i = 0; i < n * m; i++) {
          kernel[i * grid.count() + q] += moved[i] / group.size();
        }
      }
    }
    assertThat(basis.changeFrom(kernel).residual()).isLessThan(1e-10);
  }

  @Test
  void groupsThatMovePixelsBetweenPixelsAreRefused() {
    Space c8 = Space.cyclic(8);
    assertThatThrownBy(() -> kernels(c8, c8.regularField(), c8.regularField(), 3))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("need a group that permutes the pixels, such as C4, D4");
    Space so2 = Space.so2();
    assertThatThrownBy(() -> kernels(so2, so2.irrepField(1), so2.irrepField(1), 3))
        .hasMessageContaining("need a group that permutes the pixels");
  }
}
