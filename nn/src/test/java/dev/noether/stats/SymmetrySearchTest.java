package dev.noether.stats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.noether.algebra.Matrix;
import dev.noether.group.FiniteGroup;
import dev.noether.group.Groups;
import dev.noether.group.Subgroup;
import dev.noether.rep.Representation;
import dev.noether.torch.Dtype;
import dev.noether.torch.LibTorch;
import dev.noether.torch.Tensors;
import java.util.List;
import java.util.Random;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SymmetrySearchTest {
  @BeforeAll
  static void load() {
    LibTorch.load();
  }

  /** Skewed numbers of unequal sizes, each moved by an element of the subgroup. */
  static Tensor planted(Representation rho, Subgroup subgroup, int samples, long seed) {
    Random random = new Random(seed);
    int size = rho.size();
    double[] all = new double[samples * size];
    FiniteGroup group = rho.finiteGroup();
    for (int i = 0; i < samples; i++) {
      double[] x = new double[size];
      for (int j = 0; j < size; j++) {
        x[j] =
            (j + 1.0) * (0.3 + random.nextGaussian())
                + (j % 2) * Math.pow(random.nextGaussian(), 2);
      }
      int element = subgroup.elements().get(random.nextInt(subgroup.order()));
      double[] moved = rho.at(group.element(element)).times(Matrix.of(size, 1, x)).toArray();
      System.arraycopy(moved, 0, all, i * size, size);
    }
    return Tensors.of(Dtype.FLOAT64, all, samples, size);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "C6: regular | C3",
        "C6: regular | C2",
        "D4: regular | C4",
        "D4: regular | D4",
        "D3: regular | C2",
        "Q8: regular | C4",
        "C2 x C2: regular | C1"
      })
  void findsThePlantedGroup(String text, String name) {
    Representation rho = Representation.parse(text);
    Subgroup planted = rho.finiteGroup().subgroup(name);
    try (PointerScope scope = new PointerScope()) {
      SymmetrySearch.Found found =
          SymmetrySearch.of(planted(rho, planted, 300, 2), rho, SymmetrySearch.Options.defaults());
      assertThat(found.largest()).isEqualTo(planted);
    }
  }

  /** Samples that have the symmetry are rejected no more often than the level says. */
  @Test
  void theLevelIsKept() {
    Representation rho = Representation.parse("C2 x C2: regular");
    Subgroup whole = rho.finiteGroup().subgroup("C2 x C2");
    int rejected = 0;
    int repetitions = 50;
    for (int i = 0; i < repetitions; i++) {
      try (PointerScope scope = new PointerScope()) {
        SymmetrySearch.Found found =
            SymmetrySearch.of(
                planted(rho, whole, 20, 100 + i),
                rho,
                new SymmetrySearch.Options(SymmetryTest.Statistic.MOMENTS, 0.1, i));
        rejected += found.largest().equals(whole) ? 0 : 1;
      }
    }
    // 99.9 percent of binomial draws with 50 and 0.1 are at most 12.
    assertThat(rejected).isLessThanOrEqualTo(12);
  }

  @Test
  void functionsTellTheirDefect() {
    Representation rho = Representation.parse("D4: regular");
    Tensor x = Tensors.of(Dtype.FLOAT64, new Random(1).doubles(80, -1, 1).toArray(), 10, 8);
    FiniteGroup group = Groups.dihedral(4);
    Subgroup turns = group.subgroup("C4");
    Tensor map =
        turns.elements().stream()
            .map(
                g -> {
                  double[] w = new Random(7).doubles(64, -1, 1).toArray();
                  Matrix at = rho.at(group.element(g));
                  return Tensors.of(Dtype.FLOAT64, at.times(Matrix.of(8, 8, w)).timesTranspose(at));
                })
            .reduce(Tensor::add)
            .orElseThrow();
    List<SymmetrySearch.Defect> defects =
        SymmetrySearch.ofFunction(z -> z.matmul(map.t()).tanh(), rho, rho, x, 1e-9);
    assertThat(defects.get(0).holds()).isFalse();
    assertThat(
            defects.stream()
                .filter(SymmetrySearch.Defect::holds)
                .findFirst()
                .orElseThrow()
                .subgroup())
        .isEqualTo(turns);
  }

  @Test
  void signedPermutationsAreAGroupOfTheirOwn() {
    Representation rho =
        SymmetrySearch.signedPermutations(
            "moves", List.of(new int[] {2, 1, 3}, new int[] {1, 2, -3}));
    assertThat(rho.finiteGroup().order()).isEqualTo(4);
    Random random = new Random(3);
    double[] numbers = new double[1200];
    for (int i = 0; i < 400; i++) {
      numbers[3 * i] = random.nextGaussian();
      numbers[3 * i + 1] = random.nextGaussian();
      numbers[3 * i + 2] = 1 + Math.pow(random.nextGaussian(), 2);
    }
    Tensor x = Tensors.of(Dtype.FLOAT64, numbers, 400, 3);
    SymmetrySearch.Found found = SymmetrySearch.of(x, rho, SymmetrySearch.Options.defaults());
    assertThat(found.largest().order()).isEqualTo(2);
    assertThat(rho.at(rho.finiteGroup().element(found.largest().generators().get(0))).get(2, 2))
        .isEqualTo(1.0);
  }

  @Test
  void holmStepsDown() {
    assertThat(SymmetrySearch.holm(new double[] {0.01, 0.04, 0.03, 0.5}))
        .containsExactly(0.04, 0.09, 0.09, 0.5);
  }

  @Test
  void refusalsSayWhatMustHold() {
    Representation rho = Representation.parse("C2: regular");
    SymmetrySearch.Options options = SymmetrySearch.Options.defaults();
    assertThatThrownBy(
            () -> SymmetrySearch.of(Tensors.of(Dtype.FLOAT64, new double[14], 7, 2), rho, options))
        .hasMessage("a search needs at least 8 samples, got 7");
    assertThatThrownBy(
            () -> SymmetrySearch.of(Tensors.of(Dtype.FLOAT64, new double[9], 3, 3), rho, options))
        .hasMessage("samples must be [N, 2] for C2: regular, got [3, 3]");
    assertThatThrownBy(() -> SymmetrySearch.signedPermutations("m", List.of(new int[] {1, 1})))
        .hasMessage("[1, 1] is no signed permutation of 2 coordinates: each of 1 to 2 stands once");
    assertThatThrownBy(() -> new SymmetrySearch.Options(SymmetryTest.Statistic.KERNEL, 1, 0))
        .hasMessage("a level is between 0 and 1, got 1.0");
  }
}
