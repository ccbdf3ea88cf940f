package dev.noether.parallel;

import static dev.noether.algebra.Checks.require;

import java.time.Duration;

/**
 * How a group works.
 *
 * @param timeout how long a rank waits for the others to come; and how long after one of them fell
 *     silent all have ended: they wait for it somewhat less, and need the rest to find out which it
 *     was
 */
public record CommunicatorOptions(Duration timeout) {
  private static final CommunicatorOptions DEFAULTS =
      new CommunicatorOptions(Duration.ofMinutes(5));

  private static final Duration LONGEST_ANSWER = Duration.ofSeconds(3);

  /**
   * Checks them.
   *
   * @param timeout how long a rank waits for the others to come, and how long after one of them
   *     fell silent all have ended
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

  /** How long an answer may take of a rank whose main thread is busy. */
  static Duration answer(Duration timeout) {
    Duration part = timeout.dividedBy(5);
    return part.compareTo(LONGEST_ANSWER) < 0 ? part : LONGEST_ANSWER;
  }

  /**
   * How long a rank waits in an exchange, so that it has ended after the timeout: then the roll is
   * called, and rank 0 waits until all have heard what came of it.
   */
  static Duration exchange(Duration timeout) {
    return timeout.minus(answer(timeout).multipliedBy(2));
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
        "NCCL works between GPUs, on which ranks do not train yet: use gloo, with models on the CPU, "
            + "or train on one GPU in one process");
    require(backend.equalsIgnoreCase("gloo"), "the backend is gloo, got '%s'", backend);
    return this;
  }
}
