package dev.noether.stats;

import static dev.noether.linalg.Signals.augmented;
import static dev.noether.linalg.Signals.distance;
import static dev.noether.linalg.Signals.random;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.noether.linalg.EquivariantMaps;
import dev.noether.linalg.Isotypic;
import dev.noether.linalg.Signals;
import dev.noether.rep.Representation;
import dev.noether.torch.Dtype;
import dev.noether.torch.Tensors;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Statistics against those of the data augmented by the whole group, by brute force. */
class CovarianceTest {
  private static Tensor centred(Tensor x) {
    return x.sub(x.mean(0L));
  }

  /** The covariance of rows, y over x, over their number. */
  private static Tensor plain(Tensor x, Tensor y) {
    return centred(y).t().matmul(centred(x)).div(new Scalar((double) Tensors.shape(x)[0]));
  }

  @ParameterizedTest
  @MethodSource("dev.noether.linalg.Signals#representations")
  void statisticsAreThoseOfTheDataAugmentedByTheWholeGroup(Representation rho) {
    try (PointerScope scope = new PointerScope()) {
      Tensor x = random(1, 13, rho.size());
      Tensor all = augmented(x, rho);
      Covariance seen = Covariance.of(rho).plus(x);
      Tensor expected = plain(all, all);
      assertThat(distance(seen.mean(), all.mean(0L))).isLessThan(1e-12);
      assertThat(distance(InvariantMean.of(rho).plus(x).mean(), seen.mean())).isLessThan(1e-15);
      assertThat(distance(seen.covariance(), expected)).isLessThan(1e-12);
      assertThat(distance(seen.variance(), expected.diagonal())).isLessThan(1e-12);
      Tensor corrected = expected.mul(new Scalar(13.0 / 12));
      assertThat(distance(seen.covariance(1), corrected)).isLessThan(1e-12);
      assertThat(distance(seen.covariance(), seen.covariance().t())).isZero();
    }
  }

  @ParameterizedTest
  @MethodSource("dev.noether.linalg.Signals#representations")
  void item02CrossCovarianceIsThatOfTheDataAugmentedByTheWholeGroupInAnyBasis(Representation rho) {
    try (PointerScope scope = new PointerScope()) {
      Representation out = Signals.rotatedRegular(rho);
      Tensor x = random(1, 13, rho.size());
      Tensor y = x.matmul(random(2, rho.size(), out.size())).add(random(3, 13, out.size()));
      CrossCovariance seen = CrossCovariance.between(rho, out).plus(x, y);
      Tensor expected = plain(augmented(x, rho), augmented(y, out));
      assertThat(distance(seen.covariance(), expected)).isLessThan(1e-11);
      assertThat(distance(seen.meanY().mean(), augmented(y, out).mean(0L))).isLessThan(1e-12);
    }
  }

  @ParameterizedTest
  @MethodSource("dev.noether.linalg.Signals#representations")
  void everyCopyOfAnIrrepHasOneVariance(Representation rho) {
    try (PointerScope scope = new PointerScope()) {
      Covariance seen = Covariance.of(rho).plus(random(1, 13, rho.size()));
      Tensor q = Tensors.of(Dtype.FLOAT64, rho.changeOfBasis());
      double[] spectral = Tensors.toArray(q.t().matmul(seen.covariance()).matmul(q).diagonal());
      double[] variances = Tensors.toArray(seen.irrepVariances(0));
      int coordinate = 0;
      for (int copy = 0; copy < variances.length; copy++) {
        for (int i = 0; i < rho.irreps().get(copy).dimension(); i++, coordinate++) {
          assertThat(Math.abs(spectral[coordinate] - variances[copy])).isLessThan(1e-12);
        }
      }
    }
  }

  static Stream<Representation> few() {
    return Signals.representations().limit(4);
  }

  @ParameterizedTest
  @MethodSource("few")
  void batchesInAnyOrderAndMergedStatesGiveTheOneShotResult(Representation rho) {
    try (PointerScope scope = new PointerScope()) {
      Tensor offset =
          Isotypic.project(
              random(2, rho.size()).mul(new Scalar(1000.0)), rho, rho.group().trivialIrrep());
      Tensor x = random(1, 5000, rho.size()).add(offset);
      Covariance streamed = Covariance.of(rho);
      Covariance merged = Covariance.of(rho);
      int end = 5000;
      for (int size = 1; end > 0; size = 2 * size + 1) {
        int rows = Math.min(size, end);
        end -= rows;
        Tensor batch = x.narrow(0, end, rows);
        streamed = streamed.plus(batch);
        merged = Covariance.of(rho).plus(batch).plus(merged);
      }
      Covariance whole = Covariance.of(rho).plus(x);
      assertThat(streamed.count()).isEqualTo(5000);
      assertThat(distance(streamed.covariance(), whole.covariance())).isLessThan(1e-10);
      assertThat(distance(merged.covariance(), whole.covariance())).isLessThan(1e-10);
      assertThat(distance(merged.mean(), whole.mean())).isLessThan(1e-10);
    }
  }

