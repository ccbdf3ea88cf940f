package dev.noether.train;

import java.io.Serial;

/** Training met a loss or a gradient that is not a finite number, and stopped. */
public final class NonFiniteException extends IllegalStateException {
  @Serial private static final long serialVersionUID = 1;

  /**
   * What happened.
   *
   * @param message the step, what was not finite, and the first layer or sample that tells why
   */
  public NonFiniteException(String message) {
    super(message);
  }
}
