package dev.noether.stats;

import static dev.noether.linalg.Signals.random;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.noether.group.Element;
import dev.noether.linalg.Signals;
import dev.noether.rep.Representation;
import dev.noether.stats.SymmetryTest.Statistic;
import dev.noether.torch.Tensors;
import java.util.Random;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The level and the power of the symmetry test. */
class SymmetryTestTest {
  private static final Representation RHO = Signals.rotated("D3: regular + irrep(1,1)", 8);

  /** Asymmetric data, each row moved by a random element: symmetric in distribution. */
  private static Tensor symmetric(long seed, int count) {
    Tensor x = random(seed, count, RHO.size());
    Random random = new Random(seed + 1000);
    Tensor[] rows = new Tensor[count];
    for (int i = 0; i < count; i++) {
      Element g = RHO.finiteGroup().element(random.nextInt(RHO.finiteGroup().order()));
      rows[i] = Signals.act(x.narrow(0, i, 1), RHO, g);
    }
    return Tensors.concatenate(0, rows);
  }

  @ParameterizedTest
  @EnumSource(Statistic.class)
  void symmetricDataIsRejectedNoMoreOftenThanTheLevelSays(Statistic statistic) {
    try (PointerScope scope = new PointerScope()) {
      int rejected = 0;
      double sum = 0;
      for (int seed = 0; seed < 30; seed++) {
        SymmetryTest.Result result = SymmetryTest.of(symmetric(seed, 12), RHO, statistic, 9, seed);
        rejected += result.rejects(0.2) ? 1 : 0;
        sum += result.pValue();
      }
      assertThat(rejected).isBetween(1, 13); // 6 expected, standard deviation 2.2
      assertThat(sum / 30).isBetween(0.38, 0.75);
    }
  }

  @ParameterizedTest
  @EnumSource(Statistic.class)
  void asymmetricDataIsRejected(Statistic statistic) {
    try (PointerScope scope = new PointerScope()) {
      SymmetryTest.Result result =
          SymmetryTest.of(random(1, 200, RHO.size()), RHO, statistic, 99, 3);
      assertThat(result.pValue()).isEqualTo(0.01);
      assertThat(result.rejects(0.05)).isTrue();
      assertThat(result.statistic()).isGreaterThan(result.symmetric());
      assertThat(result.samples()).isEqualTo(200);
      assertThat(SymmetryTest.of(random(1, 200, RHO.size()), RHO, statistic, 99, 3))
          .isEqualTo(result);
    }
  }

  @Test
  void theKernelSeesWhatMomentsCannot() {
    try (PointerScope scope = new PointerScope()) {
      Representation sign = Representation.parse("C2: irrep(1)");
      double[] skewed = new double[300]; // mean 0, so that only the third moment is asymmetric
      Random random = new Random(5);
      for (int i = 0; i < skewed.length; i++) {
        skewed[i] = random.nextDouble() < 0.8 ? -0.5 : 2;
      }
      Tensor x = Tensors.of(dev.noether.torch.Dtype.FLOAT64, skewed, 300, 1);
      Tensor centred = x.sub(x.mean());
      assertThat(SymmetryTest.of(centred, sign, Statistic.KERNEL, 99, 1).pValue()).isEqualTo(0.01);
      assertThat(SymmetryTest.of(centred, sign, Statistic.MOMENTS, 99, 1).pValue())
          .isGreaterThan(0.5);
    }
  }

  @Test
  void aGroupThatDoesNothingIsNeverRejected() {
    try (PointerScope scope = new PointerScope()) {
      Representation still = Representation.parse("C5: 3 x trivial");
      for (Statistic statistic : Statistic.values()) {
        assertThat(SymmetryTest.of(random(1, 30, 3), still, statistic, 19, 1).pValue())
            .isEqualTo(1);
      }
    }
  }

  @Test
  void badInputIsRefusedWithTheReason() {
    try (PointerScope scope = new PointerScope()) {
      Tensor x = random(1, 30, RHO.size());
      assertThatThrownBy(() -> SymmetryTest.of(x, RHO, Statistic.KERNEL, 0, 1))
          .hasMessage("the number of random moves must be at least 1, got 0");
      assertThatThrownBy(() -> SymmetryTest.of(x.narrow(0, 0, 1), RHO, Statistic.KERNEL, 9, 1))
          .hasMessage("a symmetry test needs at least 2 samples, got 1");
      Tensor zero = x.mul(new Scalar(0.0));
      assertThatThrownBy(() -> SymmetryTest.of(zero, RHO, Statistic.MOMENTS, 9, 1))
          .hasMessageContaining("needs samples that vary, got zero variance");
      assertThatThrownBy(() -> SymmetryTest.of(x.div(zero), RHO, Statistic.MOMENTS, 9, 1))
          .hasMessageContaining("x must be finite");
      assertThatThrownBy(() -> SymmetryTest.of(x, RHO, Statistic.MOMENTS, 9, 1).rejects(0))
          .hasMessage("a level is between 0 and 1, got 0.0");
    }
  }
}
