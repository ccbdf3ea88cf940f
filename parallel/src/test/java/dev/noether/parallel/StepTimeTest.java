package dev.noether.parallel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.noether.nn.linear.EquivariantLinear;
import dev.noether.rep.Representation;
import dev.noether.torch.Tensors;
import java.io.IOException;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.junit.jupiter.api.Test;

/** The model of a step on many ranks. */
class StepTimeTest {
  private static final Loopback NETWORK = new Loopback(2e-5, 1e8);
  private static final StepTime TIME =
      new StepTime(1e-3, 1e-5, List.of(), NETWORK, Integer.MAX_VALUE);

  @Test
  void oneRankComputesAllAndExchangesNothing() {
    assertThat(TIME.step(100, 1_000_000, 1)).isCloseTo(2e-3, within(1e-15));
  }

  @Test
  void aRingSendsTwiceTheBytesHoweverManyRanksThereAre() {
    double bytes = TIME.exchange(1_000_000, 1024) - TIME.exchange(0, 1024);
    assertThat(bytes).isCloseTo(2 * 1023.0 / 1024 * 1_000_000 / 1e8, within(1e-12));
  }

  @Test
  void everyMessageTakesTheLatency() {
    double[] messages = {0, 2 + 1, 4 + 2, 6 + 2, 8 + 3};
    for (int ranks = 1; ranks <= 5; ranks++) {
      assertThat(TIME.exchange(0, ranks)).isCloseTo(messages[ranks - 1] * 2e-5, within(1e-15));
    }
    assertThat(TIME.exchange(0, 1024)).isCloseTo((2 * 1023 + 10) * 2e-5, within(1e-12));
  }

  @Test
  void theLargestShareOfABatchCounts() {
    assertThat(TIME.compute(10, 4)).isCloseTo(1e-3 + 3e-5, within(1e-15));
  }

  @Test
  void ranksThatShareCoresTakeTurns() {
    StepTime two = TIME.onOneHost(2);
    assertThat(two.step(12, 1000, 2)).isEqualTo(TIME.step(12, 1000, 2));
    for (int ranks = 3; ranks <= 4; ranks++) {
      assertThat(two.compute(12, ranks)).isEqualTo(2 * TIME.compute(12, ranks));
      assertThat(two.exchange(0, ranks)).isEqualTo(2 * TIME.exchange(0, ranks));
    }
  }

  @Test
  void allWaitForTheSlowest() {
    StepTime time =
        new StepTime(1, 0, List.of(6.0, 4.0, 5.0, 4.0, 8.0), NETWORK, Integer.MAX_VALUE);
    assertThat(time.waits(10, 1)).isZero();
    assertThat(time.waits(10, 2)).isCloseTo((4 * Math.sqrt(0.5) - 2) / 5, within(1e-12));
    assertThat(time.waits(10, 100_000)).isCloseTo(8.0 / 5 - 1, within(1e-4));
    assertThat(time.step(10, 0, 2))
        .isCloseTo(1 + time.waits(10, 2) + time.exchange(0, 2), within(1e-12));
  }

  @Test
  void numbersThatCannotBeAreRefused() {
    assertThatThrownBy(() -> new Loopback(-1, 1))
        .hasMessageContaining("a latency is not negative and a bandwidth is positive");
    assertThatThrownBy(() -> new StepTime(0, 0, List.of(0.0), NETWORK, 1))
        .hasMessageContaining("times are not negative");
    assertThatThrownBy(() -> TIME.onOneHost(0))
        .hasMessage("at least 1 rank computes at once, got 0");
  }

  @Test
  void stepsAreMeasuredAndTheWeightsStay() {
    try (PointerScope scope = new PointerScope()) {
      Representation rho = Representation.parse("C3: regular");
      EquivariantLinear layer = new EquivariantLinear(rho, rho);
      double[] before = Tensors.toArray(layer.weight());
      StepTime time = StepTime.measured(layer, 16, NETWORK);
      assertThat(Tensors.toArray(layer.weight())).isEqualTo(before);
      assertThat(time.compute(16, 1)).isPositive();
      assertThat(time.spread()).hasSizeGreaterThan(1).isSorted();
    }
  }

  @Test
  void twoProcessesMeasureTheirNetwork() throws IOException {
    Loopback here = Loopback.measure();
    assertThat(here.latency()).isBetween(1e-7, 1.0);
    assertThat(here.bandwidth()).isBetween(1e6, 1e12);
  }
}
