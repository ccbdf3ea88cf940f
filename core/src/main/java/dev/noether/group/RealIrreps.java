package dev.noether.group;

import dev.noether.algebra.Matrix;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/**
 * The real irreps of any finite group, from its character table and its regular representation.
 *
 * <p>Numbered from 0: the trivial one, then by dimension, then by character. Lines are read off the
 * character table; the others are cut out of the regular representation ({@link RegularCut}) and
 * turned into a basis where their endomorphisms are those of {@link Irrep#endomorphismBasis()}.
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

  static List<Irrep> of(FiniteGroup group) {
    List<Irrep> irreps = new ArrayList<>();
    for (RealCharacter character : RealCharacter.of(group)) {
      RealIrreps builder = new RealIrreps(group, character);
      double[] values = character.complex().degree() == 1 ? builder.linear() : builder.cut();
      IrrepId id = IrrepId.of(irreps.size());
      irreps.add(new Irrep(group, id, character.dimension(), character.type(), values));
    }
    return irreps;
  }

  /** A character of degree one: a sign, or the rotation by its angle. */
  private double[] linear() {
    double[] values = new double[group.order() * d * d];
    for (int g = 0; g < group.order(); g++) {
      int c = group.classes().of(g);
      double real = character.complex().real()[c];
      double imaginary = character.complex().imaginary()[c];
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

  /** Columns v_1, v_2, ..., then their images under i (and j and k), all orthonormal. */
  private Matrix adaptedBasis(RegularCut cut, double[] frame) {
    if (copies == 1) {
      return Matrix.identity(d);
    }
    List<Matrix> structures = new ArrayList<>(List.of(Matrix.identity(d)));
    double[] first = cut.complexStructure(frame, null);
    structures.add(Matrix.of(d, d, first));
    if (copies == 4) {
      structures.add(Matrix.of(d, d, cut.complexStructure(frame, first)));
      structures.add(structures.get(1).times(structures.get(2)));
    }
    Matrix[] columns = new Matrix[d];
    List<Matrix> taken = new ArrayList<>();
    int quotient = d / copies;
    for (int a = 0; a < quotient; a++) {
      Matrix vector = farthest(taken);
      for (int i = 0; i < copies; i++) {
        columns[i * quotient + a] = structures.get(i).times(vector);
        taken.add(columns[i * quotient + a]);
      }
    }
    double[] entries = new double[d * d];
    for (int row = 0; row < d; row++) {
      for (int column = 0; column < d; column++) {
        entries[row * d + column] = columns[column].get(row, 0);
      }
    }
    return Matrix.of(d, d, entries);
  }

  /** The unit vector of the axis that keeps most of its length orthogonal to those taken. */
  private Matrix farthest(List<Matrix> taken) {
    Matrix best = Matrix.of(d, 1, new double[d]);
    double longest = 0;
    for (int axis = 0; axis < d; axis++) {
      Matrix vector = Matrix.identity(d).columns(axis);
      for (int pass = 0; pass < 2; pass++) {
        for (Matrix other : taken) {
          vector = vector.plus(other.scale(-other.transpose().times(vector).get(0, 0)));
        }
      }
      double length = Math.sqrt(vector.transpose().times(vector).get(0, 0));
      if (length > longest + 1e-9) {
        longest = length;
        best = vector.scale(1 / length);
      }
    }
    return best;
  }

  /** The generators and their powers 2, 4, 8, ..., so that words stay short. */
  private List<Integer> steps() {
    List<Integer> steps = new ArrayList<>();
    for (int generator : group.generators()) {
      int power = generator;
      for (int k = 1; k < group.elementOrder(generator); k *= 2) {
        steps.add(power);
        power = group.multiply(power, power);
      }
    }
    return steps;
  }

  /** The matrices of a few elements, multiplied out to all others by breadth-first search. */
  private double[] extend(RegularCut cut, double[] frame, Matrix basis) {
    List<Integer> steps = steps();
    List<Matrix> images = new ArrayList<>();
    for (int generator : steps) {
      Matrix raw = Matrix.of(d, d, cut.matrix(frame, generator));
      images.add(polished(basis.transpose().times(raw).times(basis)));
    }
    double[] values = new double[group.order() * d * d];
    boolean[] known = new boolean[group.order()];
    Matrix[] matrices = new Matrix[group.order()];
    matrices[group.identity()] = Matrix.identity(d);
    known[group.identity()] = true;
    ArrayDeque<Integer> open = new ArrayDeque<>(List.of(group.identity()));
    while (!open.isEmpty()) {
      int done = open.remove();
      System.arraycopy(matrices[done].toArray(), 0, values, done * d * d, d * d);
      for (int i = 0; i < images.size(); i++) {
        int next = group.multiply(steps.get(i), done);
        if (!known[next]) {
          known[next] = true;
          matrices[next] = images.get(i).times(matrices[done]);
          open.add(next);
        }
      }
    }
    return values;
  }

  /** Averages over the endomorphisms, then one step M (3 I - M^T M) / 2 towards orthogonality. */
  private Matrix polished(Matrix raw) {
    Matrix commuting = raw;
    if (copies > 1) {
      commuting = Matrix.of(d, d, new double[d * d]);
      for (Matrix endomorphism : Irrep.endomorphismBasis(character.type(), d)) {
        commuting = commuting.plus(endomorphism.times(raw).timesTranspose(endomorphism));
      }
      commuting = commuting.scale(1.0 / copies);
    }
    Matrix gram = commuting.transpose().times(commuting);
    return commuting.times(Matrix.identity(d).scale(3).plus(gram.scale(-1))).scale(0.5);
  }

  /** Reads [[A, -B], [B, A]] as A + i B with the character that was chosen, not its conjugate. */
  private double[] oriented(double[] values) {
    int half = d / 2;
    double overlap = 0;
    for (int g = 0; g < group.order(); g++) {
      double imaginary = character.complex().imaginary()[group.classes().of(g)];
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
