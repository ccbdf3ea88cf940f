package dev.noether.group;

import dev.noether.algebra.Cyclotomic;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * One complex irreducible character, exact: for class c the eigenvalues of its elements, as
 * exponents of the root of unity of the elements' order, and their sum as doubles.
 */
final class ComplexCharacter {
  private final int degree;
  private final int[][] exponents;
  private final double[] real;
  private final double[] imaginary;

  ComplexCharacter(int degree, int[][] exponents, double[] real, double[] imaginary) {
    this.degree = degree;
    this.exponents = exponents;
    this.real = real;
    this.imaginary = imaginary;
  }

  int degree() {
    return degree;
  }

  int[][] exponents() {
    return exponents;
  }

  double[] real() {
    return real;
  }

  double[] imaginary() {
    return imaginary;
  }

  static ComplexCharacter of(ConjugacyClasses classes, int degree, int[][] exponents) {
    int r = classes.count();
    double[] real = new double[r];
    double[] imaginary = new double[r];
    for (int c = 0; c < r; c++) {
      int order = classes.elementOrder(c);
      if (degree == 1) {
        real[c] = Cyclotomic.cosine(exponents[c][0], order);
        imaginary[c] = Cyclotomic.sine(exponents[c][0], order);
      } else {
        Cyclotomic sum = classes.field(c).sumOfRoots(exponents[c]);
        boolean isReal = isClosedUnderConjugation(exponents[c], order);
        real[c] = sum.real();
        imaginary[c] = isReal ? 0 : sum.imaginary();
      }
    }
    return new ComplexCharacter(degree, exponents, real, imaginary);
  }

  private static boolean isClosedUnderConjugation(int[] exponents, int order) {
    return Arrays.equals(conjugates(exponents, order), exponents);
  }

  private static int[] conjugates(int[] exponents, int order) {
    return Arrays.stream(exponents).map(s -> (order - s) % order).sorted().toArray();
  }

  boolean isTrivial() {
    return degree == 1 && Arrays.stream(exponents).allMatch(exponent -> exponent[0] == 0);
  }

  boolean isConjugateOf(ComplexCharacter other, ConjugacyClasses classes) {
    return degree == other.degree
        && IntStream.range(0, exponents.length)
            .allMatch(
                c ->
                    Arrays.equals(
                        conjugates(exponents[c], classes.elementOrder(c)), other.exponents[c]));
  }

  /** Larger values first, entry by entry; values that differ by rounding only are equal. */
  static int compareDescending(double[] a, double[] b) {
    for (int i = 0; i < a.length; i++) {
      int comparison = Long.compare(Math.round(b[i] * 0x1p30), Math.round(a[i] * 0x1p30));
      if (comparison != 0) {
        return comparison;
      }
    }
    return 0;
  }
}
