package dev.noether.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.noether.algebra.Matrix;
import dev.noether.rep.Representation;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What makes a kernel steerable, over all spaces and thirty pairs of fields on each. */
class KernelLawsTest {
  private static final double TOLERANCE = 1e-12;

  /** Rings off the grid, with frequencies up to 3. */
  private static final Rings RINGS =
      Rings.of(FrequencyCutoff.proportional(2), 0, 0.7, 1.6).withWidths(0.5, 0.6, 0.4);

  static Stream<Space> spaces() {
    return Spaces.all();
  }

  @ParameterizedTest
  @MethodSource("spaces")
  void kernelsAtMovedPointsAreMovedKernels(Space space) {
    Random random = new Random(5);
    List<Spaces.Motion> motions = Spaces.random(space, 3, 7);
    assertThat(Spaces.pairs(space)).hasSize(30);
    for (List<Field> pair : Spaces.pairs(space)) {
      KernelBasis basis = KernelBasis.of(space, pair.get(0), pair.get(1), RINGS);
      for (Spaces.Motion g : motions) {
        double[] point = random.doubles(space.dimension(), -1.5, 1.5).toArray();
        double[] moved = g.onSpace().times(Matrix.of(point.length, 1, point)).toArray();
        List<Matrix> before = basis.at(point);
        List<Matrix> after = basis.at(moved);
        Matrix left = g.onField().apply(pair.get(1));
        Matrix right = g.onField().apply(pair.get(0));
        for (int b = 0; b < basis.dim(); b++) {
          Matrix expected = left.times(before.get(b)).timesTranspose(right);
          assertThat(after.get(b).distance(expected)).as("%s", basis).isLessThan(TOLERANCE);
        }
      }
    }
  }

  /** For each ring and frequency: the mean of the product of the three characters. */
  @ParameterizedTest
  @MethodSource("spaces")
  void dimensionIsCountedByCharacters(Space space) {
    List<Spaces.Motion> motions = Spaces.average(space, 2 * 2 + 3);
    for (List<Field> pair : Spaces.pairs(space)) {
      double expected = 0;
      for (Spaces.Motion g : motions) {
        double trace =
            g.onField().apply(pair.get(0)).trace() * g.onField().apply(pair.get(1)).trace();
        for (Ring ring : RINGS.rings()) {
          for (int k = 0; k <= ring.highestFrequency(); k++) {
            expected += g.weight() * trace * Spaces.harmonicCharacter(space, g, k);
          }
        }
      }
      KernelBasis basis = KernelBasis.of(space, pair.get(0), pair.get(1), RINGS);
      assertThat((double) basis.dim()).as("%s", basis).isCloseTo(expected, within());
    }
  }

  private static Offset<Double> within() {
    return Offset.offset(1e-9);
  }

  /** As many as the count, and none a combination of the others. */
  @ParameterizedTest
  @MethodSource("spaces")
  void kernelsAreLinearlyIndependent(Space space) {
    double[] cloud = new Random(3).doubles(150L * space.dimension(), -2, 2).toArray();
    Points points = Points.of(space.dimension(), cloud);
    for (List<Field> pair : Spaces.pairs(space).subList(0, 12)) {
      SampledBasis basis =
          SampledBasis.of(KernelBasis.of(space, pair.get(0), pair.get(1), RINGS), points);
      if (basis.dim() > 0) {
        SampledBasisChange itself = basis.changeFrom(basis.dense());
        assertThat(itself.matrix().distance(Matrix.identity(basis.dim()))).isLessThan(1e-9);
        assertThat(itself.residual()).isLessThan(1e-10);
      }
    }
  }

  /** Y(R p) = D(R) Y(p), with D the irrep of the whole group. */
  @ParameterizedTest
  @MethodSource("spaces")
  void harmonicsRestrictToTheIrrepsOfTheGroup(Space space) {
    Harmonics harmonics = new Harmonics(space, 6);
    double[] before = new double[harmonics.size()];
    double[] after = new double[harmonics.size()];
    Random random = new Random(11);
    for (Spaces.Motion g : Spaces.random(space, 5, 2)) {
      double[] point = random.doubles(space.dimension(), -1, 1).toArray();
      double[] moved = g.onSpace().times(Matrix.of(point.length, 1, point)).toArray();
      harmonics.at(point, Points.radius(point), before);
      harmonics.at(moved, Points.radius(moved), after);
      for (int k = 0; k <= 6; k++) {
        int start = Harmonics.start(space.dimension(), k);
        int size = Harmonics.count(space.dimension(), k);
        Matrix y = Matrix.of(size, 1, Arrays.copyOfRange(before, start, start + size));
        Matrix z = Matrix.of(size, 1, Arrays.copyOfRange(after, start, start + size));
        for (Restriction copy : Restriction.of(space, k)) {
          Field field = Field.of(Representation.irrep(copy.irrep()));
          Matrix expected = g.onField().apply(field).times(copy.rows()).times(y);
          assertThat(copy.rows().times(z).distance(expected)).isLessThan(TOLERANCE);
        }
        assertThat(y.transpose().times(y).get(0, 0)).isCloseTo(1, within());
      }
    }
  }
}
