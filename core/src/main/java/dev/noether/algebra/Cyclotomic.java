package dev.noether.algebra;

import static dev.noether.algebra.Checks.require;

import java.util.ArrayList;
import java.util.Arrays;
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
    require(order >= 1, "a root of unity has an order of at least 1, got %d", order);
    int[] sum = new int[order];
    for (int exponent : exponents) {
      sum[Math.floorMod(exponent, order)]++;
    }
    int[] modulus = cyclotomicPolynomial(order);
    int degree = modulus.length - 1;
    for (int top = order - 1; top >= degree; top--) {
      int factor = sum[top];
      for (int i = 0; factor != 0 && i <= degree; i++) {
        sum[top - degree + i] -= factor * modulus[i];
      }
    }
    int length = degree;
    while (length > 0 && sum[length - 1] == 0) {
      length--;
    }
    return new Cyclotomic(order, Arrays.stream(sum, 0, length).boxed().toList());
  }

  /** The minimal polynomial of e^(2 pi i / n), lowest coefficient first, by Moebius inversion. */
  private static int[] cyclotomicPolynomial(int n) {
    List<Integer> divided = new ArrayList<>();
    int[] polynomial = {1};
    for (int d = 1; d <= n; d++) {
      int sign = n % d == 0 ? moebius(n / d) : 0;
      if (sign > 0) {
        polynomial = timesPowerMinusOne(polynomial, d);
      } else if (sign < 0) {
        divided.add(d);
      }
    }
    for (int d : divided) {
      polynomial = overPowerMinusOne(polynomial, d);
    }
    return polynomial;
  }

  private static int[] timesPowerMinusOne(int[] polynomial, int d) {
    int[] product = new int[polynomial.length + d];
    for (int i = 0; i < polynomial.length; i++) {
      product[i + d] += polynomial[i];
      product[i] -= polynomial[i];
    }
    return product;
  }

  private static int[] overPowerMinusOne(int[] polynomial, int d) {
    int[] rest = polynomial.clone();
    int[] quotient = new int[polynomial.length - d];
    for (int i = quotient.length - 1; i >= 0; i--) {
      quotient[i] = rest[i + d];
      rest[i] += rest[i + d];
    }
    return quotient;
  }

  private static int moebius(int n) {
    int sign = 1;
    int rest = n;
    for (int p = 2; p <= rest; p++) {
      if (rest % p == 0) {
        rest /= p;
        if (rest % p == 0) {
          return 0;
        }
        sign = -sign;
      }
    }
    return sign;
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

  /** As GAP writes it, with E(n) the root of unity of order n: {@code -1}, {@code 1 + 2*E(5)^2}. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    for (int k = 0; k < coefficients.size(); k++) {
      int c = coefficients.get(k);
      if (c != 0) {
        String sign = c < 0 ? "-" : "+";
        text.append(text.isEmpty() ? (c < 0 ? "-" : "") : " " + sign + " ").append(term(c, k));
      }
    }
    return text.isEmpty() ? "0" : text.toString();
  }

  private String term(int coefficient, int exponent) {
    int size = Math.abs(coefficient);
    if (exponent == 0) {
      return String.valueOf(size);
    }
    String root = "E(" + order + ")" + (exponent == 1 ? "" : "^" + exponent);
    return size == 1 ? root : size + "*" + root;
  }
}
