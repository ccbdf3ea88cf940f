package dev.noether.hom;

import dev.noether.algebra.Matrix;
import dev.noether.group.Irrep;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;

/** Reads the basis elements of a block off at one entry of every slot. */
final class BlockBasis {
  /** An entry of an endomorphism that is not zero. */
  private record Entry(int row, int column, double factor) {}

  private final Matrix left;
  private final Matrix right;
  private final int dim;
  private final int slots;
  private final IdentityHashMap<Irrep, List<List<Entry>>> endomorphisms = new IdentityHashMap<>();

  BlockBasis(SummandPair pair, int dim, int slots) {
    this.left = pair.out().representation().changeOfBasis();
    this.right = pair.in().representation().changeOfBasis();
    this.dim = dim;
    this.slots = slots;
  }

  /**
   * Writes the basis of a block.
   *
   * @param shared the irreps that the two subsummands have in common
   * @param out the subsummand of the output
   * @param in the subsummand of the input
   * @param of the slots of the block
   * @param basis {@code [dim, slots]}: the numbers of each basis element
   * @param normSquared {@code [blocks, dim]}: the squared Frobenius norm of each basis element
   * @param block which block
   */
  void write(
      List<SummandPair.Shared> shared,
      Subsummand out,
      Subsummand in,
      Slots of,
      double[] basis,
      double[] normSquared,
      int block) {
    int[] witnesses = of.witnesses();
    int n = in.coordinates().length;
    int element = 0;
    for (SummandPair.Shared both : shared) {
      List<List<Entry>> endomorphisms = endomorphisms(both.irrep());
      for (Subsummand.Copy to : out.copies().get(both.out()).copies()) {
        for (Subsummand.Copy from : in.copies().get(both.in()).copies()) {
          for (List<Entry> endomorphism : endomorphisms) {
            for (int s = 0; s < slots; s++) {
              int row = out.coordinates()[witnesses[s] / n];
              int column = in.coordinates()[witnesses[s] % n];
              basis[element * slots + s] =
                  entry(row, to.column(), endomorphism, column, from.column());
            }
            normSquared[block * dim + element++] = both.irrep().dimension();
          }
        }
      }
    }
  }

  /** One entry of Q_out[:, copy] Psi Q_in[:, copy]^T. */
  private double entry(int row, int to, List<Entry> endomorphism, int column, int from) {
    double sum = 0;
    for (Entry psi : endomorphism) {
      sum += left.get(row, to + psi.row) * psi.factor * right.get(column, from + psi.column);
    }
    return sum;
  }

  private List<List<Entry>> endomorphisms(Irrep irrep) {
    return endomorphisms.computeIfAbsent(
        irrep, key -> key.endomorphismBasis().stream().map(BlockBasis::entries).toList());
  }

  private static List<Entry> entries(Matrix psi) {
    List<Entry> entries = new ArrayList<>();
    for (int p = 0; p < psi.rows(); p++) {
      for (int q = 0; q < psi.columns(); q++) {
        if (psi.get(p, q) != 0) {
          entries.add(new Entry(p, q, psi.get(p, q)));
        }
      }
    }
    return entries;
  }
}
