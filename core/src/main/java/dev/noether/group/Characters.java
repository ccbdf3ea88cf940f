package dev.noether.group;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Finds all complex irreducible characters of a group and arranges them. */
final class Characters {
  /** The trivial one first, then by degree, then larger values first, class by class. */
  static final Comparator<ComplexCharacter> ORDER =
      Comparator.comparing((ComplexCharacter character) -> !character.isTrivial())
          .thenComparing(ComplexCharacter::degree)
          .thenComparing((a, b) -> ComplexCharacter.compareReal(a, 1, b, 1))
          .thenComparing(ComplexCharacter::compareImaginary);

  private Characters() {}

  static List<ComplexCharacter> of(FiniteGroup group) {
    ConjugacyClasses classes = group.classes();
    List<ComplexCharacter> characters =
        new ArrayList<>(
            classes.count() == group.order()
                ? AbelianCharacters.of(group)
                : DixonSchneider.of(group));
    characters.sort(ORDER);
    return List.copyOf(characters);
  }
}
