package dev.noether.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.noether.algebra.Matrix;
import dev.noether.group.Groups;
import dev.noether.rep.Representation;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

/** Weights of all pairs of fields, and the kernel that they make. */
class KernelExpansionTest {
  private static final Space C8 = Space.cyclic(8);

  /** Fields that are not adjacent, of several kinds. */
  private static FieldType mixed(Space space) {
    return space.type(
        space.regularField(), space.irrepField(1), space.regularField(), space.irrepField(2));
  }

  @Test
  void pairsAreSortedByNamesAsText() {
    Field ten = Space.so2().irrepField(10);
    Field two = Space.so2().irrepField(2);
    FieldType type = Space.so2().type(two, ten, two);
    KernelExpansion kernels = KernelExpansion.onGrid(type, type, 5, 1);
    assertThat(kernels.pairs())
        .extracting(KernelPair::toString)
        .containsExactly(
            "('irrep_10', 'irrep_10'): weights 0 to 6", "('irrep_2', 'irrep_2'): weights 6 to 30");
    assertThat(kernels.pairs().get(1).inStarts()).containsExactly(0, 4);
  }

  /** The kernel of a pair of copies stands where its fields stand. */
  @Test
  void weightsOfACopyReachItsChannelsOnly() {
    FieldType type = mixed(C8);
    KernelExpansion kernels = KernelExpansion.onGrid(type, type, 3, 1);
    KernelPair pair = kernels.pairs().get(kernels.pairs().size() - 1);
    assertThat(pair.names()).isEqualTo("('regular', 'regular')");
    int dim = pair.basis().dim();
    double[] weights = new double[kernels.weights()];
    // Copy 1 of the output, copy 0 of the input.
    weights[pair.start() + 2 * dim + 5] = 1;
    double[] kernel = kernels.expand(weights);
    double[] unit = new double[dim];
    unit[5] = 1;
    double[] small = pair.basis().expand(unit);
    int width = type.size();
    for (int o = 0; o < width; o++) {
      for (int i = 0; i < width; i++) {
        boolean inside = o >= 10 && o < 18 && i < 8;
        for (int p = 0; p < 9; p++) {
          double expected = inside ? small[((o - 10) * 8 + i) * 9 + p] : 0;
          assertThat(kernel[(o * width + i) * 9 + p]).isEqualTo(expected);
        }
      }
    }
  }

  /** The whole kernel, quarter turns of the grid being exact. */
  @Test
  void kernelsOfMixedFieldsAreSteerable() {
    Space space = Space.cyclic(4);
    FieldType in = mixed(space);
    FieldType out = space.type(space.trivialField(), Spaces.turned(space.regularField()));
    KernelExpansion kernels = KernelExpansion.onGrid(in, out, 5, 1);
    double[] kernel = kernels.expand(new Random(4).doubles(kernels.weights(), -1, 1).toArray());
    var turn = Groups.cyclic(4).element(1);
    Matrix left =
        Matrix.blockDiagonal(out.fields().stream().map(f -> f.representation().at(turn)).toList());
    Matrix right =
        Matrix.blockDiagonal(in.fields().stream().map(f -> f.representation().at(turn)).toList());
    for (int cell = 0; cell < 25; cell++) {
      // A quarter turn takes (row, column) to (4 - column, row).
      int moved = (4 - cell % 5) * 5 + cell / 5;
      Matrix expected = left.times(at(kernel, out, in, cell)).timesTranspose(right);
      assertThat(at(kernel, out, in, moved).distance(expected)).isLessThan(1e-12);
    }
  }

  private static Matrix at(double[] kernel, FieldType out, FieldType in, int cell) {
    int cells = kernel.length / out.size() / in.size();
    return Matrix.of(
        out.size(),
        in.size(),
        IntStream.range(0, out.size() * in.size())
            .mapToDouble(i -> kernel[i * cells + cell])
            .toArray());
  }

  /** For white input of variance one the output has about the same. */
  @Test
  void initialWeightsKeepTheVariance() {
    Space o3 = Space.o3();
    Space d4 = Space.dihedral(4);
    for (FieldType type :
        List.of(
            mixed(C8),
            d4.type(d4.regularField(), 3),
            o3.type(o3.trivialField(), o3.irrepField(1, 1)).times(4))) {
      KernelExpansion kernels = KernelExpansion.onGrid(type, type, 5, 1);
      double[] deviations = kernels.initialDeviations();
      double variance = 0;
      for (KernelPair pair : kernels.pairs()) {
        double[] dense = pair.basis().dense();
        int size = dense.length / pair.basis().dim();
        for (int w = pair.start(); w < pair.stop(); w++) {
          int element = (w - pair.start()) % pair.basis().dim();
          for (int i = 0; i < size; i++) {
            double entry = dense[element * size + i];
            variance += deviations[w] * deviations[w] * entry * entry;
          }
        }
      }
      assertThat(variance / type.size()).isCloseTo(1, Offset.offset(1e-12));
    }
  }

