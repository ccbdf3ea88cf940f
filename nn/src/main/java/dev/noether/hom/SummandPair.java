package dev.noether.hom;

import dev.noether.algebra.Matrix;
import dev.noether.group.Irrep;
import dev.noether.rep.HomSpace;
import dev.noether.rep.SignedPermutations;
import java.util.Arrays;
import java.util.Optional;

/**
 * The basis of the equivariant maps between two kinds of summands, in as few numbers as they allow.
 *
 * <p>Every entry of such a map is one of {@code slots} numbers, up to its sign: {@code slot[row *
 * columns + column]} says which, {@code ~slot} for its negative, and {@link #ZERO} where every map
 * vanishes. Between signed permutations a slot is an orbit of pairs (row, column), because an
 * equivariant map is constant along it; elsewhere each entry has a slot of its own.
 *
 * @param out the kind of the output
 * @param in the kind of the input
 * @param dim the number of coefficients
 * @param slots the number of slots
 * @param slot the slot of every entry, row by row
 * @param basis {@code [dim, slots]}: the numbers of each basis element
 * @param normSquared the squared Frobenius norm of each basis element
 */
@SuppressWarnings("ArrayRecordComponent") // internal, never compared
record SummandPair(
    Summands.Kind out,
    Summands.Kind in,
    int dim,
    int slots,
    int[] slot,
    double[] basis,
    double[] normSquared) {
  static final int ZERO = Integer.MIN_VALUE;

  int rows() {
    return out.representation().size();
  }

  int columns() {
    return in.representation().size();
  }

  /** The number of pairs of summands that share this basis. */
  int pairs() {
    return out.places().size() * in.places().size();
  }

  /** Whether slots are orbits, so that a projection is a mean over each. */
  boolean isMonomial() {
    return slots == dim;
  }

  /** The numbers that a pair of the given size would keep if no orbits helped. */
  static long denseNumbers(Summands.Kind out, Summands.Kind in) {
    return (long) HomSpace.between(in.representation(), out.representation()).dim()
        * out.representation().size()
        * in.representation().size();
  }

  static Optional<SignedPermutations> permutations(Summands.Kind kind) {
    return SignedPermutations.of(kind.representation());
  }

  static SummandPair dense(Summands.Kind out, Summands.Kind in) {
    int[] slot = new int[out.representation().size() * in.representation().size()];
    if (HomSpace.between(in.representation(), out.representation()).dim() == 0) {
      Arrays.fill(slot, ZERO);
      return of(out, in, slot, 0);
    }
    Arrays.setAll(slot, i -> i);
    return of(out, in, slot, slot.length);
  }

  /** Slots are the orbits of the generators on pairs (row, column). */
  static SummandPair monomial(
      Summands.Kind out, Summands.Kind in, SignedPermutations rows, SignedPermutations columns) {
    int n = columns.size();
    int[] slot = new int[rows.size() * n];
    Arrays.fill(slot, ZERO);
    boolean[] seen = new boolean[slot.length];
    int generators = rows.group().generators().size();
    int[][] rowImages = new int[generators][];
    int[][] columnImages = new int[generators][];
    int[][] rowSigns = new int[generators][];
    int[][] columnSigns = new int[generators][];
    for (int g = 0; g < generators; g++) {
      rowImages[g] = rows.images(g);
      columnImages[g] = columns.images(g);
      rowSigns[g] = rows.signs(g);
      columnSigns[g] = columns.signs(g);
    }
    int[] orbit = new int[slot.length];
    int[] sign = new int[slot.length];
    int slots = 0;
    for (int first = 0; first < slot.length; first++) {
      if (seen[first]) {
        continue;
      }
      int length = 1;
      orbit[0] = first;
      sign[first] = 1;
      seen[first] = true;
      boolean vanishes = false;
      for (int next = 0; next < length; next++) {
        int row = orbit[next] / n;
        int column = orbit[next] % n;
        for (int g = 0; g < generators; g++) {
          int image = rowImages[g][row] * n + columnImages[g][column];
          int imageSign = sign[orbit[next]] * rowSigns[g][row] * columnSigns[g][column];
          if (!seen[image]) {
            seen[image] = true;
            sign[image] = imageSign;
            orbit[length++] = image;
          } else if (sign[image] != imageSign) {
            vanishes = true;
          }
        }
      }
      if (!vanishes) {
        for (int i = 0; i < length; i++) {
          slot[orbit[i]] = sign[orbit[i]] > 0 ? slots : ~slots;
        }
        slots++;
      }
    }
    return of(out, in, slot, slots);
  }

  /** Reads the basis elements off at one entry of every slot. */
  private static SummandPair of(Summands.Kind out, Summands.Kind in, int[] slot, int slots) {
    int[] witness = new int[slots];
    for (int i = slot.length - 1; i >= 0; i--) {
      if (slot[i] >= 0) {
        witness[slot[i]] = i;
      }
    }
    HomSpace space = HomSpace.between(in.representation(), out.representation());
    int dim = space.dim();
    double[] basis = new double[dim * slots];
    double[] normSquared = new double[dim];
    Matrix left = space.out().changeOfBasis();
    Matrix right = space.in().changeOfBasis();
    int n = in.representation().size();
    int element = 0;
    for (HomSpace.Block block : space.blocks()) {
      Irrep irrep = block.irrep();
      int d = irrep.dimension();
      for (int o = 0; o < block.out().multiplicity(); o++) {
        for (int i = 0; i < block.in().multiplicity(); i++) {
          int rowStart = block.out().start() + o * d;
          int columnStart = block.in().start() + i * d;
          for (Matrix endomorphism : irrep.endomorphismBasis()) {
            for (int s = 0; s < slots; s++) {
              basis[element * slots + s] =
                  entry(
                      left,
                      witness[s] / n,
                      rowStart,
                      endomorphism,
                      right,
                      witness[s] % n,
                      columnStart);
            }
            normSquared[element++] = d;
          }
        }
      }
    }
    return new SummandPair(out, in, dim, slots, slot, basis, normSquared);
  }

  /** One entry of Q_out[:, copy] Psi Q_in[:, copy]^T. */
  private static double entry(
      Matrix left, int row, int rowStart, Matrix psi, Matrix right, int column, int columnStart) {
    double sum = 0;
    for (int p = 0; p < psi.rows(); p++) {
      for (int q = 0; q < psi.columns(); q++) {
        double factor = psi.get(p, q);
        if (factor != 0) {
          sum += left.get(row, rowStart + p) * factor * right.get(column, columnStart + q);
        }
      }
    }
    return sum;
  }

  /** How many entries each slot has. */
  double[] slotSizes() {
    double[] sizes = new double[slots];
    for (int s : slot) {
      if (s != ZERO) {
        sizes[s >= 0 ? s : ~s]++;
      }
    }
    return sizes;
  }
}
