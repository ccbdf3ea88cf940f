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

  /**
   * The library that exchanges tensors, by PyTorch's name. There is one, so nothing changes.
   *
   * @param backend {@code gloo}
   * @return these options
   * @throws IllegalArgumentException if it is another one
   */
  public CommunicatorOptions withBackend(String backend) {
    require(
        !backend.equalsIgnoreCase("nccl"),
        "NCCL cannot be had: LibTorch's Java binding does not have it. Ranks exchange tensors on "
            + "the CPU with gloo: leave models on the CPU, or train on one GPU in one process");
    require(backend.equalsIgnoreCase("gloo"), "the backend is gloo, got '%s'", backend);
    return this;
  }
}