  @Test
  void weightsForOtherBasesMakeTheSameKernel() {
    FieldType type = mixed(C8);
    KernelExpansion kernels = KernelExpansion.onGrid(type, type, 3, 1);
    double[] weights = new Random(9).doubles(kernels.weights(), -1, 1).toArray();
    List<double[]> negated =
        kernels.pairs().stream()
            .map(pair -> Arrays.stream(pair.basis().dense()).map(x -> -2 * x).toArray())
            .toList();
    double[] expected = Arrays.stream(kernels.expand(weights)).map(x -> -2 * x).toArray();
    assertThat(kernels.expand(kernels.weightsFrom(negated, weights)))
        .containsExactly(expected, Offset.offset(1e-12));
    List<double[]> wrong = new java.util.ArrayList<>(negated);
    wrong.set(2, new double[wrong.get(2).length]);
    assertThatThrownBy(() -> kernels.weightsFrom(wrong, weights))
        .hasMessageStartingWith("the basis of ('irrep_1', 'regular') in the file spans fewer");
    assertThatThrownBy(() -> kernels.weightsFrom(negated.subList(0, 1), weights))
        .hasMessage("one basis is needed for each of the 9 pairs of fields, got 1");
    assertThatThrownBy(() -> kernels.weightsFrom(negated, 1, 2))
        .hasMessageEndingWith("need 302 weights, got 2");
  }

  @Test
  void defectR4TwoAxesOfReflectionGiveTwoKernels() {
    double[] first = mirrored(Space.o2());
    double[] second = mirrored(Space.o2(0));
    assertThat(first).isNotEqualTo(second);
    // The vertical mirror exchanges columns, the horizontal one rows.
    assertThat(first[3]).isCloseTo(-first[5], Offset.offset(1e-12));
    assertThat(second[1]).isCloseTo(-second[7], Offset.offset(1e-12));
    assertThat(Math.abs(first[3])).isGreaterThan(0.1);
  }

  /** A kernel from vectors to pseudoscalars. */
  private static double[] mirrored(Space space) {
    FieldType in = space.type(space.irrepField(1, 1));
    FieldType out = space.type(space.irrepField(1, 0));
    KernelExpansion kernels = KernelExpansion.onGrid(in, out, 3, 1);
    double[] weights = new double[kernels.weights()];
    Arrays.fill(weights, 1);
    return kernels.expand(weights);
  }

  @Test
  void defectR5TwoFieldsOfOneNameHaveTwoBases() {
    Space space = Space.cyclic(4);
    Representation regular = Representation.regular(Groups.cyclic(4));
    Field first = Field.of(regular);
    Field second = Field.of(regular.changeBasis(Spaces.turn(4))).named("regular");
    FieldType type = space.type(first, second, first);
    KernelExpansion kernels = KernelExpansion.onGrid(type, type, 3, 1);
    assertThat(kernels.pairs()).hasSize(4);
    assertThat(kernels.pairs().get(3).outStarts()).containsExactly(4);
    assertThat(kernels.pairs().get(0).basis().dense())
        .isNotEqualTo(kernels.pairs().get(3).basis().dense());
  }

  @Test
  void typesOfDifferentSpacesAreRefused() {
    FieldType in = C8.type(C8.regularField());
    Space other = Space.cyclic(4);
    assertThatThrownBy(() -> KernelExpansion.onGrid(in, other.type(other.regularField()), 3, 1))
        .hasMessage(
            "field types must live on one space, got fields on C8 on R^2 and on C4 on R^2;"
                + " restrict one of them, or build both from the same space");
    Space axis = Space.dihedral(4, 0);
    Space usual = Space.dihedral(4);
    assertThatThrownBy(() -> usual.type(usual.regularField()).plus(axis.type(axis.regularField())))
        .hasMessageContaining("on D4 on R^2 and on D4 on R^2 in the axis at 0.0 degrees");
    assertThatThrownBy(() -> C8.type(other.regularField()))
        .hasMessage("fields on C8 on R^2 must be representations of C8, got regular of C4");
  }

  @Test
  void aFieldThatNothingReachesIsRefused() {
    Space space = Space.so2();
    FieldType in = space.type(space.trivialField());
    FieldType out = space.type(space.trivialField(), space.irrepField(5));
    assertThatThrownBy(() -> KernelExpansion.onGrid(in, out, 3, 1))
        .hasMessage(
            "no kernel leads to the field irrep_5 of SO(2) on R^2: irrep_0 + irrep_5: rings at 0.0"
                + " (frequencies to 0), 1.0 (frequencies to 2) and 9 points allow none; the lowest"
                + " frequency that leads there from SO(2) on R^2: irrep_0 is 5, and even kernels"
                + " have no cell in the centre; raise the cutoffs or leave the field out");
    assertThatThrownBy(() -> KernelExpansion.onGrid(in, in, 2, 1))
        .hasMessageContaining("even kernels have no cell in the centre");
  }

  @Test
  void aWrongNumberOfWeightsIsRefused() {
    FieldType type = C8.type(C8.regularField(), 2);
    KernelExpansion kernels = KernelExpansion.onGrid(type, type, 3, 1);
    assertThatThrownBy(() -> kernels.expand(1, 2))
        .hasMessage(
            "kernels from C8 on R^2: 2 x regular to C8 on R^2: 2 x regular need 192 weights, got"
                + " 2");
  }
}
