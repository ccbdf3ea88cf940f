package dev.noether.algebra;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Arithmetic modulo a prime below 2^31, and the roots of polynomials there.
 *
 * <p>Polynomials are arrays of coefficients, lowest first. Everything is exact.
 *
 * @param prime the modulus; must be prime, which is not checked
 */
public record PrimeField(long prime) {
  /**
   * The smallest field above 2^30 that holds the roots of unity of an order.
   *
   * @param order the order e
   * @return the field of the first prime p above 2^30 with p = 1 modulo e
   */
  public static PrimeField withRootsOfUnity(int order) {
    long candidate = (1L << 30) / order * order + order + 1;
    while (!isPrime(candidate)) {
      candidate += order;
    }
    return new PrimeField(candidate);
  }

  private static boolean isPrime(long n) {
    for (long d = 2; d * d <= n; d++) {
      if (n % d == 0) {
        return false;
      }
    }
    return true;
  }

  /**
   * An element of the given multiplicative order.
   *
   * @param order the order; must divide p - 1
   * @return the same primitive root of unity at every call
   */
  public long rootOfUnity(int order) {
    for (long base = 2; ; base++) {
      long root = power(base, (prime - 1) / order);
      boolean primitive = true;
      for (int q = 2; q <= order; q++) {
        primitive &= order % q != 0 || !isPrime(q) || power(root, order / q) != 1;
      }
      if (primitive) {
        return root;
      }
    }
  }

  /**
   * A power.
   *
   * @param base the base
   * @param exponent the exponent, not negative
   * @return base^exponent
   */
  public long power(long base, long exponent) {
    long result = 1;
    long square = Math.floorMod(base, prime);
    for (long rest = exponent; rest > 0; rest >>= 1) {
      if ((rest & 1) == 1) {
        result = result * square % prime;
      }
      square = square * square % prime;
    }
    return result;
  }

  /**
   * The inverse of a number that is not a multiple of p.
   *
   * @param value the number
   * @return its inverse
   */
  public long inverse(long value) {
    return power(value, prime - 2);
  }

  /**
   * The roots of a polynomial that is a product of distinct linear factors, after Cantor and
   * Zassenhaus with the shifts 0, 1, 2, ... in place of random ones.
   *
   * @param polynomial the coefficients, lowest first, monic
   * @return its roots, ascending
   */
  public long[] roots(long[] polynomial) {
    List<Long> found = new ArrayList<>();
    split(polynomial, 0, found);
    return found.stream().mapToLong(Long::longValue).sorted().toArray();
  }

  private void split(long[] f, long shift, List<Long> found) {
    if (f.length <= 2) {
      if (f.length == 2) {
        found.add(f[0] == 0 ? 0 : prime - f[0]);
      }
      return;
    }
    long[] half = halfPower(shift, f);
    half[0] = Math.floorMod(half[0] - 1, prime);
    long[] factor = gcd(f, trim(half));
    long[] cofactor = factor.length <= 1 ? f : quotient(f, factor);
    split(cofactor, shift + 1, found);
    if (factor.length > 1) {
      split(factor, shift + 1, found);
    }
  }

  /** (x + shift)^((p-1)/2) modulo f. */
  private long[] halfPower(long shift, long[] f) {
    long exponent = (prime - 1) / 2;
    int degree = f.length - 1;
    long[] result = new long[degree];
    result[0] = 1;
    for (long bit = Long.highestOneBit(exponent); bit > 0; bit >>= 1) {
      result = remainder(product(result, result), f);
      if ((exponent & bit) != 0) {
        long[] shifted = new long[degree + 1];
        for (int i = 0; i < degree; i++) {
          shifted[i + 1] = (shifted[i + 1] + result[i]) % prime;
          shifted[i] = (shifted[i] + result[i] * shift) % prime;
        }
        result = remainder(shifted, f);
      }
    }
    return result;
  }

  private long[] product(long[] a, long[] b) {
    long[] result = new long[a.length + b.length - 1];
    for (int i = 0; i < a.length; i++) {
      for (int j = 0; a[i] != 0 && j < b.length; j++) {
        result[i + j] = (result[i + j] + a[i] * b[j]) % prime;
      }
    }
    return result;
  }

  /** The remainder by a monic polynomial, padded to its degree. */
  private long[] remainder(long[] a, long[] monic) {
    long[] rest = a.clone();
    int degree = monic.length - 1;
    for (int top = rest.length - 1; top >= degree; top--) {
      long factor = prime - rest[top];
      for (int i = 0; rest[top] != 0 && i < degree; i++) {
        rest[top - degree + i] = (rest[top - degree + i] + factor * monic[i]) % prime;
      }
    }
    return Arrays.copyOf(rest, degree);
  }

  private long[] quotient(long[] a, long[] monic) {
    long[] rest = a.clone();
    int degree = monic.length - 1;
    long[] result = new long[a.length - degree];
    for (int top = rest.length - 1; top >= degree; top--) {
      result[top - degree] = rest[top];
      long factor = prime - rest[top];
      for (int i = 0; i < degree; i++) {
        rest[top - degree + i] = (rest[top - degree + i] + factor * monic[i]) % prime;
      }
    }
    return result;
  }

  private long[] gcd(long[] a, long[] b) {
    long[] larger = a;
    long[] smaller = b;
    while (smaller.length > 0) {
      long scale = inverse(smaller[smaller.length - 1]);
      long[] monic = new long[smaller.length];
      for (int i = 0; i < monic.length; i++) {
        monic[i] = smaller[i] * scale % prime;
      }
      smaller = trim(larger.length >= monic.length ? remainder(larger, monic) : larger);
      larger = monic;
    }
    return larger;
  }

  private static long[] trim(long[] polynomial) {
    int length = polynomial.length;
    while (length > 0 && polynomial[length - 1] == 0) {
      length--;
    }
    return Arrays.copyOf(polynomial, length);
  }
}
