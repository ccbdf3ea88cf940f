package dev.noether.algebra;

import com.google.errorprone.annotations.FormatMethod;
import com.google.errorprone.annotations.FormatString;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Argument checks. Each message says what must hold, what came, and where it helps the fix. */
public final class Checks {
  private Checks() {}

  /**
   * Throws when a condition on an argument does not hold.
   *
   * @param condition what must hold
   * @param message the message, a {@link String#format} pattern
   * @param arguments the values for the pattern
   * @throws IllegalArgumentException if {@code condition} is false
   */
  @FormatMethod
  public static void require(
      boolean condition, @FormatString String message, @Nullable Object... arguments) {
    if (!condition) {
      throw new IllegalArgumentException(String.format(Locale.ROOT, message, arguments));
    }
  }

  /**
   * Gives back a value that must be there.
   *
   * @param <T> the type of the value
   * @param value the value
   * @param message the message, a {@link String#format} pattern
   * @param arguments the values for the pattern
   * @return the value
   * @throws IllegalArgumentException if the value is null
   */
  @FormatMethod
  public static <T> T requirePresent(
      @Nullable T value, @FormatString String message, @Nullable Object... arguments) {
    if (value == null) {
      throw new IllegalArgumentException(String.format(Locale.ROOT, message, arguments));
    }
    return value;
  }

  /**
   * Checks a probability with which something is dropped.
   *
   * @param probability the probability
   * @return the same
   * @throws IllegalArgumentException if it is not at least 0 and below 1
   */
  public static double requireDropout(double probability) {
    require(
        probability >= 0 && probability < 1,
        "the probability of dropout must be at least 0 and below 1, got %s",
        probability);
    return probability;
  }
}
