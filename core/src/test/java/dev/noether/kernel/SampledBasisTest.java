package dev.noether.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.noether.algebra.Matrix;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Kernels on grids and clouds: how many, how long, and how weights become kernels. */
class SampledBasisTest {
  private static SampledBasis regular(Space space, int size, int dilation) {
    Field field = space.regularField();
    return sampled(space, field, field, size, dilation);
  }

  private static SampledBasis sampled(Space space, Field in, Field out, int size, int dilation) {
    Rings rings = Rings.standard(space.dimension(), size, dilation);
    return SampledBasis.of(
        KernelBasis.of(space, in, out, rings), Points.grid(space.dimension(), size, dilation));
  }

  /** Measured with escnn 1.0.13. */
  @ParameterizedTest
  @CsvSource({"1, 4", "3, 24", "4, 20", "5, 44", "6, 48", "7, 72", "8, 100", "9, 124"})
  void regularFieldsOfFourRotationsHaveAsManyKernelsAsTheReference(int size, int dim) {
    assertThat(regular(Space.cyclic(4), size, 1).dim()).isEqualTo(dim);
  }

  /** Measured with escnn 1.0.13. */
  @ParameterizedTest
  @CsvSource({"3, 240", "5, 456"})
  void regularFieldsOfTheOctahedralGroupHaveAsManyKernelsAsTheReference(int size, int dim) {
    assertThat(regular(Space.octahedral(), size, 1).dim()).isEqualTo(dim);
  }

  /** The cutoffs look at radii with the dilation, as the reference's do. */
  @ParameterizedTest
  @CsvSource({"1, 24", "2, 32", "3, 52"})
  void defectR8DilationChangesTheNumberOfWeights(int dilation, int dim) {
    assertThat(regular(Space.cyclic(4), 3, dilation).dim()).isEqualTo(dim);
  }

  @Test
  void defectR7KernelsOfTwoCellsASideAreEmpty() {
    assertThat(regular(Space.cyclic(4), 2, 1).dim()).isZero();
  }

  /** Irreps of any frequency are there from the start. */
  @Test
  void defectR17HighFrequenciesNeedNoPreparation() {
    Space space = Space.o2();
    Rings rings = Rings.of(r -> 6 * r, 0, 1);
    KernelBasis basis =
        KernelBasis.of(space, space.irrepField(1, 3), space.irrepField(1, 3), rings);
    assertThat(basis.elements()).extracting(KernelElement::frequency).containsExactly(0, 0, 6);
  }

  static Stream<SampledBasis> samples() {
    Space octahedral = Space.octahedral();
    Space so2 = Space.so2();
    return Stream.of(
        regular(Space.cyclic(6), 5, 1),
        regular(Space.dihedral(3), 3, 2),
        sampled(so2, so2.irrepField(1), so2.irrepField(2), 7, 1),
        sampled(octahedral, octahedral.irrepField(1), octahedral.regularField(), 3, 1));
  }

  @ParameterizedTest
  @MethodSource("samples")
  void aKernelIsTheSumOfItsPartsProducts(SampledBasis basis) {
    double[] weights = new Random(3).doubles(basis.dim(), -1, 1).toArray();
    int size = basis.basis().out().size() * basis.basis().in().size();
    int points = basis.points().count();
    double[] sum = new double[size * points];
    for (KernelPart part : basis.parts()) {
      double[] values = part.values();
      double[] profiles = part.profiles();
      for (int s = 0; s < part.maps(); s++) {
        for (int r = 0; r < part.rings(); r++) {
          int product = s * part.rings() + r;
          int weight = part.weights()[product];
          double factor = weight < 0 ? 0 : weights[weight] * part.scales()[product];
          for (int y = 0; y < part.components(); y++) {
            for (int i = 0; i < size; i++) {
              for (int p = 0; p < points; p++) {
                sum[i * points + p] +=
                    factor
                        * values[(y * part.maps() + s) * size + i]
                        * profiles[(y * part.rings() + r) * points + p];
              }
            }
          }
        }
      }
    }
    assertThat(sum).containsExactly(basis.expand(weights), Offset.offset(1e-12));
  }

