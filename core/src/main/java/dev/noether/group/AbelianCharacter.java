package dev.noether.group;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * A character of an abelian group, known by its values on the generators of its coordinates, as
 * steps of 1 / exponent of a full turn. Other values are computed when asked for.
 */
final class AbelianCharacter implements ComplexCharacter {
  private final ConjugacyClasses classes;
  private final AbelianCoordinates coordinates;
  private final int[] steps;
  private final int exponent;

  AbelianCharacter(
      ConjugacyClasses classes, AbelianCoordinates coordinates, int[] steps, int exponent) {
    this.classes = classes;
    this.coordinates = coordinates;
    this.steps = steps;
    this.exponent = exponent;
  }

  @Override
  public int degree() {
    return 1;
  }

  @Override
  public int classes() {
    return classes.count();
  }

  @Override
  public int[] exponents(int conjugacyClass) {
    return new int[] {exponentOf(conjugacyClass)};
  }

  private int exponentOf(int c) {
    int turn = coordinates.sum(classes.representative(c), steps, exponent);
    return (int) ((long) turn * classes.elementOrder(c) / exponent);
  }

  @Override
  public double real(int c) {
    return classes.turns(c).cosine(exponentOf(c));
  }

  @Override
  public double imaginary(int c) {
    return classes.turns(c).sine(exponentOf(c));
  }

  @Override
  public boolean isTrivial() {
    return Arrays.stream(steps).allMatch(step -> step == 0);
  }

  @Override
  public boolean isConjugateOf(ComplexCharacter other, ConjugacyClasses ignored) {
    return other instanceof AbelianCharacter character && isMirror(character);
  }

  /** Whether the other is its complex conjugate. */
  boolean isMirror(AbelianCharacter other) {
    return IntStream.range(0, steps.length)
        .allMatch(t -> (steps[t] + other.steps[t]) % exponent == 0);
  }

  /** What tells it from the other characters. */
  java.util.List<Integer> key() {
    return Arrays.stream(steps).boxed().toList();
  }

  /** The key of its complex conjugate. */
  java.util.List<Integer> mirrorKey() {
    return Arrays.stream(steps).map(step -> (exponent - step) % exponent).boxed().toList();
  }

  @Override
  public int indicator(ConjugacyClasses ignored) {
    return isMirror(this) ? 1 : 0;
  }
}
