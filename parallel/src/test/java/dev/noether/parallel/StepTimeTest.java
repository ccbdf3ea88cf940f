package dev.noether.parallel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import org.junit.jupiter.api.Test;

/** The model of a step on many ranks. */
class StepTimeTest {
  private static final StepTime TIME = new StepTime(1e-3, 1e-5, 2e-5, 1e8);

  @Test
  void oneRankComputesAllAndExchangesNothing() {
    assertThat(TIME.step(100, 1_000_000, 1)).isCloseTo(2e-3, within(1e-15));
  }

  @Test
  void aRingSendsTwiceTheBytesHoweverManyRanksThereAre() {
    double bytes = TIME.exchange(1_000_000, 1024) - TIME.exchange(0, 1024);
    assertThat(bytes).isCloseTo(2 * 1023.0 / 1024 * 1_000_000 / 1e8, within(1e-12));
    assertThat(TIME.exchange(0, 1024)).isCloseTo(2 * 1023 * 2e-5, within(1e-12));
  }

  @Test
  void theLargestShareOfABatchCounts() {
    assertThat(TIME.compute(10, 4)).isCloseTo(1e-3 + 3e-5, within(1e-15));
  }

  @Test
  void timesAreNotNegative() {
    assertThatThrownBy(() -> new StepTime(0, 0, 0, 0))
        .hasMessageContaining("times are not negative and a bandwidth is positive");
  }

  @Test
  void twoProcessesMeasureTheirNetwork() throws IOException {
    Loopback here = Loopback.measure();
    assertThat(here.latency()).isBetween(1e-7, 1.0);
    assertThat(here.bandwidth()).isBetween(1e6, 1e12);
  }
}