  @ParameterizedTest
  @MethodSource("samples")
  void squaresOfAnElementSumToTheDimensionOfItsOutputIrrep(SampledBasis basis) {
    double[] dense = basis.dense();
    int size = dense.length / basis.dim();
    for (KernelBlock block : basis.basis().blocks()) {
      for (int e = 0; e < block.elements().size(); e++) {
        double sum = 0;
        for (int i = 0; i < size; i++) {
          double entry = dense[block.weight(0, 0, e) * size + i];
          sum += entry * entry;
        }
        assertThat(sum).isCloseTo(block.outDimension(), Offset.offset(1e-12));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("samples")
  void sampledElementsAreTheFunctionsAtThePoints(SampledBasis basis) {
    double[] dense = basis.dense();
    int count = basis.points().count();
    int size = dense.length / basis.dim() / count;
    for (int p = 0; p < count; p += 4) {
      var kernels = basis.basis().at(basis.points().point(p));
      for (int b = 0; b < basis.dim(); b++) {
        double[] expected = kernels.get(b).toArray();
        for (int i = 0; i < size; i++) {
          assertThat(dense[(b * size + i) * count + p])
              .isCloseTo(expected[i], Offset.offset(1e-13));
        }
      }
    }
  }

  /** The three ways from weights to a kernel. */
  @ParameterizedTest
  @MethodSource("samples")
  void weightsExpandToTheSameKernelEachWay(SampledBasis basis) {
    int dim = basis.dim();
    double[] weights = new Random(2).doubles(dim, -1, 1).toArray();
    double[] expected = basis.expand(weights);
    double[] dense = basis.dense();
    assertThat(product(weights, dense)).containsExactly(expected, Offset.offset(1e-12));
    Matrix features = basis.features();
    double[] elements = basis.featureElements();
    double[] values = product(weights, elements);
    Matrix kernel = Matrix.of(values.length / features.rows(), features.rows(), values);
    assertThat(kernel.times(features).toArray()).containsExactly(expected, Offset.offset(1e-12));
    assertThat(basis.featureBytes(8)).isEqualTo(8L * (elements.length + features.toArray().length));
    assertThat(basis.featureBytes(8)).isLessThan(basis.denseBytes(8));
  }

  private static double[] product(double[] weights, double[] elements) {
    Matrix all = Matrix.of(weights.length, elements.length / weights.length, elements);
    return Matrix.of(1, weights.length, weights).times(all).toArray();
  }

  /** Any other basis of the same span leads to the same kernels. */
  @ParameterizedTest
  @MethodSource("samples")
  void weightsOfAnotherBasisOfTheSpanAreFound(SampledBasis basis) {
    int dim = basis.dim();
    Matrix mix = Spaces.turn(dim);
    double[] dense = basis.dense();
    Matrix other = mix.times(Matrix.of(dim, dense.length / dim, dense));
    SampledBasisChange change = basis.changeFrom(other.toArray()).requireSameSpan("it");
    assertThat(change.matrix().distance(mix)).isLessThan(1e-10);
    double[] weights = new Random(1).doubles(dim, -1, 1).toArray();
    double[] expected = Matrix.of(1, dim, weights).times(other).toArray();
    assertThat(basis.expand(change.weights(weights)))
        .containsExactly(expected, Offset.offset(1e-11));
  }

  @Test
  void aBasisOfOtherKernelsIsRefused() {
    SampledBasis basis = regular(Space.cyclic(4), 3, 1);
    double[] other = basis.dense();
    other[7] += 0.5;
    assertThatThrownBy(() -> basis.changeFrom(other).requireSameSpan("the basis in the file"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("the basis in the file spans other kernels: its elements may be")
        .hasMessageContaining("give the space, the fields, the rings");
    double[] some = java.util.Arrays.copyOf(basis.dense(), 20 * 16 * 9);
    assertThatThrownBy(() -> basis.changeFrom(some).requireSameSpan("the basis in the file"))
        .hasMessage(
            "the basis in the file spans fewer kernels: it must have 24 elements that are linearly"
                + " independent, got 20");
    assertThatThrownBy(() -> basis.changeFrom(1, 2, 3))
        .hasMessage("elements of a basis must be [count, 4, 4, 9], got 3 numbers");
  }

  @Test
  void ringsThatTheGridCannotTellApartAreNamed() {
    Space space = Space.cyclic(4);
    Rings rings = new Rings(java.util.List.of(new Ring(0, 0.01, 0), new Ring(0, 0.02, 0)));
    SampledBasis basis =
        SampledBasis.of(
            KernelBasis.of(space, space.trivialField(), space.trivialField(), rings),
            Points.grid(2, 3, 1));
    assertThatThrownBy(() -> basis.changeFrom(basis.dense()))
        .hasMessageContaining("are not linearly independent on the points: take fewer rings");
  }

  /** A kernel found on a grid has its own value at the points of a cloud. */
  @Test
  void aBasisKeepsItsScalesAtOtherPoints() {
    SampledBasis grid = regular(Space.cyclic(8), 5, 1);
    SampledBasis cloud = grid.at(Points.of(2, 1, -1, 0.3, 0.4));
    double[] dense = grid.dense();
    double[] moved = cloud.dense();
    for (int i = 0; i < moved.length / 2; i++) {
      // Cell (row 3, column 3) of five is the point (1, -1).
      assertThat(moved[2 * i]).isCloseTo(dense[25 * i + 18], Offset.offset(1e-13));
    }
  }

  /** At most a tenth of the reference's, whatever the group. */
  @ParameterizedTest
  @MethodSource("samples")
  void theBasisInTheIrrepsIsSmall(SampledBasis basis) {
    assertThat(basis.bytes(4)).isLessThan(basis.denseBytes(4));
    SampledBasis large = regular(Space.octahedral(), 5, 1);
    assertThat(large.denseBytes(4)).isEqualTo(131_328_000);
    assertThat(large.bytes(4)).isLessThan(large.denseBytes(4) / 1000);
    assertThat(large.multiplyAdds()).isLessThan(large.denseMultiplyAdds() / 10);
  }

  @Test
  void aFilterLeavesOutElements() {
    Space space = Space.cyclic(8);
    KernelBasis basis =
        KernelBasis.of(space, space.regularField(), space.regularField(), Rings.standard(2, 5, 1));
    KernelBasis smooth = basis.where(element -> element.frequency() < 2);
    assertThat(smooth.elements())
        .isEqualTo(basis.elements().stream().filter(e -> e.frequency() < 2).toList());
  }

  @Test
  void pointsOfAnotherDimensionAreRefused() {
    Space space = Space.so3();
    KernelBasis basis =
        KernelBasis.of(space, space.trivialField(), space.trivialField(), Rings.standard(3, 3, 1));
    assertThatThrownBy(() -> SampledBasis.of(basis, Points.grid(2, 3, 1)))
        .hasMessage("kernels on SO(3) on R^3 are sampled at points of dimension 3, got 2");
    assertThatThrownBy(() -> basis.at(1, 2))
        .hasMessage("points of dimension 3 need a multiple of 3 coordinates, got 2");
    assertThatThrownBy(() -> SampledBasis.of(basis, Points.grid(3, 3, 1)).expand(1))
        .hasMessageEndingWith("need as many weights, got 1");
  }

  /** Of all spaces; what another JVM, or another machine, must find too. */
  @Test
  void everyJvmFindsTheSameBytes() throws NoSuchAlgorithmException {
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    Spaces.all()
        .forEach(
            space -> {
              for (List<Field> pair : Spaces.pairs(space).subList(0, 12)) {
                SampledBasis basis = sampled(space, pair.get(0), pair.get(1), 5, 1);
                for (double number : basis.dense()) {
                  digest.update(ByteBuffer.allocate(Double.BYTES).putDouble(number).array());
                }
              }
            });
    assertThat(HexFormat.of().formatHex(digest.digest()))
        .isEqualTo("b9395e989d8841548868cd81532d6797e2752a5b167cb5e71d010db76c16a13e");
  }
}
