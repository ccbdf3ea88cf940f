package dev.noether.rep;

import dev.noether.algebra.Matrix;
import dev.noether.algebra.Sizes;
import dev.noether.group.Element;
import dev.noether.group.FiniteElement;
import dev.noether.group.FiniteIrrep;
import dev.noether.group.Group;
import dev.noether.group.Irrep;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A summand of a representation, on its own coordinates: irreps and an orthogonal matrix Q with
 * rho(g) = Q (irrep_1(g) + irrep_2(g) + ...) Q^T.
 *
 * <p>Copies of a summand share one part, so that direct sums of many copies cost little.
 */
final class Part {
  private final Group group;
  private final List<Irrep> irreps;
  private final Matrix basis;
  private final @Nullable SignedPermutations action;

  /** Keeps what it is given; {@code action} holds the matrices where they are known exactly. */
  Part(
      Group group,
      List<? extends Irrep> irreps,
      Matrix basis,
      @Nullable SignedPermutations action) {
    this.group = group;
    this.irreps = List.copyOf(irreps);
    this.basis = basis;
    this.action = action;
  }

  /** One irrep. */
  static Part of(Irrep irrep) {
    return of(irrep.group(), List.of(irrep));
  }

  /** Irreps one after another, each on coordinates of its own. */
  static Part of(Group group, List<? extends Irrep> irreps) {
    int size = Sizes.total("a sum", irreps.stream().mapToLong(Irrep::dimension).sum());
    return new Part(group, irreps, Matrix.identity(size), null);
  }

  Group group() {
    return group;
  }

  List<Irrep> irreps() {
    return irreps;
  }

  Matrix basis() {
    return basis;
  }

  int size() {
    return basis.rows();
  }

  /** The signed permutations, where the part was made from them. */
  @Nullable SignedPermutations action() {
    return action;
  }

  /** The same irreps and basis with the matrices known exactly. */
  Part withAction(SignedPermutations known) {
    return new Part(group, irreps, basis, known);
  }

  /** The matrix of an element of the group. */
  Matrix at(Element element) {
    return action != null && element instanceof FiniteElement g
        ? action.matrix(g.index())
        : timesBlocks(element).timesTranspose(basis);
  }

  /** Q (irrep_1(g) + irrep_2(g) + ...), without the zeros of the blocks. */
  Matrix timesBlocks(Element element) {
    int size = size();
    double[] entries = basis.toArray();
    double[] turned = new double[Sizes.entries("a matrix of " + group, size, size)];
    for (Representation.Copy copy : Representation.Copy.inARow(irreps)) {
      int d = copy.irrep().dimension();
      double[] block = block(copy.irrep(), element).toArray();
      for (int row = 0; row < size; row++) {
        int offset = row * size + copy.start();
        for (int i = 0; i < d; i++) {
          double sum = 0;
          for (int j = 0; j < d; j++) {
            sum += entries[offset + j] * block[j * d + i];
          }
          turned[offset + i] = sum;
        }
      }
    }
    return Matrix.of(size, size, turned);
  }

  /**
   * Whether the bases of two sums of one size are equal. Compared is what stands between the places
   * where a summand of both begins: the whole matrix of a sum of many is mostly zeros.
   */
  static boolean haveEqualBases(List<Part> left, List<Part> right) {
    int i = 0;
    int j = 0;
    while (i < left.size()) {
      int firstLeft = i;
      int firstRight = j;
      long sizes = (long) left.get(i++).size() - right.get(j++).size();
      while (sizes != 0) {
        sizes += sizes < 0 ? left.get(i++).size() : -right.get(j++).size();
      }
      if (!sumOfBases(left, firstLeft, i).equals(sumOfBases(right, firstRight, j))) {
        return false;
      }
    }
    return true;
  }

  private static Matrix sumOfBases(List<Part> parts, int from, int to) {
    return to - from == 1
        ? parts.get(from).basis
        : Matrix.blockDiagonal(parts.subList(from, to).stream().map(Part::basis).toList());
  }

  /** The matrix of one irrep. Equal finite groups are not compared again: their numbers agree. */
  private static Matrix block(Irrep irrep, Element element) {
    return irrep instanceof FiniteIrrep finite && element instanceof FiniteElement g
        ? finite.at(g.index())
        : irrep.at(element);
  }
}
