package dev.noether.group;

import dev.noether.algebra.Cyclotomic;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * One complex irreducible character, exact: for class c the eigenvalues of its elements, as
 * exponents of the root of unity of the elements' order, and their sum as doubles.
 */
interface ComplexCharacter {
  int degree();

  int[] exponents(int conjugacyClass);

  double real(int conjugacyClass);

  double imaginary(int conjugacyClass);

  boolean isTrivial();

  boolean isConjugateOf(ComplexCharacter other, ConjugacyClasses classes);

  /** The mean over the squares of all elements: 1, 0 or -1. */
  int indicator(ConjugacyClasses classes);

  /** The character of given eigenvalues, class by class. */
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
        boolean isReal = Arrays.equals(conjugates(exponents[c], order), exponents[c]);
        real[c] = sum.real();
        imaginary[c] = isReal ? 0 : sum.imaginary();
      }
    }
    return new Listed(degree, exponents, real, imaginary);
  }

  private static int[] conjugates(int[] exponents, int order) {
    return Arrays.stream(exponents).map(s -> (order - s) % order).sorted().toArray();
  }

  /**
   * Larger multiples of the real parts first, class by class; values that differ by rounding only
   * are equal.
   */
  static int compareReal(ComplexCharacter a, int timesA, ComplexCharacter b, int timesB) {
    if (a instanceof AbelianCharacter x && b instanceof AbelianCharacter y && x.isMirror(y)) {
      return 0;
    }
    return compareDescending(a.classes(), c -> timesA * a.real(c), c -> timesB * b.real(c));
  }

  /** Larger imaginary parts first. */
  static int compareImaginary(ComplexCharacter a, ComplexCharacter b) {
    return compareDescending(a.classes(), a::imaginary, b::imaginary);
  }

  private static int compareDescending(int classes, Values a, Values b) {
    for (int c = 0; c < classes; c++) {
      int comparison = Long.compare(Math.round(b.at(c) * 0x1p30), Math.round(a.at(c) * 0x1p30));
      if (comparison != 0) {
        return comparison;
      }
    }
    return 0;
  }

  /** A number for each class. */
  interface Values {
    double at(int conjugacyClass);
  }

  /** The number of classes. */
  int classes();

  /** All values kept. */
  final class Listed implements ComplexCharacter {
    private final int degree;
    private final int[][] exponents;
    private final double[] real;
    private final double[] imaginary;

    private Listed(int degree, int[][] exponents, double[] real, double[] imaginary) {
      this.degree = degree;
      this.exponents = exponents;
      this.real = real;
      this.imaginary = imaginary;
    }

    @Override
    public int degree() {
      return degree;
    }

    @Override
    public int classes() {
      return exponents.length;
    }

    @Override
    public int[] exponents(int conjugacyClass) {
      return exponents[conjugacyClass];
    }

    @Override
    public double real(int conjugacyClass) {
      return real[conjugacyClass];
    }

    @Override
    public double imaginary(int conjugacyClass) {
      return imaginary[conjugacyClass];
    }

    @Override
    public boolean isTrivial() {
      return degree == 1 && Arrays.stream(exponents).allMatch(exponent -> exponent[0] == 0);
    }

    @Override
    public boolean isConjugateOf(ComplexCharacter other, ConjugacyClasses classes) {
      return degree == other.degree()
          && IntStream.range(0, exponents.length)
              .allMatch(
                  c ->
                      Arrays.equals(
                          conjugates(exponents[c], classes.elementOrder(c)), other.exponents(c)));
    }

    @Override
    public int indicator(ConjugacyClasses classes) {
      double sum = 0;
      int elements = 0;
      for (int c = 0; c < exponents.length; c++) {
        sum += classes.size(c) * real[classes.square(c)];
        elements += classes.size(c);
      }
      return (int) Math.round(sum / elements);
    }
  }
}
