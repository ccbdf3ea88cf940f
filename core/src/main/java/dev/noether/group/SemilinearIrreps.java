package dev.noether.group;

import dev.noether.algebra.Matrix;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * The irreducible semilinear representations of a group S whose elements are linear or antilinear:
 * real matrices W(s) and a complex structure j with W(s) j = e(s) j W(s), where e(s) is 1 or -1.
 *
 * <p>They come from the real irreps R of S. Where R and e R have an antisymmetric intertwiner j, W
 * is R with j or -j. Otherwise W is the complex numbers times R, and R and e R give the same W.
 * What commutes with W and j is a division algebra, so W has a type, and its matrices are adapted
 * to it. Without antilinear elements these are the complex irreps of S; in general they are the
 * corepresentations of Wigner, <em>Group Theory</em> (1959), chapter 26.
 */
final class SemilinearIrreps {
  private static final Matrix TURN = Matrix.of(2, 2, 0, -1, 1, 0);
  private static final double TOLERANCE = 1e-6;

  private final boolean[] antilinear;
  private final List<Semilinear> found = new ArrayList<>();

  private SemilinearIrreps(boolean[] antilinear) {
    this.antilinear = antilinear;
  }

  /** W, adapted to its type, and j. */
  record Semilinear(TypedMatrices matrices, Matrix structure) {}

  /** From real irreps of S; with R there must be e R. */
  static List<Semilinear> of(List<TypedMatrices> irreps, boolean[] antilinear) {
    SemilinearIrreps semilinear = new SemilinearIrreps(antilinear);
    for (int k = 0; k < irreps.size(); k++) {
      int partner = semilinear.partner(irreps, k);
      if (partner == k) {
        semilinear.addOwn(irreps.get(k));
      } else if (partner > k) {
        semilinear.addTwice(irreps.get(k), onBothCopies(units(irreps.get(k))));
      }
    }
    return semilinear.found;
  }

  /** The endomorphisms i and j beside I, as many as there are. */
  private static List<Matrix> units(TypedMatrices irrep) {
    List<Matrix> basis = irrep.type().endomorphismBasis(irrep.dimension());
    return basis.subList(1, Math.min(3, basis.size()));
  }

  private static List<Matrix> onBothCopies(List<Matrix> units) {
    return units.stream().map(Matrix.identity(2)::kronecker).toList();
  }

  /** The place of e R. */
  private int partner(List<TypedMatrices> irreps, int k) {
    for (int other = 0; other < irreps.size(); other++) {
      if (isTwisted(irreps.get(k), irreps.get(other))) {
        return other;
      }
    }
    throw new IllegalStateException("an irrep times a sign is missing");
  }

  private boolean isTwisted(TypedMatrices irrep, TypedMatrices other) {
    return irrep.dimension() == other.dimension()
        && IntStream.range(0, antilinear.length)
            .allMatch(s -> Math.abs(other.trace(s) - sign(s) * irrep.trace(s)) < TOLERANCE);
  }

  private int sign(int s) {
    return antilinear[s] ? -1 : 1;
  }

  /** For R equal to e R. */
  private void addOwn(TypedMatrices irrep) {
    TypedMatrices twisted =
        TypedMatrices.of(irrep.type(), irrep.count(), s -> irrep.at(s).scale(sign(s)));
    Optional<Matrix> structure =
        Intertwiners.find(twisted, irrep, matrix -> matrix.plus(matrix.transpose().scale(-1)));
    if (structure.isPresent()) {
      addWith(irrep, structure.get());
    } else {
      Matrix symmetric =
          Intertwiners.find(twisted, irrep, matrix -> matrix.plus(matrix.transpose()))
              .orElseThrow();
      List<Matrix> structures = new ArrayList<>(onBothCopies(units(irrep)));
      structures.add(TURN.kronecker(symmetric));
      addTwice(irrep, structures);
    }
  }

  /** R with j; and with -j, which is another one where j commutes with the endomorphisms of R. */
  private void addWith(TypedMatrices irrep, Matrix j) {
    List<Matrix> units = units(irrep);
    if (units.stream().allMatch(unit -> unit.times(j).distance(j.times(unit)) < TOLERANCE)) {
      found.add(adapted(irrep, j, units));
      found.add(adapted(irrep, j.scale(-1), units));
    } else {
      found.add(adapted(irrep, j, commuting(irrep, j)));
    }
  }

  /** Where not all endomorphisms of R commute with j: the unit that does, if there is one. */
  private static List<Matrix> commuting(TypedMatrices irrep, Matrix j) {
    Matrix largest =
        irrep.type().endomorphismBasis(irrep.dimension()).stream()
            .skip(1)
            .map(unit -> unit.plus(j.times(unit).times(j).scale(-1)))
            .max(Comparator.comparing(SemilinearIrreps::norm))
            .orElseThrow();
    double scale = Math.sqrt(irrep.dimension()) / norm(largest);
    return norm(largest) < TOLERANCE ? List.of() : List.of(largest.scale(scale));
  }

  private static double norm(Matrix matrix) {
    return Math.sqrt(matrix.timesTranspose(matrix).trace());
  }

  /** R twice: antilinear elements change the sign of the second copy, j turns one to the other. */
  private void addTwice(TypedMatrices irrep, List<Matrix> structures) {
    TypedMatrices twice =
        TypedMatrices.of(
            IrrepType.REAL,
            irrep.count(),
            s -> Matrix.of(2, 2, 1, 0, 0, sign(s)).kronecker(irrep.at(s)));
    found.add(adapted(twice, TURN.kronecker(Matrix.identity(irrep.dimension())), structures));
  }

  private static Semilinear adapted(TypedMatrices matrices, Matrix j, List<Matrix> structures) {
    Matrix basis = AdaptedBasis.of(matrices.dimension(), structures);
    Matrix back = basis.transpose();
    IrrepType type =
        switch (structures.size()) {
          case 0 -> IrrepType.REAL;
          case 1 -> IrrepType.COMPLEX;
          default -> IrrepType.QUATERNIONIC;
        };
    return new Semilinear(
        TypedMatrices.of(type, matrices.count(), s -> back.times(matrices.at(s)).times(basis)),
        back.times(j).times(basis));
  }
}
