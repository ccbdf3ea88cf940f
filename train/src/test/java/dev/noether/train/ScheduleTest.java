package dev.noether.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class ScheduleTest {
  private static void assertAt(Schedule schedule, long step, double expected) {
    assertThat(schedule.at(step)).isCloseTo(expected, within(1e-12));
  }

  @Test
  void schedulesAreTheirFormulas() {
    assertAt(Schedule.constant(), 1_000_000, 1);
    assertAt(Schedule.step(10, 0.5), 9, 1);
    assertAt(Schedule.step(10, 0.5), 20, 0.25);
    assertAt(Schedule.cosine(10), 0, 1);
    assertAt(Schedule.cosine(10), 5, 0.5);
    assertAt(Schedule.cosine(10), 11, 0);
    assertAt(Schedule.polynomial(10, 2), 5, 0.25);
    assertAt(Schedule.polynomial(10, 1), 12, 0);
  }

  @Test
  void oneCycleRisesToOneAndFallsToNearlyZero() {
    // PyTorch's OneCycleLR(max_lr=1, total_steps=100): the peak is at 0.3 * 100 - 1.
    Schedule cycle = Schedule.oneCycle(100);
    assertAt(cycle, 0, 0.04);
    assertAt(cycle, 29, 1);
    assertAt(cycle, 64, (1 + 4e-6) / 2);
    assertAt(cycle, 99, 4e-6);
    assertAt(cycle, 1000, 4e-6);
    assertAt(Schedule.oneCycle(1), 0, 1);
  }

  @Test
  void aWarmUpLeadsIntoWhatFollows() {
    Schedule schedule = Schedule.warmUp(4, Schedule.polynomial(10, 1));
    assertAt(schedule, 0, 0.25);
    assertAt(schedule, 3, 1);
    assertAt(schedule, 4, 1);
    assertAt(schedule, 9, 0.5);
  }

  @Test
  void lengthsAndFactorsThatMakeNoScheduleAreRefused() {
    assertThatThrownBy(() -> Schedule.cosine(-5))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a schedule must take at least 1 step, got -5");
    assertThatThrownBy(() -> Schedule.warmUp(0, Schedule.constant()))
        .hasMessage("a schedule must take at least 1 step, got 0");
    assertThatThrownBy(() -> Schedule.step(5, 0))
        .hasMessage("the factor of a schedule must be positive, got 0.0");
    assertThatThrownBy(() -> Schedule.polynomial(5, -1))
        .hasMessage("the power of a schedule must be positive, got -1.0");
  }
}
