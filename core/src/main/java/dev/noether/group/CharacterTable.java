package dev.noether.group;

import static dev.noether.algebra.Checks.require;

import dev.noether.algebra.Cyclotomic;
import java.util.List;

/**
 * The complex irreducible characters of a finite group on its conjugacy classes, exact.
 *
 * <p>Rows are characters: the trivial one first, then by degree, then larger values first. Columns
 * are the classes in the order of {@link FiniteGroup#conjugacyClasses()}. Computed over a prime
 * field after Dixon and Schneider and lifted to sums of roots of unity; for abelian groups by
 * extension from subgroups.
 */
public final class CharacterTable {
  private final FiniteGroup group;
  private final List<ComplexCharacter> characters;

  CharacterTable(FiniteGroup group) {
    this.group = group;
    this.characters = Characters.of(group);
  }

  /**
   * The group.
   *
   * @return the group whose characters these are
   */
  public FiniteGroup group() {
    return group;
  }

  /**
   * The number of characters, which is the number of classes.
   *
   * @return the number of rows and of columns
   */
  public int size() {
    return characters.size();
  }

  /**
   * The degree: the complex dimension of the irrep.
   *
   * @param character the row, from 0
   * @return the value at the identity
   * @throws IllegalArgumentException if there is no such row
   */
  public int degree(int character) {
    return row(character).degree();
  }

  /**
   * One value, exact.
   *
   * @param character the row, from 0
   * @param conjugacyClass the column, from 0
   * @return the trace of the elements of the class, as a sum of roots of unity of their order
   * @throws IllegalArgumentException if there is no such row or column
   */
  public Cyclotomic value(int character, int conjugacyClass) {
    return group
        .classes()
        .field(column(conjugacyClass))
        .sumOfRoots(row(character).exponents(conjugacyClass));
  }

  /**
   * The real part of one value.
   *
   * @param character the row, from 0
   * @param conjugacyClass the column, from 0
   * @return the real part, rounded to a double
   * @throws IllegalArgumentException if there is no such row or column
   */
  public double real(int character, int conjugacyClass) {
    return row(character).real(column(conjugacyClass));
  }

  /**
   * The imaginary part of one value.
   *
   * @param character the row, from 0
   * @param conjugacyClass the column, from 0
   * @return the imaginary part, rounded to a double; exactly 0 for a real value
   * @throws IllegalArgumentException if there is no such row or column
   */
  public double imaginary(int character, int conjugacyClass) {
    return row(character).imaginary(column(conjugacyClass));
  }

  /**
   * The Frobenius-Schur indicator: the mean of the character over the squares of all elements.
   *
   * @param character the row, from 0
   * @return 1 for the real type, 0 for the complex, -1 for the quaternionic
   * @throws IllegalArgumentException if there is no such row
   */
  public int indicator(int character) {
    return row(character).indicator(group.classes());
  }

  /**
   * The Frobenius-Schur type of the real irrep that a character belongs to.
   *
   * @param character the row, from 0
   * @return the type
   * @throws IllegalArgumentException if there is no such row
   */
  public IrrepType type(int character) {
    return switch (indicator(character)) {
      case 1 -> IrrepType.REAL;
      case 0 -> IrrepType.COMPLEX;
      default -> IrrepType.QUATERNIONIC;
    };
  }

  ComplexCharacter row(int character) {
    require(
        character >= 0 && character < size(),
        "%s has characters 0 to %d, got %d",
        group,
        size() - 1,
        character);
    return characters.get(character);
  }

  private int column(int conjugacyClass) {
    require(
        conjugacyClass >= 0 && conjugacyClass < size(),
        "%s has conjugacy classes 0 to %d, got %d",
        group,
        size() - 1,
        conjugacyClass);
    return conjugacyClass;
  }
}
