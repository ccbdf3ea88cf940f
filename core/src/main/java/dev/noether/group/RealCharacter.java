package dev.noether.group;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/** The character of a real irrep, class by class, and the complex character it is made from. */
final class RealCharacter {
  private static final Comparator<RealCharacter> ORDER =
      Comparator.comparing((RealCharacter character) -> !character.complex.isTrivial())
          .thenComparing(RealCharacter::dimension)
          .thenComparing(RealCharacter::values, ComplexCharacter::compareDescending);

  private final IrrepType type;
  private final int dimension;
  private final double[] values;
  private final ComplexCharacter complex;

  RealCharacter(IrrepType type, int dimension, double[] values, ComplexCharacter complex) {
    this.type = type;
    this.dimension = dimension;
    this.values = values;
    this.complex = complex;
  }

  IrrepType type() {
    return type;
  }

  int dimension() {
    return dimension;
  }

  double[] values() {
    return values;
  }

  ComplexCharacter complex() {
    return complex;
  }

  /** One per real irrep: the trivial one first, then by dimension, then larger values first. */
  static List<RealCharacter> of(FiniteGroup group) {
    CharacterTable table = group.characterTable();
    List<RealCharacter> found = new ArrayList<>();
    List<ComplexCharacter> conjugates = new ArrayList<>();
    for (int k = 0; k < table.size(); k++) {
      ComplexCharacter character = table.row(k);
      IrrepType type = table.type(k);
      if (type == IrrepType.COMPLEX && removeConjugate(conjugates, character, group)) {
        continue;
      }
      if (type == IrrepType.COMPLEX) {
        conjugates.add(character);
      }
      int copies = type == IrrepType.REAL ? 1 : 2;
      double[] values = Arrays.stream(character.real()).map(part -> copies * part).toArray();
      found.add(new RealCharacter(type, copies * character.degree(), values, character));
    }
    found.sort(ORDER);
    return List.copyOf(found);
  }

  private static boolean removeConjugate(
      List<ComplexCharacter> waiting, ComplexCharacter character, FiniteGroup group) {
    for (int i = 0; i < waiting.size(); i++) {
      if (waiting.get(i).isConjugateOf(character, group.classes())) {
        waiting.remove(i);
        return true;
      }
    }
    return false;
  }
}
