package dev.noether.parallel;

import static dev.noether.algebra.Checks.require;

import java.time.Duration;

/**
 * How a group works.
 *
 * @param timeout how long a rank waits for another one, at the start and later
 */
public record CommunicatorOptions(Duration timeout) {
  private static final CommunicatorOptions DEFAULTS =
      new CommunicatorOptions(Duration.ofMinutes(5));

  /**
   * Checks them.
   *
   * @param timeout how long a rank waits for another one, at the start and later
   * @throws IllegalArgumentException if the timeout is below a second or above a day
   */
  public CommunicatorOptions {
    require(
        timeout.compareTo(Duration.ofSeconds(1)) >= 0 && timeout.compareTo(Duration.ofDays(1)) <= 0,
        "a timeout is at least a second and at most a day, got %s s",
        timeout.toMillis() / 1e3);
  }

  /**
   * Five minutes.
   *
   * @return the options
   */
  public static CommunicatorOptions defaults() {
    return DEFAULTS;
  }

  /**
   * Another timeout: longer than the longest step, a validation and the writing of a checkpoint.
   *
   * @param other from a second to a day
   * @return new options
   * @throws IllegalArgumentException if it is below a second or above a day
   */
  public CommunicatorOptions withTimeout(Duration other) {
    return new CommunicatorOptions(other);
  }
}
