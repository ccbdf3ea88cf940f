package dev.noether.algebra;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * Finds the shortest way to write a sum of roots of unity. Floating point guesses, exact comparison
 * decides.
 */
final class CyclotomicText {
  private final Cyclotomic number;
  private final int order;
  private final CyclotomicField field;
  private final double real;
  private final double imaginary;

  CyclotomicText(Cyclotomic number) {
    this.number = number;
    this.order = number.order();
    this.field = CyclotomicField.of(order);
    this.real = number.real();
    this.imaginary = number.imaginary();
  }

  @Override
  public String toString() {
    if (number.isInteger()) {
      return number.coefficients().isEmpty() ? "0" : String.valueOf(number.coefficients().get(0));
    }
    String text = multipleOfRoot();
    text = text.isEmpty() ? squareRoot() : text;
    text = text.isEmpty() ? cosine() : text;
    return text.isEmpty() ? sum() : text;
  }

  /** {@code E(5)^2} or {@code -3*E(4)}; empty where the number is none. */
  private String multipleOfRoot() {
    int size = (int) Math.round(StrictMath.hypot(real, imaginary));
    double steps = StrictMath.atan2(imaginary, real) / (2 * Math.PI) * order;
    int same = (int) Math.floorMod(Math.round(steps), (long) order);
    int[] coefficients = new int[order];
    coefficients[same] = size;
    if (field.reduced(coefficients).equals(number)) {
      return times(size, root(same));
    }
    int opposite = (int) Math.floorMod(Math.round(steps + order / 2.0), (long) order);
    coefficients = new int[order];
    coefficients[opposite] = -size;
    return field.reduced(coefficients).equals(number) ? "-" + times(size, root(opposite)) : "";
  }

  private static String times(int size, String root) {
    boolean negative = root.startsWith("-");
    String plain = negative ? root.substring(1) : root;
    return (negative ? "-" : "") + (size == 1 ? "" : size + "*") + plain;
  }

  /** z^k as {@code E(n)^j} in lowest terms, with a minus sign where that makes n or j smaller. */
  private String root(int k) {
    int common = greatestCommonDivisor(k, order);
    int n = order / common;
    int j = k / common;
    String sign = "";
    if (n % 4 == 2) {
      sign = "-";
      j = (j + n / 2) / 2 % (n / 2);
      n /= 2;
    } else if (n % 4 == 0 && j > n / 2) {
      sign = "-";
      j -= n / 2;
    }
    return sign + "E(" + n + ")" + (j == 1 ? "" : "^" + j);
  }

  private static int greatestCommonDivisor(int a, int b) {
    return b == 0 ? a : greatestCommonDivisor(b, a % b);
  }

  /** The root of x^2 - s x + p, where there is just one other conjugate; else empty. */
  private String squareRoot() {
    List<Cyclotomic> conjugates = new ArrayList<>(List.of(number));
    for (int power = 2; power < order && conjugates.size() <= 2; power++) {
      if (greatestCommonDivisor(power, order) == 1) {
        Cyclotomic conjugate = field.conjugate(number, power);
        if (!conjugates.contains(conjugate)) {
          conjugates.add(conjugate);
        }
      }
    }
    if (conjugates.size() != 2) {
      return "";
    }
    Cyclotomic other = conjugates.get(1);
    long s = Math.round(real + other.real());
    long p = Math.round(real * other.real() - imaginary * other.imaginary());
    long d = s * s - 4 * p;
    long f = 1;
    for (long i = 2; i * i <= Math.abs(d); i++) {
      while (d % (i * i) == 0) {
        d /= i * i;
        f *= i;
      }
    }
    boolean plus = d > 0 ? 2 * real > s : imaginary > 0;
    String root = d == -1 ? "E(4)" : "sqrt(" + d + ")";
    boolean whole = s % 2 == 0 && f % 2 == 0;
    long front = whole ? s / 2 : s;
    long factor = whole ? f / 2 : f;
    String surd = (factor == 1 ? "" : factor + "*") + root;
    String text = front == 0 ? (plus ? "" : "-") + surd : front + (plus ? " + " : " - ") + surd;
    return whole ? text : "(" + text + ")/2";
  }

  /** {@code E(7) + E(7)^6}, twice the cosine of a rational turn, or its negative; else empty. */
  private String cosine() {
    if (Math.abs(imaginary) > 1e-9 || Math.abs(real) > 2) {
      return "";
    }
    for (int sign : new int[] {1, -1}) {
      int k = (int) Math.round(StrictMath.acos(sign * real / 2) / (2 * Math.PI) * order);
      int[] coefficients = new int[order];
      coefficients[k % order] += sign;
      coefficients[(order - k) % order] += sign;
      if (k > 0 && field.reduced(coefficients).equals(number)) {
        return joined(
            Stream.of(signed(sign, root(k)), signed(sign, root(order - k)))
                .sorted(Comparator.comparing(String::length).thenComparing(root -> root))
                .toList());
      }
    }
    return "";
  }

  private static String signed(int sign, String root) {
    boolean negative = root.startsWith("-");
    String plain = negative ? root.substring(1) : root;
    return negative == sign > 0 ? "-" + plain : plain;
  }

  private String sum() {
    List<String> terms = new ArrayList<>();
    for (int k = 0; k < number.coefficients().size(); k++) {
      int c = number.coefficients().get(k);
      if (c != 0) {
        String root = k == 0 ? String.valueOf(Math.abs(c)) : times(Math.abs(c), root(k));
        terms.add(signed(c, root));
      }
    }
    return joined(terms);
  }

  private static String joined(List<String> terms) {
    StringBuilder text = new StringBuilder(terms.get(0));
    for (String term : terms.subList(1, terms.size())) {
      boolean negative = term.startsWith("-");
      text.append(negative ? " - " : " + ").append(negative ? term.substring(1) : term);
    }
    return text.toString();
  }
}
