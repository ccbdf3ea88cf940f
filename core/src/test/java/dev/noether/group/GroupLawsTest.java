package dev.noether.group;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.noether.algebra.Matrix;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The axioms of a group and the theorems about its irreps, over all elements. */
class GroupLawsTest {
  private static final double TOLERANCE = 1e-12;

  @ParameterizedTest
  @MethodSource("dev.noether.TestedGroups#all")
  void multiplicationIsAssociativeWithIdentityAndInverses(FiniteGroup group) {
    for (int a = 0; a < group.order(); a++) {
      assertThat(group.multiply(a, group.identity())).isEqualTo(a);
      assertThat(group.multiply(group.identity(), a)).isEqualTo(a);
      assertThat(group.multiply(a, group.inverse(a))).isEqualTo(group.identity());
      for (int b = 0; b < group.order(); b++) {
        int ab = group.multiply(a, b);
        for (int c = 0; c < group.order(); c++) {
          if (group.multiply(ab, c) != group.multiply(a, group.multiply(b, c))) {
            throw new AssertionError("not associative at " + a + ", " + b + ", " + c);
          }
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("dev.noether.TestedGroups#all")
  void generatorsGenerate(FiniteGroup group) {
    Set<Integer> reached = new TreeSet<>(List.of(group.identity()));
    ArrayDeque<Integer> open = new ArrayDeque<>(reached);
    while (!open.isEmpty()) {
      int element = open.remove();
      for (int generator : group.generators()) {
        int next = group.multiply(generator, element);
        if (reached.add(next)) {
          open.add(next);
        }
      }
    }
    assertThat(reached).hasSize(group.order());
  }

  @ParameterizedTest
  @MethodSource("dev.noether.TestedGroups#all")
  void conjugacyClassesPartitionTheGroupAndAreClosed(FiniteGroup group) {
    List<List<Integer>> classes = group.conjugacyClasses();
    assertThat(classes.stream().flatMap(List::stream).sorted().toList())
        .isEqualTo(group.elements().stream().map(FiniteElement::index).toList());
    for (List<Integer> conjugates : classes) {
      for (int h : conjugates) {
        for (int a = 0; a < group.order(); a++) {
          int conjugate = group.multiply(group.multiply(a, h), group.inverse(a));
          assertThat(conjugates).contains(conjugate);
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("dev.noether.TestedGroups#all")
  void irrepsAreOrthogonalHomomorphisms(FiniteGroup group) {
    for (FiniteIrrep irrep : group.irreps()) {
      for (int g = 0; g < group.order(); g++) {
        assertThat(irrep.at(g).orthogonalityDefect()).isLessThan(TOLERANCE);
        for (int h = 0; h < group.order(); h++) {
          double defect = irrep.at(group.multiply(g, h)).distance(irrep.at(g).times(irrep.at(h)));
          assertThat(defect).isLessThan(TOLERANCE);
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("dev.noether.TestedGroups#all")
  void charactersAreOrthogonalWithTheEndomorphismDimensionAsNorm(FiniteGroup group) {
    for (FiniteIrrep left : group.irreps()) {
      for (FiniteIrrep right : group.irreps()) {
        double inner = 0;
        for (int g = 0; g < group.order(); g++) {
          inner += left.character(g) * right.character(g) / group.order();
        }
        int expected = left.equals(right) ? left.type().endomorphismDimension() : 0;
        assertThat(inner).isCloseTo(expected, within(1e-11));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("dev.noether.TestedGroups#all")
  void dimensionsFillTheGroup(FiniteGroup group) {
    int sum = 0;
    for (FiniteIrrep irrep : group.irreps()) {
      sum += irrep.dimension() * irrep.dimension() / irrep.type().endomorphismDimension();
    }
    assertThat(sum).isEqualTo(group.order());
  }

  @ParameterizedTest
  @MethodSource("dev.noether.TestedGroups#all")
  void frobeniusSchurIndicatorGivesTheType(FiniteGroup group) {
    for (FiniteIrrep irrep : group.irreps()) {
      double indicator = 0;
      for (int g = 0; g < group.order(); g++) {
        indicator += irrep.character(group.multiply(g, g)) / group.order();
      }
      double expected =
          switch (irrep.type()) {
            case REAL -> 1;
            case COMPLEX -> 0;
            case QUATERNIONIC -> -2;
          };
      assertThat(indicator).isCloseTo(expected, within(1e-11));
    }
  }

  @ParameterizedTest
  @MethodSource("dev.noether.TestedGroups#all")
  void endomorphismsCommuteAndAreOrthogonal(FiniteGroup group) {
    for (FiniteIrrep irrep : group.irreps()) {
      List<Matrix> basis = irrep.endomorphismBasis();
      assertThat(basis).hasSize(irrep.type().endomorphismDimension());
      for (Matrix left : basis) {
        for (int g = 0; g < group.order(); g++) {
          double defect = left.times(irrep.at(g)).distance(irrep.at(g).times(left));
          assertThat(defect).isLessThan(TOLERANCE);
        }
        for (Matrix right : basis) {
          double inner = left.timesTranspose(right).trace();
          assertThat(inner).isEqualTo(left.equals(right) ? irrep.dimension() : 0);
        }
      }
    }
  }

  @Test
  void unknownNamesSayWhatExists() {
    assertThatThrownBy(() -> FiniteGroup.named("Q8x"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "unknown group 'Q8x': know trivial, Cn, Dn, Sn, An, Qn, Dicn, V4, Tetrahedral, "
                + "Octahedral, Icosahedral, Td, Th, Oh, Ih, 2T, 2O, 2I, Cylindern, FullCylindern, "
                + "Cs, Ci, Cnv, Cnh, Dnh, Dnd, Rotoreflectionn (n a number, as C5), the "
                + "Hermann-Mauguin names of point groups (as -43m), products 'C2 x D4', "
                + "'C2 wr S3', 'C7 semidirect(2) C3', and the compact SO(2), O(2), SO(3), O(3)");
    assertThatThrownBy(() -> FiniteGroup.named("D4").irrep(7))
        .hasMessage(
            "D4 has no irrep(7); it has irrep(0,0), irrep(1,0), irrep(1,1), irrep(1,2), "
                + "irrep(0,2)");
    assertThatThrownBy(() -> Groups.cyclic(0)).hasMessage("C_n needs n from 1 to 10000, got 0");
    assertThatThrownBy(() -> Groups.cyclic(3).element(3))
        .hasMessage("elements of C3 are numbered 0 to 2, got 3");
  }
}
