package dev.noether.algebra;

import static dev.noether.algebra.Checks.require;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The numbers that are sums of roots of unity of one order, with the polynomial that reduces them.
 */
public final class CyclotomicField {
  private final int order;
  private final int[] modulus;

  private CyclotomicField(int order) {
    this.order = order;
    this.modulus = cyclotomicPolynomial(order);
  }

  /**
   * The field of an order.
   *
   * @param order the order of the root of unity z = e^(2 pi i / order)
   * @return the field
   * @throws IllegalArgumentException if the order is below 1
   */
  public static CyclotomicField of(int order) {
    require(order >= 1, "a root of unity has an order of at least 1, got %d", order);
    return new CyclotomicField(order);
  }

  /**
   * The sum of powers of the root of unity: z^a + z^b + ...
   *
   * @param exponents a, b, ...; any integers
   * @return the sum, reduced
   */
  public Cyclotomic sumOfRoots(int... exponents) {
    int[] sum = new int[order];
    for (int exponent : exponents) {
      sum[Math.floorMod(exponent, order)]++;
    }
    return reduced(sum);
  }

  /** The image of a number of this field under the automorphism that takes z to z^power. */
  Cyclotomic conjugate(Cyclotomic number, int power) {
    int[] sum = new int[order];
    for (int k = 0; k < number.coefficients().size(); k++) {
      sum[Math.floorMod((long) k * power, order)] += number.coefficients().get(k);
    }
    return reduced(sum);
  }

  /** The number of the coefficients of 1, z, ..., z^(order - 1), which are overwritten. */
  Cyclotomic reduced(int[] sum) {
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
}
