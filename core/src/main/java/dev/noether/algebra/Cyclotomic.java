package dev.noether.algebra;

import static dev.noether.algebra.Checks.require;

import java.util.List;

/**
 * A sum of roots of unity with integer coefficients, exact: c_0 + c_1 z + c_2 z^2 + ... with z =
 * e^(2 pi i / order).
 *
 * <p>The coefficients are reduced by the cyclotomic polynomial of the order, so two numbers of one
 * order are equal exactly when their coefficients are.
 *
 * @param order the order of the root of unity z, at least 1
 * @param coefficients the coefficients of 1, z, z^2, ..., without trailing zeros
 */
public record Cyclotomic(int order, List<Integer> coefficients) {
  /**
   * Checks the order and copies the coefficients.
   *
   * @param order the order of the root of unity z, at least 1
   * @param coefficients the coefficients of 1, z, z^2, ..., without trailing zeros
   * @throws IllegalArgumentException if the order is below 1
   */
  public Cyclotomic {
    require(order >= 1, "a root of unity has an order of at least 1, got %d", order);
    coefficients = List.copyOf(coefficients);
  }

  /**
   * The sum of powers of a root of unity: z^a + z^b + ... with z = e^(2 pi i / order).
   *
   * @param order the order of z
   * @param exponents a, b, ...; any integers
   * @return the sum, reduced
   * @throws IllegalArgumentException if the order is below 1
   */
  public static Cyclotomic sumOfRoots(int order, int... exponents) {
    return CyclotomicField.of(order).sumOfRoots(exponents);
  }

  /**
   * The cosine of a rational turn, exact at the quarter turns.
   *
   * @param steps the number of steps
   * @param order the steps in a full turn
   * @return cos(2 pi steps / order), the same bytes on every machine
   */
  public static double cosine(long steps, int order) {
    long step = Math.floorMod(steps, (long) order);
    if (4 * step % order == 0) {
      int quarter = (int) (4 * step / order);
      return quarter % 2 == 1 ? 0 : 1 - quarter;
    }
    return StrictMath.cos(2 * Math.PI * step / order);
  }

  /**
   * The sine of a rational turn, exact at the quarter turns.
   *
   * @param steps the number of steps
   * @param order the steps in a full turn
   * @return sin(2 pi steps / order), the same bytes on every machine
   */
  public static double sine(long steps, int order) {
    long step = Math.floorMod(steps, (long) order);
    if (4 * step % order == 0) {
      int quarter = (int) (4 * step / order);
      return quarter % 2 == 0 ? 0 : 2 - quarter;
    }
    return StrictMath.sin(2 * Math.PI * step / order);
  }

  /**
   * The real part.
   *
   * @return the sum of the coefficients times cos(2 pi k / order)
   */
  public double real() {
    double sum = 0;
    for (int k = 0; k < coefficients.size(); k++) {
      sum += coefficients.get(k) * cosine(k, order);
    }
    return sum;
  }

  /**
   * The imaginary part.
   *
   * @return the sum of the coefficients times sin(2 pi k / order)
   */
  public double imaginary() {
    double sum = 0;
    for (int k = 0; k < coefficients.size(); k++) {
      sum += coefficients.get(k) * sine(k, order);
    }
    return sum;
  }

  /**
   * Whether this is an ordinary integer.
   *
   * @return true if no power of z above 0 occurs
   */
  public boolean isInteger() {
    return coefficients.size() <= 1;
  }

  /**
   * The shortest of these: an integer {@code -1}, a root of unity {@code -E(3)^2}, a square root
   * {@code (1 - sqrt(5))/2}, a cosine {@code E(7) + E(7)^6}, else the sum {@code 1 + 2*E(16)^2}.
   * E(n) is the root of unity of order n, as in GAP.
   */
  @Override
  public String toString() {
    return new CyclotomicText(this).toString();
  }
}
