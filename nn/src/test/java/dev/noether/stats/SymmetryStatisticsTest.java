package dev.noether.stats;

import static dev.noether.linalg.Signals.random;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.noether.group.Element;
import dev.noether.linalg.Signals;
import dev.noether.rep.Representation;
import dev.noether.torch.Tensors;
import java.util.Random;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

/** The test of symmetry over data in pieces. */
class SymmetryStatisticsTest {
  private static final Representation RHO = Signals.rotated("D3: regular + irrep(1,1)", 8);

  private static void assertSame(SymmetryTest.Result actual, SymmetryTest.Result expected) {
    assertThat(actual.statistic()).isCloseTo(expected.statistic(), within(1e-10));
    assertThat(actual.symmetric()).isCloseTo(expected.symmetric(), within(1e-10));
    assertThat(actual.pValue()).isEqualTo(expected.pValue());
    assertThat(actual.samples()).isEqualTo(expected.samples());
  }

  @Test
  void piecesGiveWhatAllSamplesTogetherGive() {
    try (PointerScope scope = new PointerScope()) {
      Tensor x = random(1, 60, RHO.size()).add(new Scalar(100.0)); // a large mean costs nothing
      SymmetryStatistics empty = SymmetryStatistics.of(RHO, 19, 5);
      SymmetryTest.Result whole = empty.plus(x).result();
      SymmetryStatistics last = empty.startingAt(37).plus(x.narrow(0, 37, 23));
      SymmetryStatistics first = empty.plus(x.narrow(0, 0, 11)).plus(x.narrow(0, 11, 26));
      assertSame(last.plus(first).result(), whole);
      assertSame(empty.plus(first).plus(empty).plus(last).result(), whole);
      assertSame(SymmetryStatistics.of(last.plus(first).state()).result(), whole);
    }
  }

  @Test
  void theStatisticIsThatOfTheTestInOnePiece() {
    try (PointerScope scope = new PointerScope()) {
      Tensor x = random(2, 200, RHO.size());
      SymmetryTest.Result one = SymmetryTest.of(x, RHO, SymmetryTest.Statistic.MOMENTS, 199, 3);
      SymmetryTest.Result own = SymmetryStatistics.of(RHO, 199, 3).plus(x).result();
      assertThat(own.statistic()).isCloseTo(one.statistic(), within(1e-12));
      assertThat(own.symmetric()).isCloseTo(one.symmetric(), within(0.05 * one.symmetric()));
      assertThat(own.pValue()).isEqualTo(0.005);
    }
  }

  @Test
  void symmetricDataIsRejectedNoMoreOftenThanTheLevelSays() {
    int rejected = 0;
    double sum = 0;
    for (int seed = 0; seed < 30; seed++) {
      try (PointerScope scope = new PointerScope()) {
        Tensor x = random(seed, 12, RHO.size());
        Random random = new Random(seed + 1000);
        Tensor[] rows = new Tensor[12];
        for (int i = 0; i < rows.length; i++) {
          Element g = RHO.finiteGroup().element(random.nextInt(RHO.finiteGroup().order()));
          rows[i] = Signals.act(x.narrow(0, i, 1), RHO, g);
        }
        SymmetryTest.Result result =
            SymmetryStatistics.of(RHO, 9, seed).plus(Tensors.concatenate(0, rows)).result();
        rejected += result.rejects(0.2) ? 1 : 0;
        sum += result.pValue();
      }
    }
    assertThat(rejected).isBetween(1, 13); // 6 expected, standard deviation 2.2
    assertThat(sum / 30).isBetween(0.38, 0.75);
  }

  @Test
  void whatDoesNotMergeIsRefusedWithTheReason() {
    SymmetryStatistics own = SymmetryStatistics.of(RHO, 9, 1);
    assertThatThrownBy(() -> own.plus(SymmetryStatistics.of(RHO, 9, 2)))
        .hasMessageContaining("only tests of the same representation with the same moves and seed");
    assertThatThrownBy(() -> SymmetryStatistics.of(RHO, 0, 2))
        .hasMessage("the number of random moves must be at least 1, got 0");
    assertThatThrownBy(() -> SymmetryStatistics.of(RHO, 1 << 28, 2))
        .hasMessageContaining("at most 268435456 are kept: take fewer moves");
    assertThatThrownBy(() -> own.startingAt(-1)).hasMessage("samples are numbered from 0, got -1");
    assertThatThrownBy(own::result).hasMessage("a symmetry test needs at least 2 samples, got 0");
    try (PointerScope scope = new PointerScope()) {
      Tensor zero = random(1, 30, RHO.size()).mul(new Scalar(0.0));
      assertThatThrownBy(() -> own.plus(zero).result())
          .hasMessageContaining("needs samples that vary, got zero variance");
    }
  }
}