  @Test
  void aMillionSamplesInBatchesGiveTheOneShotResult() {
    try (PointerScope scope = new PointerScope()) {
      Representation rho = Signals.rotated("C3: regular", 5);
      int count = 1_000_000;
      torch.manual_seed(4);
      Tensor x = torch.randn(count, rho.size()).to(ScalarType.Double).add(new Scalar(3.0));
      Covariance whole = Covariance.of(rho).plus(x);
      Covariance first = Covariance.of(rho);
      Covariance second = Covariance.of(rho);
      int batch = 62_500;
      for (int start = count - batch; start >= 0; start -= batch) {
        Tensor rows = x.narrow(0, start, batch);
        if (start / batch % 2 == 0) {
          first = first.plus(rows);
        } else {
          second = second.plus(rows);
        }
      }
      Covariance merged = second.plus(first);
      assertThat(merged.count()).isEqualTo(count);
      assertThat(distance(merged.covariance(), whole.covariance())).isLessThan(1e-10);
      assertThat(distance(merged.mean(), whole.mean())).isLessThan(1e-10);
      Tensor projected = EquivariantMaps.orthogonalProjection(plain(x, x), rho, rho);
      assertThat(distance(merged.covariance().sub(projected), outside(x, rho))).isLessThan(1e-10);
    }
  }

  /** What centring about the plain mean takes away besides, once the group has averaged it. */
  private static Tensor outside(Tensor x, Representation rho) {
    Tensor mean = x.mean(0L);
    Tensor shift = mean.sub(Isotypic.project(mean, rho, rho.group().trivialIrrep()));
    return EquivariantMaps.orthogonalProjection(torch.outer(shift, shift), rho, rho);
  }

  @Test
  void aLargeOffsetCostsNoAccuracy() {
    try (PointerScope scope = new PointerScope()) {
      Representation rho = Representation.parse("C2: 2 x trivial");
      Tensor x = random(1, 1000, 2);
      Tensor far = x.add(new Scalar(1e8)).sub(new Scalar(1e8)); // what survives the rounding
      Covariance near = Covariance.of(rho).plus(far);
      Tensor moved = far.add(new Scalar(1e8));
      Covariance away =
          Covariance.of(rho).plus(moved.narrow(0, 0, 300)).plus(moved.narrow(0, 300, 700));
      assertThat(distance(near.covariance(), away.covariance())).isLessThan(1e-9);
    }
  }

  @Test
  void samplesOfFloat32AreSummedInFloat64() {
    try (PointerScope scope = new PointerScope()) {
      Representation rho = Representation.parse("C5: regular");
      Tensor x = random(1, 4000, 5).add(new Scalar(100.0)).to(ScalarType.Float);
      Tensor narrow = Covariance.of(rho).plus(x).covariance();
      Tensor wide = Covariance.of(rho).plus(x.to(ScalarType.Double)).covariance();
      assertThat(Tensors.dtypeName(narrow)).isEqualTo("float32");
      assertThat(distance(narrow, wide)).isLessThan(1e-6);
    }
  }

  @Test
  void leadingAxesCountAsSamples() {
    try (PointerScope scope = new PointerScope()) {
      Representation rho = Representation.parse("C5: regular");
      Tensor x = random(1, 3, 4, 5);
      Covariance seen = Covariance.of(rho).plus(x);
      assertThat(seen.count()).isEqualTo(12);
      assertThat(
              distance(seen.covariance(), Covariance.of(rho).plus(x.reshape(12, 5)).covariance()))
          .isZero();
    }
  }

  @Test
  void withoutACommonIrrepTheCrossCovarianceIsZero() {
    try (PointerScope scope = new PointerScope()) {
      CrossCovariance seen =
          CrossCovariance.between(
                  Representation.parse("D4: irrep(1,1)"), Representation.parse("D4: trivial"))
              .plus(random(1, 3, 2), random(2, 3, 1));
      assertThat(Tensors.toArray(seen.covariance())).containsExactly(0, 0);
    }
  }

  @Test
  void badInputIsRefusedWithTheReason() {
    try (PointerScope scope = new PointerScope()) {
      Representation rho = Representation.parse("C5: regular");
      Covariance empty = Covariance.of(rho);
      Tensor x = random(1, 3, 5);
      assertThatThrownBy(empty::mean).hasMessageContaining("at least 1 sample, got 0");
      assertThatThrownBy(empty::covariance)
          .hasMessage("a covariance with correction 0 needs at least 1 sample, got 0");
      assertThatThrownBy(() -> empty.plus(x).covariance(3))
          .hasMessage("a covariance with correction 3 needs at least 4 samples, got 3");
      assertThatThrownBy(() -> empty.plus(x).variance(-1))
          .hasMessage("the correction must not be negative, got -1");
      assertThatThrownBy(() -> empty.plus(random(1, 3, 4)))
          .hasMessage("x must be samples [N, 5] (C5: regular), got [3, 4]");
      Tensor infinite = Tensors.of(Dtype.FLOAT64, new double[] {1, 2, 3, 4, 1 / 0.0}, 1, 5);
      Tensor broken = Tensors.concatenate(0, x, infinite);
      assertThatThrownBy(() -> empty.plus(broken)).hasMessageContaining("infinity in row 3");
      assertThatThrownBy(() -> InvariantMean.of(rho).plus(broken))
          .hasMessageContaining("infinity in row 3");
      assertThatThrownBy(() -> empty.plus(x).plus(x.to(ScalarType.Float)))
          .hasMessageContaining("one dtype and one device");
      assertThatThrownBy(() -> empty.plus(Covariance.of(Signals.rotatedRegular(rho))))
          .hasMessageContaining("only covariances over the same representations merge");
      assertThatThrownBy(() -> CrossCovariance.between(rho, Representation.parse("C4: regular")))
          .hasMessageContaining("representations of one group");
      assertThatThrownBy(() -> CrossCovariance.between(rho, rho).plus(x, random(1, 2, 5)))
          .hasMessage("x and y must have as many samples, got 3 and 2");
    }
  }
}
