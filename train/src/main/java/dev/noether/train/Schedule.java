package dev.noether.train;

import static dev.noether.algebra.Checks.require;

/**
 * By how much the learning rate of each parameter group is multiplied at each step of the
 * optimizer: a function of the step alone, so a resumed run needs to remember nothing of it.
 *
 * <pre>{@code
 * Schedule schedule = Schedule.warmUp(500, Schedule.cosine(10_000));
 * double first = schedule.at(0);
 * }</pre>
 */
@FunctionalInterface
public interface Schedule {
  /**
   * The factor at a step.
   *
   * @param step the number of steps done before it: 0 for the first
   * @return what the learning rate that the optimizer was made with is multiplied by
   */
  double at(long step);

  /**
   * The learning rate stays as it is.
   *
   * @return 1 at every step
   */
  static Schedule constant() {
    return step -> 1;
  }

  /**
   * Falls by a factor again and again, as PyTorch's {@code StepLR}.
   *
   * @param every the number of steps between
   * @param factor what it is multiplied by each time
   * @return {@code factor^(step / every)}, rounded down
   * @throws IllegalArgumentException if {@code every} is below 1 or the factor is not positive
   */
  static Schedule step(long every, double factor) {
    requireSteps(every);
    require(factor > 0, "the factor of a schedule must be positive, got %s", factor);
    return step -> {
      long falls = step / every;
      return Math.pow(factor, (double) falls);
    };
  }

  /**
   * Falls to zero along half a cosine, and stays there.
   *
   * @param steps the number of steps that it takes
   * @return {@code (1 + cos(pi step / steps)) / 2}
   * @throws IllegalArgumentException if {@code steps} is below 1
   */
  static Schedule cosine(long steps) {
    requireSteps(steps);
    return step -> (1 + Math.cos(Math.PI * Math.min(step, steps) / steps)) / 2;
  }

  /**
   * Falls to zero as a power, and stays there, as PyTorch's {@code PolynomialLR}; linearly where
   * the power is 1.
   *
   * @param steps the number of steps that it takes
   * @param power the power
   * @return {@code (1 - step / steps)^power}
   * @throws IllegalArgumentException if {@code steps} is below 1 or the power is not positive
   */
  static Schedule polynomial(long steps, double power) {
    requireSteps(steps);
    require(power > 0, "the power of a schedule must be positive, got %s", power);
    return step -> Math.pow(1 - (double) Math.min(step, steps) / steps, power);
  }

  /**
   * One cycle: from a 25th up to 1 along half a cosine in the first three tenths, then down to a
   * 250,000th, as PyTorch's {@code OneCycleLR} does unless told otherwise. The learning rate of the
   * optimizer is the highest one.
   *
   * @param steps the number of steps that it takes
   * @return the schedule
   * @throws IllegalArgumentException if {@code steps} is below 1
   */
  static Schedule oneCycle(long steps) {
    requireSteps(steps);
    double start = 1.0 / 25;
    double end = start / 10_000;
    double peak = Math.max(0.3 * steps - 1, 0);
    double down = Math.max(steps - 1 - peak, 1);
    return step ->
        step < peak
            ? between(start, 1, step / peak)
            : between(1, end, Math.min((step - peak) / down, 1));
  }

  /** From one number to another along half a cosine. */
  private static double between(double from, double to, double part) {
    return to + (from - to) * (1 + Math.cos(Math.PI * part)) / 2;
  }

  /**
   * Rises linearly from near zero, then follows another schedule.
   *
   * @param steps the number of steps that it rises for
   * @param then what follows, beginning at its own step 0
   * @return {@code (step + 1) / steps * then(0)} at first, {@code then(step - steps)} afterwards
   * @throws IllegalArgumentException if {@code steps} is below 1
   */
  static Schedule warmUp(long steps, Schedule then) {
    requireSteps(steps);
    return step -> step < steps ? then.at(0) * (step + 1) / steps : then.at(step - steps);
  }

  private static void requireSteps(long steps) {
    require(steps >= 1, "a schedule must take at least 1 step, got %d", steps);
  }
}
