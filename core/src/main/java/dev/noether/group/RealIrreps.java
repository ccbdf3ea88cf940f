package dev.noether.group;

import dev.noether.algebra.Matrix;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * The real irreps of any finite group, from its character table and its regular representation.
 *
 * <p>Numbered from 0: the trivial one, then by dimension, then by character. Lines are read off the
 * character table; the others are cut out of the regular representation ({@link RegularCut}) and
 * turned into a basis where their endomorphisms are those of {@link
 * FiniteIrrep#endomorphismBasis()}.
 */
final class RealIrreps {
  private static final int ATTEMPTS = 30;

  private final FiniteGroup group;
  private final RealCharacter character;
  private final int d;
  private final int copies;

  private RealIrreps(FiniteGroup group, RealCharacter character) {
    this.group = group;
    this.character = character;
    this.d = character.dimension();
    this.copies = character.type().endomorphismDimension();
  }

  static List<FiniteIrrep> of(FiniteGroup group) {
    List<FiniteIrrep> irreps = new ArrayList<>();
    for (RealCharacter character : RealCharacter.of(group)) {
      irreps.add(
          new FiniteIrrep(
              group,
              IrrepId.of(irreps.size()),
              character.type(),
              character.dimension(),
              characterOf(group, character),
              () -> new RealIrreps(group, character).matrices()));
    }
    return irreps;
  }

  private static IrrepCharacter characterOf(FiniteGroup group, RealCharacter character) {
    boolean complex = character.type() == IrrepType.COMPLEX;
    return IrrepCharacter.of(
        g -> {
          int c = group.classes().of(g);
          return complex ? character.complex().real(c) : character.value(c);
        },
        g -> complex ? character.complex().imaginary(group.classes().of(g)) : 0);
  }

  /** Those irreps whose characters are wanted, in their order. */
  static List<TypedMatrices> where(FiniteGroup group, Predicate<RealCharacter> wanted) {
    return RealCharacter.of(group).stream()
        .filter(wanted)
        .map(character -> new RealIrreps(group, character).matrices())
        .toList();
  }

  private TypedMatrices matrices() {
    double[] values = character.complex().degree() == 1 ? linear() : cut();
    return new TypedMatrices(character.type(), d, values);
  }

  /** A character of degree one: a sign, or the rotation by its angle. */
  private double[] linear() {
    double[] values = new double[group.order() * d * d];
    for (int g = 0; g < group.order(); g++) {
      int c = group.classes().of(g);
      double real = character.complex().real(c);
      double imaginary = character.complex().imaginary(c);
      if (d == 1) {
        values[g] = real;
      } else {
        values[4 * g] = real;
        values[4 * g + 1] = 0.0 - imaginary;
        values[4 * g + 2] = imaginary;
        values[4 * g + 3] = real;
      }
    }
    return values;
  }

  private double[] cut() {
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      RegularCut cut = new RegularCut(group, character, attempt);
      double[] frame = cut.frame();
      if (frame != null) {
        Matrix basis = adaptedBasis(cut, frame);
        double[] values = extend(cut, frame, basis);
        return character.type() == IrrepType.COMPLEX ? oriented(values) : values;
      }
    }
    throw new IllegalStateException("no irrep of dimension " + d + " separates in " + group);
  }

  /** The basis in which the endomorphisms are the standard ones. */
  private Matrix adaptedBasis(RegularCut cut, double[] frame) {
    List<Matrix> structures = new ArrayList<>();
    if (copies > 1) {
      double[] first = cut.complexStructure(frame, null);
      structures.add(Matrix.of(d, d, first));
      if (copies == 4) {
        structures.add(Matrix.of(d, d, cut.complexStructure(frame, first)));
      }
    }
    return AdaptedBasis.of(d, structures);
  }

  /** The matrices of a few elements, multiplied out to all others. */
  private double[] extend(RegularCut cut, double[] frame, Matrix basis) {
    List<Integer> letters = ShortWords.letters(group);
    List<Matrix> images = new ArrayList<>();
    for (int letter : letters) {
      Matrix raw = basis.transpose().times(Matrix.of(d, d, cut.matrix(frame, letter))).times(basis);
      images.add(TypedMatrices.orthogonalized(TypedMatrices.commuting(character.type(), raw)));
    }
    Matrix[] matrices = ShortWords.spread(group, letters, images, d);
    return TypedMatrices.of(character.type(), group.order(), g -> matrices[g]).values();
  }

  /** Reads [[A, -B], [B, A]] as A + i B with the character that was chosen, not its conjugate. */
  private double[] oriented(double[] values) {
    int half = d / 2;
    double overlap = 0;
    for (int g = 0; g < group.order(); g++) {
      double imaginary = character.complex().imaginary(group.classes().of(g));
      for (int i = 0; i < half; i++) {
        overlap += imaginary * values[(g * d + half + i) * d + i];
      }
    }
    for (int at = 0; overlap < 0 && at < values.length; at++) {
      if ((at / d % d < half) != (at % d < half)) {
        values[at] = 0.0 - values[at];
      }
    }
    return values;
  }
}
