package dev.noether.group;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The character of a real irrep, class by class, and the complex character it is made from. */
final class RealCharacter {
  private static final Comparator<RealCharacter> ORDER =
      Comparator.comparing((RealCharacter character) -> !character.complex.isTrivial())
          .thenComparing(RealCharacter::dimension)
          .thenComparing(
              (a, b) -> ComplexCharacter.compareReal(a.complex, a.copies(), b.complex, b.copies()));

  private final IrrepType type;
  private final int dimension;
  private final ComplexCharacter complex;

  RealCharacter(IrrepType type, int dimension, ComplexCharacter complex) {
    this.type = type;
    this.dimension = dimension;
    this.complex = complex;
  }

  IrrepType type() {
    return type;
  }

  int dimension() {
    return dimension;
  }

  /** How many complex characters it is the sum of. */
  private int copies() {
    return type == IrrepType.REAL ? 1 : 2;
  }

  double value(int conjugacyClass) {
    return copies() * complex.real(conjugacyClass);
  }

  ComplexCharacter complex() {
    return complex;
  }

  /** One per real irrep: the trivial one first, then by dimension, then larger values first. */
  static List<RealCharacter> of(FiniteGroup group) {
    CharacterTable table = group.characterTable();
    List<RealCharacter> found = new ArrayList<>();
    List<ComplexCharacter> conjugates = new ArrayList<>();
    Set<List<Integer>> mirrors = new HashSet<>();
    for (int k = 0; k < table.size(); k++) {
      ComplexCharacter character = table.row(k);
      IrrepType type = table.type(k);
      if (type == IrrepType.COMPLEX && character instanceof AbelianCharacter abelian) {
        if (mirrors.remove(abelian.mirrorKey())) {
          continue;
        }
        mirrors.add(abelian.key());
      } else if (type == IrrepType.COMPLEX) {
        if (removeConjugate(conjugates, character, group)) {
          continue;
        }
        conjugates.add(character);
      }
      int copies = type == IrrepType.REAL ? 1 : 2;
      found.add(new RealCharacter(type, copies * character.degree(), character));
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
